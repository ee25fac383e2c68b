// SVHN, the cropped digits. Netzer et al., "Reading digits in natural images with unsupervised
// feature learning", 2011. Two MATLAB files: X [32, 32, 3, N], y [N, 1] with 10 for the digit 0.

#include "suites/harness/dataset.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <matio.h>
#include <memory>
#include <stdexcept>

namespace ticketbench {
namespace {

using MatFile = std::unique_ptr<mat_t, int (*)(mat_t*)>;
using MatVariable = std::unique_ptr<matvar_t, void (*)(matvar_t*)>;

// MATLAB stores the first index fastest; its bytes are those of a tensor with the indices turned
// round. Throws unless `name` is a full array of bytes or doubles of that `shape`, in MATLAB's
// order.
torch::Tensor read_array(mat_t* file, const std::string& path, const char* name,
                         const std::vector<int64_t>& shape) {
  const auto refuse = [&](const std::string& what) {
    throw std::invalid_argument(fmt::format("{}: variable {}: {}", path, name, what));
  };
  const MatVariable variable(Mat_VarRead(file, name), Mat_VarFree);
  if (!variable || variable->data == nullptr) refuse("missing or damaged");
  const std::vector<int64_t> found(variable->dims, variable->dims + variable->rank);
  if (found != shape)
    refuse(fmt::format("{} values found, {} expected", fmt::join(found, " x "),
                       fmt::join(shape, " x ")));
  if (variable->class_type != MAT_C_UINT8 && variable->class_type != MAT_C_DOUBLE)
    refuse(fmt::format("MATLAB's class {} found, uint8 or double expected",
                       static_cast<int>(variable->class_type)));
  const auto type = variable->class_type == MAT_C_UINT8 ? torch::kUInt8 : torch::kFloat64;
  const std::vector<int64_t> turned(shape.rbegin(), shape.rend());
  return torch::from_blob(variable->data, turned, type).clone();
}

Images read_split(const DatasetFile& file, const DatasetCard& card,
                  const std::filesystem::path& data, int64_t count) {
  read_checked(file, data);
  const std::string path = (data / file.path).string();
  const MatFile mat(Mat_Open(path.c_str(), MAT_ACC_RDONLY), Mat_Close);
  if (!mat) throw std::invalid_argument(path + ": not a MATLAB file");
  const torch::Tensor x =
      read_array(mat.get(), path, "X", {card.input.height, card.input.width, 3, count});
  torch::Tensor labels = read_array(mat.get(), path, "y", {count, 1}).flatten().to(torch::kInt64);
  const int64_t smallest = labels.min().item<int64_t>();
  const int64_t largest = labels.max().item<int64_t>();
  if (smallest < 1 || largest > card.classes) {
    throw std::invalid_argument(fmt::format("{}: labels from {} to {} found, 1 to {} expected",
                                            path, smallest, largest, card.classes));
  }
  // [N, colour, column, row] as it lies there.
  return {x.permute({0, 3, 2, 1}).contiguous(), labels.remainder(card.classes)};
}

const DatasetCard kSvhn{
    .name = "svhn",
    .title = "SVHN, 73,257 + 26,032 cropped house numbers",
    .classes = 10,
    .train_examples = 73257,
    .test_examples = 26032,
    .mean = {0.438, 0.444, 0.473},
    .deviation = {0.198, 0.201, 0.197},
    .files = {{"svhn/train_32x32.mat", 182040794,
               "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8"},
              {"svhn/test_32x32.mat", 64275384,
               "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b"}},
    .load = [](const DatasetCard& card, const std::filesystem::path& data) {
      return Dataset{read_split(card.files[0], card, data, card.train_examples),
                     read_split(card.files[1], card, data, card.test_examples)};
    }};

TICKETBENCH_REGISTER_DATASET(svhn, kSvhn);

}  // namespace
}  // namespace ticketbench
