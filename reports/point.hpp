// An operating point of a record: counts, accuracy and cost of one mask.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ticketbench {

// Correct answers as counts; `loss` is absent where it was not finite.
struct Evaluation {
  int64_t examples = 0;
  int64_t top1_correct = 0;
  int64_t top5_correct = 0;
  std::optional<double> loss;
};

struct Counts {
  int64_t total_params = 0;
  int64_t prunable_params = 0;
  int64_t kept_prunable = 0;
  int64_t kept_total = 0;
  std::optional<int64_t> exact_k_deviation;  // kept more than asked for; absent: none was
};

// One prunable layer.
struct Layer {
  std::string name;
  std::vector<int64_t> shape;
  int64_t total = 0;
  int64_t kept = 0;
  int64_t macs = 0;
  int64_t kept_macs = 0;
  int64_t dead_filters = 0;
};

// What training and scoring cost up to a point, sources not included. MACs: both directions.
struct TrainCost {
  int64_t iterations = 0;
  int64_t examples = 0;
  double macs = 0;
};

// The suite's model, where the recorded network is a narrower one.
struct ModelSize {
  int64_t prunable_params = 0;
  int64_t macs = 0;
};

// An operating point: one mask, trained and evaluated.
struct Point {
  int64_t level = 0;
  Counts counts;
  std::vector<Layer> layers;
  std::string structure;
  int64_t dense_macs = 0;
  int64_t kept_macs = 0;
  std::optional<ModelSize> model;
  bool layer_collapse = false;
  Evaluation test;
  std::optional<Evaluation> val;
  std::string selection;
  int64_t final_epoch = 0;
  int64_t selected_epoch = 0;
  TrainCost train;
  std::optional<std::string> ticket;
  std::string mask_sha256;
  std::string prediction_sha256;
  // Since the point before; absent where nothing was timed.
  std::optional<double> seconds;

  // Kept fraction of the prunable weights of the suite's model.
  [[nodiscard]] double density() const;
  // Multiply-adds of the suite's model, nothing pruned.
  [[nodiscard]] int64_t model_macs() const { return model ? model->macs : dense_macs; }
};

}  // namespace ticketbench
