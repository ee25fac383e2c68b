// Datasets: images in memory as bytes, found by registered name. One file each below datasets/.
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

/// Pixels [N, H, W, C] uint8, labels [N] int64.
struct Images {
  torch::Tensor pixels;
  torch::Tensor labels;
  [[nodiscard]] int64_t size() const { return labels.size(0); }
  /// Views of [from, to).
  [[nodiscard]] Images slice(int64_t from, int64_t to) const {
    return {pixels.slice(0, from, to), labels.slice(0, from, to)};
  }
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
  std::vector<DatasetFile> files;  ///< empty: made in memory
  /// Reads and checks it. Throws std::invalid_argument that names the file, what is expected and
  /// what was found.
  std::function<Dataset(const DatasetCard&, const std::filesystem::path& data)> load;
};

/// Throws std::invalid_argument for an unknown name.
const DatasetCard& find_dataset(const std::string& name);

/// Reads `file` below `data` whole. Throws std::invalid_argument: missing, short or altered, with
/// both values.
std::string read_checked(const DatasetFile& file, const std::filesystem::path& data);

/// One line per file that is missing or differs; empty: all is well.
std::vector<std::string> verify(const DatasetCard& card, const std::filesystem::path& data);

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
