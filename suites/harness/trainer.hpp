// The closed training loop over one phase of a recipe.
#pragma once

#include "core/lab.hpp"
#include "suites/harness/evaluator.hpp"
#include "suites/harness/loader.hpp"
#include "suites/harness/recipe.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace ticketbench {

/// What a net's training in one phase carries from span to span and across a restart.
struct Session {
  std::weak_ptr<const Net> net;
  std::string phase;
  std::string order;
  int64_t next = 0;            ///< iteration
  NamedTensors momenta;        ///< by parameter
  NamedTensors group_tensors;  ///< of hooks.parameters, by "<group>/<index>"
  NamedTensors group_momenta;
  torch::Tensor sums;      ///< of the running epoch: loss, correct, examples (double)
  double best_score = -1;  ///< accuracy of the best epoch so far; -1: none
  int64_t best_epoch = 0;  ///< counted from 1; 0: none
  State best_state;
  MaskSet best_mask;
  NamedTensors best_group_tensors;
  NamedTensors best_own;    ///< the method's other tensors of that epoch
  bool stopped = false;     ///< a hook ended the phase
  int64_t final_epoch = 0;  ///< counted from 1; 0: nothing trained
  MaskSet mask;             ///< as the last span left it
};

/// Where training stands, for people.
struct Progress {
  std::string phase;
  int64_t iteration = 0;
  int64_t iterations = 0;
  int64_t iterations_per_epoch = 1;
  double loss = 0;
  double accuracy = 0;  ///< on training batches of the running epoch
  double images_per_second = 0;
};

/// Images, seconds and work spent by a run so far.
struct Spent {
  int64_t iterations = 0;
  int64_t examples = 0;
  /// Training: 3 x kept multiply-adds x examples. Scoring passes of the method: 3 x (1 x without
  /// gradients) dense ones. More than an integer holds after months.
  double macs = 0;
  double train_seconds = 0;  ///< without evaluation and saving
  double wait_seconds = 0;   ///< of these, waiting for a batch
};

struct TrainerOptions {
  const Recipe* recipe = nullptr;
  const Phase* phase = nullptr;
  LoaderOptions loader;
  Stream order;
  Stream augment;
  const EvaluationSet* validation = nullptr;  ///< null: none
  const EvaluationSet* test = nullptr;
  /// Tensors of the method that belong to an epoch as its weights do, and how to put them back.
  std::function<NamedTensors()> own;
  std::function<void(const NamedTensors&)> put_back;
  std::function<void(const Progress&)> progress;
  /// Called after each iteration: may store what is unfinished and throw to interrupt.
  std::function<void()> checkpoint;
};

/// Trains `net` over iterations [session.next, to). Epoch rows are appended to `epochs`.
class Trainer {
 public:
  Trainer(TrainerOptions options, Net& net, MaskSet& mask, const Hooks& hooks, Session& session,
          Spent& spent);
  void run(int64_t to, nlohmann::json& epochs);

 private:
  class Step;

  void build_groups();
  void rebuild_masks();
  void change_mask(const MaskSet& next);
  void mask_gradients();
  void enforce_mask();
  bool iterate(Prefetcher& batches, Step& step);
  void end_epoch(Step& step, nlohmann::json& epochs);
  void report(const Step& step);
  [[nodiscard]] bool dense_gradient(int64_t iteration) const;

  struct Group {
    Sgd sgd;
    std::optional<RateSchedule> schedule;
  };

  TrainerOptions options_;
  Net& net_;
  MaskSet& mask_;
  const Hooks& hooks_;
  Session& session_;
  Spent& spent_;
  int64_t iterations_;
  int64_t per_epoch_;
  std::vector<Group> groups_;
  int64_t macs_per_image_ = 0;
  // Of the layers in which something is pruned: weights, momenta, true where pruned.
  std::vector<torch::Tensor> sparse_weights_;
  std::vector<torch::Tensor> sparse_momenta_;
  std::vector<torch::Tensor> pruned_;
  std::chrono::steady_clock::time_point last_report_;
  int64_t reported_iteration_ = 0;
};

/// Optimizer steps of a phase.
int64_t phase_iterations(const Phase& phase, int64_t batches_per_epoch);

/// Where `span` ends in its phase of `iterations`. Throws std::invalid_argument where it lies
/// outside.
int64_t span_end(const Span& span, int64_t iterations);

}  // namespace ticketbench
