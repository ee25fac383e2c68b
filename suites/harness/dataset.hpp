// Datasets, found by registered name: images in memory as bytes, or as files that are decoded when
// a batch needs them. One file each below datasets/.
#pragma once

#include "core/architecture.hpp"
#include "core/registry.hpp"

#include <torch/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ticketbench {

/// Encoded images on disk.
struct ImageFiles {
  std::filesystem::path folder;
  std::vector<std::string> paths;  ///< below it
  InputShape input;                ///< of each of them in a batch; three channels
};

/// In memory, or files.
struct Images {
  torch::Tensor pixels;  ///< [N, H, W, C] uint8; undefined where they are files
  torch::Tensor labels;  ///< [N] int64
  std::shared_ptr<const ImageFiles> files = nullptr;  ///< null where they are in memory
  torch::Tensor places = {};                          ///< [N] int64: their indices in `files`
  [[nodiscard]] int64_t size() const { return labels.size(0); }
  /// What a batch holds of each.
  [[nodiscard]] InputShape input() const;
  /// Views of [from, to).
  [[nodiscard]] Images slice(int64_t from, int64_t to) const;
  /// Those at `index` [K] int64, in its order.
  [[nodiscard]] Images select(const torch::Tensor& index) const;
};

/// A file a dataset is read from, relative to the data folder.
struct DatasetFile {
  std::string path;
  int64_t bytes;
  std::string sha256;
};

struct Dataset {
  Images train;
  Images test;
  /// What was found, for the record, where the card lists no files: see fingerprint().
  std::vector<DatasetFile> found = {};
};

/// What is known of a dataset before it is read.
struct DatasetCard {
  std::string name;
  std::string title;
  int version = 1;  ///< raised where its images change; part of a run's identity
  int64_t classes = 10;
  InputShape input;
  int64_t train_examples = 0;
  int64_t test_examples = 0;
  std::vector<double> mean;  ///< of channels in [0, 1], over the training images
  std::vector<double> deviation;
  std::vector<DatasetFile> files;  ///< all that is read; empty: a folder of images, or no files
  std::string folder = {};         ///< of images, below the data folder; empty: none
  /// Reads and checks it. Throws std::invalid_argument that names the file, what is expected and
  /// what was found.
  std::function<Dataset(const DatasetCard&, const std::filesystem::path& data)> load;

  /// False: made in memory.
  [[nodiscard]] bool on_disk() const { return !files.empty() || !folder.empty(); }
};

/// Throws std::invalid_argument for an unknown name.
const DatasetCard& find_dataset(const std::string& name);

/// Reads `file` below `data` whole. Throws std::invalid_argument: missing, short or altered, with
/// both values.
std::string read_checked(const DatasetFile& file, const std::filesystem::path& data);

/// One line per file that is missing or differs; empty: all is well. In a folder of images each one
/// is decoded to its end, on all cores; where all can be, it is loaded, which checks its layout.
std::vector<std::string> verify(const DatasetCard& card, const std::filesystem::path& data);

/// What `verify` found right, such as "6 files, sizes and checksums".
std::string verified(const DatasetCard& card);

struct DatasetRegistrar {
  explicit DatasetRegistrar(const DatasetCard& card) {
    Registry<DatasetCard>::instance().add(card.name, card);
  }
};

}  // namespace ticketbench

#define TICKETBENCH_REGISTER_DATASET(NAME, CARD)              \
  const ::ticketbench::DatasetRegistrar registrar_of_##NAME { \
    CARD                                                      \
  }
