// Tiny ImageNet of Stanford's course CS231n: 200 classes of ImageNet at 64x64, as its archive
// unpacks. The labels of its own test images were never published; those of validation are the
// test set.
//   tiny-imagenet-200/wnids.txt                        the classes, one a line; may be missing
//   tiny-imagenet-200/train/WNID/images/*.JPEG
//   tiny-imagenet-200/val/images/*.JPEG
//   tiny-imagenet-200/val/val_annotations.txt          file and class of each, then its box
// Labels are the classes in sorted order, as they are for readers of class folders.

#include "suites/harness/image_folder.hpp"

#include <fmt/format.h>

#include <map>
#include <sstream>
#include <stdexcept>

namespace ticketbench {
namespace {

namespace fs = std::filesystem;

std::vector<LabelledFile> list_validation(const fs::path& folder,
                                          const std::vector<std::string>& classes,
                                          int64_t expected) {
  const std::string where = (folder / "val" / "val_annotations.txt").string();
  std::map<std::string, int64_t> labels;
  for (const std::string& line : read_lines(where)) {
    std::istringstream words(line);
    std::string name;
    std::string wnid;
    if (words >> name >> wnid) labels[name] = label_of(classes, wnid, where);
  }
  std::vector<LabelledFile> files;
  for (const std::string& name : image_names(folder / "val" / "images")) {
    const auto it = labels.find(name);
    if (it == labels.end())
      throw std::invalid_argument(fmt::format("{}: no line for the image {}", where, name));
    files.push_back({"val/images/" + name, it->second});
    labels.erase(it);
  }
  if (!labels.empty()) {
    throw std::invalid_argument(fmt::format("{}: names the image {}, which is not in val/images",
                                            where, labels.begin()->first));
  }
  require_images(folder / "val" / "images", files.size(), expected);
  interleave(files);
  return files;
}

const DatasetCard kTinyImageNet{
    .name = "tiny_imagenet",
    .title = "Tiny ImageNet, 100,000 + 10,000 images of 200 classes at 64x64",
    .classes = 200,
    .input = {3, 64, 64},
    .train_examples = 100000,
    .test_examples = 10000,
    .mean = {0.4802, 0.4481, 0.3975},
    .deviation = {0.2770, 0.2691, 0.2821},
    .folder = "tiny-imagenet-200",
    .load = [](const DatasetCard& card, const fs::path& data) {
      const fs::path folder = data / card.folder;
      if (fs::exists(folder / "wnids.txt"))
        require_classes(folder / "train", read_lines(folder / "wnids.txt"), "wnids.txt");
      const auto classes = class_names(folder / "train", card.classes);
      const auto train = list_classes(folder, "train", classes, "images", card.train_examples);
      const auto test = list_validation(folder, classes, card.test_examples);
      return Dataset{decoded(folder, train, card.input),
                     decoded(folder, test, card.input),
                     {fingerprint(folder, train, test)}};
    }};

TICKETBENCH_REGISTER_DATASET(tiny_imagenet, kTinyImageNet);

}  // namespace
}  // namespace ticketbench
