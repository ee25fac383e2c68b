// ImageNet of the challenge ILSVRC2012 (Russakovsky et al., 2015). The labels of its test images
// were never published; those of validation are the test set. Images stay files.
//   imagenet/train/WNID/*.JPEG
//   imagenet/val/WNID/*.JPEG                 or
//   imagenet/val/ILSVRC2012_val_%08d.JPEG    all in one folder, as the archive unpacks, and one of
//     imagenet/imagenet_2012_validation_synset_labels.txt: the WNID of each image, one a line
//     imagenet/ILSVRC2012_validation_ground_truth.txt: its id, one a line, as the development kit
//       has it, with imagenet/synset_labels.txt: the WNID of id 1, 2, .. one a line. Ids are in an
//       order of the kit's own; where that list is sorted it is another one, and is refused.
// Labels are the classes in sorted order, as they are for readers of class folders.

#include "suites/harness/image_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace ticketbench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLabels = "imagenet_2012_validation_synset_labels.txt";
constexpr const char* kGroundTruth = "ILSVRC2012_validation_ground_truth.txt";
constexpr const char* kSynsets = "synset_labels.txt";

std::vector<std::string> read_list(const fs::path& path, int64_t expected) {
  std::vector<std::string> lines = read_lines(path);
  if (static_cast<int64_t>(lines.size()) != expected) {
    throw std::invalid_argument(
        fmt::format("{}: {} lines found, {} expected", path.string(), lines.size(), expected));
  }
  return lines;
}

// The class of each id, from 1, as a label.
std::vector<int64_t> read_synsets(const fs::path& path, const std::vector<std::string>& classes) {
  const auto synsets = read_list(path, static_cast<int64_t>(classes.size()));
  if (std::is_sorted(synsets.begin(), synsets.end())) {
    throw std::invalid_argument(
        fmt::format("{}: sorted by class; the ids of {} are in the development kit's order, "
                    "ILSVRC2012_ID in its meta.mat",
                    path.string(), kGroundTruth));
  }
  std::vector<int64_t> labels;
  for (const std::string& wnid : synsets) {
    labels.push_back(label_of(classes, wnid, path.string()));
    if (std::count(synsets.begin(), synsets.end(), wnid) > 1)
      throw std::invalid_argument(fmt::format("{}: class {} twice", path.string(), wnid));
  }
  return labels;
}

// The label of each image, in order of their names.
std::vector<int64_t> read_labels(const fs::path& folder, const std::vector<std::string>& classes,
                                 int64_t images) {
  std::vector<int64_t> labels;
  if (fs::exists(folder / kLabels)) {
    for (const std::string& wnid : read_list(folder / kLabels, images))
      labels.push_back(label_of(classes, wnid, (folder / kLabels).string()));
    return labels;
  }
  if (!fs::exists(folder / kGroundTruth) || !fs::exists(folder / kSynsets)) {
    throw std::invalid_argument(
        fmt::format("{}: images without folders of classes; expected beside it {}, or {} and {}",
                    (folder / "val").string(), kLabels, kGroundTruth, kSynsets));
  }
  const auto synsets = read_synsets(folder / kSynsets, classes);
  for (const std::string& line : read_list(folder / kGroundTruth, images)) {
    size_t id = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), id);
    if (error != std::errc() || end != line.data() + line.size() || id < 1 || id > synsets.size()) {
      throw std::invalid_argument(
          fmt::format("{}: line {}: '{}' found, an id from 1 to {} expected",
                      (folder / kGroundTruth).string(), labels.size() + 1, line, synsets.size()));
    }
    labels.push_back(synsets[id - 1]);
  }
  return labels;
}

std::vector<LabelledFile> list_validation(const fs::path& folder,
                                          const std::vector<std::string>& classes, int64_t images) {
  const fs::path val = folder / "val";
  const bool flat = fs::exists(val / fmt::format("ILSVRC2012_val_{:08}.JPEG", 1));
  if (!flat) {
    require_classes(val, classes, (folder / "train").string());
    class_names(val, static_cast<int64_t>(classes.size()));
    return list_classes(folder, "val", classes, "", images);
  }
  const auto names = image_names(val);
  require_images(val, names.size(), images);
  const auto labels = read_labels(folder, classes, images);
  std::vector<LabelledFile> files;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string expected = fmt::format("ILSVRC2012_val_{:08}.JPEG", i + 1);
    if (names[i] != expected) {
      throw std::invalid_argument(
          fmt::format("{}: {} expected here, {} found", val.string(), expected, names[i]));
    }
    files.push_back({"val/" + names[i], labels[i]});
  }
  interleave(files);
  return files;
}

const DatasetCard kImageNet{
    .name = "imagenet",
    .title = "ImageNet of ILSVRC2012, 1,281,167 + 50,000 images of 1,000 classes",
    .classes = 1000,
    .input = {3, 224, 224},
    .train_examples = 1281167,
    .test_examples = 50000,
    .mean = {0.485, 0.456, 0.406},
    .deviation = {0.229, 0.224, 0.225},
    .folder = "imagenet",
    .load = [](const DatasetCard& card, const fs::path& data) {
      const fs::path folder = data / card.folder;
      const auto classes = class_names(folder / "train", card.classes);
      const auto train = list_classes(folder, "train", classes, "", card.train_examples);
      const auto test = list_validation(folder, classes, card.test_examples);
      return Dataset{as_files(folder, train, card.input),
                     as_files(folder, test, card.input),
                     {fingerprint(folder, train, test)}};
    }};

TICKETBENCH_REGISTER_DATASET(imagenet, kImageNet);

}  // namespace
}  // namespace ticketbench
