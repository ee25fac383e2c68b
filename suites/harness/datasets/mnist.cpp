// MNIST in its four IDX files, unpacked. LeCun, Bottou, Bengio, Haffner, "Gradient-based learning
// applied to document recognition", 1998. IDX: two zero bytes, the type of a value (8: a byte), the
// number of dimensions, each dimension as a big-endian number of four bytes, the values.

#include "suites/harness/dataset.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>
#include <stdexcept>

namespace ticketbench {
namespace {

torch::Tensor read_idx(const DatasetFile& file, const std::filesystem::path& data,
                       const std::vector<int64_t>& shape) {
  const std::string bytes = read_checked(file, data);
  const size_t head = 4 + 4 * shape.size();
  const auto byte = [&](size_t at) {
    return static_cast<int64_t>(static_cast<uint8_t>(bytes[at]));
  };
  const auto refuse = [&](const std::string& what) {
    throw std::invalid_argument(fmt::format("{}: {}", (data / file.path).string(), what));
  };
  if (bytes.size() < head) refuse(fmt::format("{} bytes, too few for the head", bytes.size()));
  const std::vector<int64_t> kind{byte(0), byte(1), byte(2), byte(3)};
  const std::vector<int64_t> wanted{0, 0, 8, static_cast<int64_t>(shape.size())};
  if (kind != wanted)
    refuse(fmt::format("begins with {}, expected {}; is it unpacked?", fmt::join(kind, " "),
                       fmt::join(wanted, " ")));
  std::vector<int64_t> found;
  for (size_t d = 4; d < head; d += 4)
    found.push_back(byte(d) << 24 | byte(d + 1) << 16 | byte(d + 2) << 8 | byte(d + 3));
  if (found != shape)
    refuse(fmt::format("{} values found, {} expected", fmt::join(found, " x "),
                       fmt::join(shape, " x ")));
  torch::Tensor values = torch::empty(shape, torch::kUInt8);
  if (bytes.size() - head != values.nbytes())
    refuse(
        fmt::format("{} bytes of values found, {} expected", bytes.size() - head, values.nbytes()));
  std::memcpy(values.mutable_data_ptr<uint8_t>(), bytes.data() + head, values.nbytes());
  return values;
}

Images read_pair(const DatasetCard& card, const std::filesystem::path& data, size_t first,
                 int64_t count) {
  torch::Tensor labels = read_idx(card.files[first + 1], data, {count}).to(torch::kInt64);
  if (const auto largest = labels.max().item<int64_t>(); largest >= card.classes) {
    throw std::invalid_argument(fmt::format("{}: label {} of {} classes",
                                            card.files[first + 1].path, largest, card.classes));
  }
  return {
      read_idx(card.files[first], data, {count, card.input.height, card.input.width}).unsqueeze(-1),
      labels};
}

const DatasetCard kMnist{
    .name = "mnist",
    .title = "MNIST, 60,000 + 10,000 handwritten digits",
    .classes = 10,
    .input = {1, 28, 28},
    .train_examples = 60000,
    .test_examples = 10000,
    .mean = {0.1307},
    .deviation = {0.3081},
    .files = {{"mnist/train-images-idx3-ubyte", 47040016,
               "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
              {"mnist/train-labels-idx1-ubyte", 60008,
               "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
              {"mnist/t10k-images-idx3-ubyte", 7840016,
               "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
              {"mnist/t10k-labels-idx1-ubyte", 10008,
               "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}},
    .load = [](const DatasetCard& card, const std::filesystem::path& data) {
      return Dataset{read_pair(card, data, 0, card.train_examples),
                     read_pair(card, data, 2, card.test_examples)};
    }};

TICKETBENCH_REGISTER_DATASET(mnist, kMnist);

}  // namespace
}  // namespace ticketbench
