// CIFAR-10 and CIFAR-100 in their binary versions. Krizhevsky, "Learning multiple layers of
// features from tiny images", 2009. A record: label bytes (CIFAR-100: coarse, fine), then 32x32
// red, green, blue planes.

#include "suites/harness/dataset.hpp"

#include <fmt/format.h>

#include <cstring>
#include <stdexcept>

namespace ticketbench {
namespace {

constexpr int64_t kSide = 32;
constexpr int64_t kPixels = kSide * kSide * 3;

Images read_records(const std::vector<DatasetFile>& files, const std::filesystem::path& data,
                    int64_t label_bytes, int64_t classes) {
  int64_t count = 0;
  for (const DatasetFile& file : files) count += file.bytes / (label_bytes + kPixels);
  torch::Tensor planes = torch::empty({count, 3, kSide, kSide}, torch::kUInt8);
  torch::Tensor labels = torch::empty({count}, torch::kInt64);
  auto* pixel = planes.mutable_data_ptr<uint8_t>();
  auto* label = labels.mutable_data_ptr<int64_t>();
  for (const DatasetFile& file : files) {
    const std::string bytes = read_checked(file, data);
    for (size_t at = 0; at < bytes.size(); at += static_cast<size_t>(label_bytes + kPixels)) {
      *label = static_cast<uint8_t>(bytes[at + static_cast<size_t>(label_bytes) - 1]);
      if (*label >= classes)
        throw std::invalid_argument(
            fmt::format("{}: label {} of {} classes", file.path, *label, classes));
      ++label;
      std::memcpy(pixel, bytes.data() + at + static_cast<size_t>(label_bytes),
                  static_cast<size_t>(kPixels));
      pixel += kPixels;
    }
  }
  return {planes.permute({0, 2, 3, 1}).contiguous(), labels};
}

const DatasetCard kCifar10{
    .name = "cifar10",
    .title = "CIFAR-10, 50,000 + 10,000 images of 10 classes",
    .classes = 10,
    .train_examples = 50000,
    .test_examples = 10000,
    .mean = {0.4914, 0.4822, 0.4465},
    .deviation = {0.2470, 0.2435, 0.2616},
    .files = {{"cifar-10-batches-bin/data_batch_1.bin", 30730000,
               "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"},
              {"cifar-10-batches-bin/data_batch_2.bin", 30730000,
               "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"},
              {"cifar-10-batches-bin/data_batch_3.bin", 30730000,
               "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"},
              {"cifar-10-batches-bin/data_batch_4.bin", 30730000,
               "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"},
              {"cifar-10-batches-bin/data_batch_5.bin", 30730000,
               "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"},
              {"cifar-10-batches-bin/test_batch.bin", 30730000,
               "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"}},
    .load = [](const DatasetCard& card, const std::filesystem::path& data) {
      return Dataset{
          read_records({card.files.begin(), card.files.end() - 1}, data, 1, card.classes),
          read_records({card.files.back()}, data, 1, card.classes)};
    }};

const DatasetCard kCifar100{
    .name = "cifar100",
    .title = "CIFAR-100, 50,000 + 10,000 images of 100 classes",
    .classes = 100,
    .train_examples = 50000,
    .test_examples = 10000,
    .mean = {0.5071, 0.4866, 0.4409},
    .deviation = {0.2673, 0.2564, 0.2762},
    .files = {{"cifar-100-binary/train.bin", 153700000,
               "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29"},
              {"cifar-100-binary/test.bin", 30740000,
               "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a"}},
    .load = [](const DatasetCard& card, const std::filesystem::path& data) {
      return Dataset{read_records({card.files.front()}, data, 2, card.classes),
                     read_records({card.files.back()}, data, 2, card.classes)};
    }};

TICKETBENCH_REGISTER_DATASET(cifar10, kCifar10);
TICKETBENCH_REGISTER_DATASET(cifar100, kCifar100);

}  // namespace
}  // namespace ticketbench
