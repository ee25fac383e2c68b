// A recipe: how networks are trained and judged. One JSON file below suites/recipes; each paper has
// its own.
#pragma once

#include "core/architecture.hpp"
#include "core/fields.hpp"
#include "core/initialisation.hpp"
#include "core/model.hpp"
#include "core/schedule.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ticketbench {

/// Which epoch's weights a phase ends with.
enum class Selection { final, best_val, best_test };
constexpr auto enum_names(Selection) {
  return std::to_array<std::string_view>({"final", "best_val", "best_test"});
}

/// When accuracy is measured.
enum class EvaluationTime { at_end, each_epoch };
constexpr auto enum_names(EvaluationTime) {
  return std::to_array<std::string_view>({"at_end", "each_epoch"});
}

enum class LastBatch { drop, keep };
constexpr auto enum_names(LastBatch) {
  return std::to_array<std::string_view>({"drop", "keep"});
}

/// What training cuts out of an image: its own size after padding with black, or a part of random
/// size and shape, scaled to the input's.
enum class Crop { padded, random_resized };
constexpr auto enum_names(Crop) {
  return std::to_array<std::string_view>({"padded", "random_resized"});
}

/// How images are seen: in training with random crops and horizontal flips, in evaluation whole or
/// as a centre crop.
struct Augmentation {
  int64_t padding = 4;
  bool flip = true;
  Crop crop = Crop::padded;
  double min_area = 0.08;
  double max_aspect = 4.0 / 3;
  int64_t test_resize = 0;
  void fields(Fields& f);
  /// Without what is random.
  [[nodiscard]] Augmentation of_tests() const {
    return {.padding = 0, .flip = false, .test_resize = test_resize};
  }
};

struct Optimizer {
  double learning_rate = 0.1;
  double momentum = 0.9;
  bool nesterov = false;
  double weight_decay = 5e-4;
  bool decay_norms = true;
  bool decay_biases = true;
  void fields(Fields& f);
};

/// A stretch of training with its own optimizer, schedule and length.
struct Phase {
  Duration length{1, Duration::Unit::epochs};
  int64_t batch_size = 128;
  Optimizer optimizer;
  RateSchedule schedule;
  void fields(Fields& f);
};

struct Initialiser {
  Initialisation convolutions = Initialisation::kaiming_fan_out;
  NormScale norms = NormScale::one;
  void fields(Fields& f);
};

struct Recipe {
  std::string name;  ///< path below suites/recipes, without .json
  std::string title;
  Stem stem = Stem::cifar;
  PrunableRule prunable;
  Initialiser initialisation;
  Augmentation augmentation;
  std::vector<double> mean;  ///< empty: the dataset's own
  std::vector<double> deviation;
  int64_t train_examples = 0;  ///< 0: all
  int64_t test_examples = 0;   ///< 0: all
  int64_t validation_examples = 0;
  LastBatch last_batch = LastBatch::drop;
  double label_smoothing = 0;
  Selection selection = Selection::final;
  bool select_after_last_mask_change = false;
  EvaluationTime evaluation = EvaluationTime::at_end;
  std::map<std::string, Phase> phases;

  void fields(Fields& f);
  /// Throws std::invalid_argument for a phase it hasn't.
  [[nodiscard]] const Phase& phase(std::string_view name) const;
  /// Of `all` training images those that are not held out; of `all` test images those that count.
  [[nodiscard]] int64_t train_size(int64_t all) const;
  [[nodiscard]] int64_t test_size(int64_t all) const;
};

/// Throws std::invalid_argument with `source`, JSON pointer, what was found and what is allowed.
Recipe parse_recipe(const nlohmann::json& json, const std::string& name, const std::string& source);
/// Every value written out, phases included.
nlohmann::json to_json(const Recipe& recipe);

}  // namespace ticketbench
