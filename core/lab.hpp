// All that a method may ask for. The harness implements it; a method knows no dataset, device, file
// or clock.
#pragma once

#include "core/batch.hpp"
#include "core/duration.hpp"
#include "core/mask.hpp"
#include "core/net.hpp"
#include "core/sgd.hpp"
#include "core/streams.hpp"
#include "core/structure.hpp"
#include "core/ticket.hpp"
#include "core/training.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ticketbench {

/// Which images.
enum class Split { train, validation, test };

struct Accuracy {
  int64_t examples = 0;
  int64_t top1_correct = 0;
  int64_t top5_correct = 0;
  double loss = 0;  ///< mean cross entropy, without label smoothing
  [[nodiscard]] double top1() const {
    return examples == 0 ? 0 : static_cast<double>(top1_correct) / static_cast<double>(examples);
  }
};

/// How `batches` draws.
struct Draw {
  std::string stream = "batches";
  bool class_balanced = false;
  int64_t batch_size = 0;  ///< 0: the training phase's
};

/// What else a recorded operating point and its ticket hold.
struct RecordOptions {
  State rewind_to;
  int64_t rewind_iteration = 0;  ///< k, where `rewind_to` was taken
  /// Asked for at this point: kept weights are held against llround(density * total). Absent: none
  /// was.
  std::optional<double> density;
  NamedTensors extra;
  Structure structure;
};

/// The level the suite chose, or the last one recorded.
inline constexpr int64_t kSourceLevel = -1;

class Lab {
 public:
  virtual ~Lab() = default;

  /// The suite's model, initialised as the recipe says from that stream ("reinit": another draw).
  NetPtr fresh_net(std::string_view stream = "init") { return net(model(), stream); }
  /// Another architecture (stretched, slimmed, narrower), initialised the same way.
  virtual NetPtr net(const Architecture& architecture, std::string_view stream) = 0;
  /// The suite's model.
  virtual const Architecture& model() = 0;
  /// A net with the weights of `state`, its prunable list that of the ticket.
  NetPtr net(const Ticket& ticket, const State& state);

  /// A ticket of the run this one starts from. Throws std::invalid_argument where there is none of
  /// that level.
  virtual Ticket source(int64_t level = kSourceLevel) = 0;

  /// `count` un-augmented training batches, the same at each call.
  virtual std::vector<Batch> batches(int64_t count, const Draw& draw = {}) = 0;
  /// The augmented batch of `iteration` of a second, named stream (BiP's upper level), of the size
  /// and epoch length of `phase`.
  virtual Batch batch(std::string_view stream, int64_t iteration,
                      std::string_view phase = "train") = 0;

  /// Mean cross entropy, differentiable twice. Running norm statistics and generators are as before
  /// afterwards.
  torch::Tensor loss(const Net& net, const Batch& batch, BnMode mode = BnMode::batch_only,
                     const EffectiveWeight& effective = {});
  virtual torch::Tensor logits(const Net& net, const Batch& batch, BnMode mode = BnMode::batch_only,
                               const EffectiveWeight& effective = {}) = 0;

  /// Random numbers of this run's seed; `index` separates draws of one stream (an iteration, a
  /// level).
  virtual Rng rng(std::string_view stream, int64_t index = 0) = 0;

  virtual int64_t iterations(std::string_view phase = "train") = 0;
  virtual int64_t iterations_per_epoch(std::string_view phase = "train") = 0;
  /// A duration in iterations of a phase.
  int64_t iterations_of(const Duration& duration, std::string_view phase = "train") {
    return to_iterations(duration, iterations(phase), iterations_per_epoch(phase));
  }

  /// The closed training loop over iterations [span.from, span.to) of a phase. Pruned weights and
  /// their momentum are exactly zero at the end of every iteration; what hooks leave in `mask`
  /// stays. Momentum lives on over consecutive spans of a phase and starts new after a rewind. At
  /// the end of a phase the recipe's selection rule may put the best epoch's weights and mask back,
  /// with the tensors of `hooks.parameters`, of `optimizer` and of `state` as they were then. It
  /// leaves no gradients in the net.
  virtual void train(Net& net, MaskSet& mask, const Span& span, const Hooks& hooks = {}) = 0;

  /// Weights and norm statistics.
  [[nodiscard]] State snapshot(const Net& net) const { return net.snapshot(); }
  virtual void rewind(Net& net, const State& state) = 0;

  /// An optimizer of the method's own, saved and restored with the run.
  virtual std::shared_ptr<Sgd> optimizer(const std::vector<torch::Tensor>& tensors,
                                         const SgdSettings& settings) = 0;
  /// Declares a tensor of the method (moving average, thresholds, masks) that must survive a
  /// restart. It must live as long as `run`; a second declaration of a name replaces the first.
  virtual void state(std::string_view name, torch::Tensor& tensor) = 0;
  /// The same for a mask or other tensors by name, always the same names.
  virtual void state(std::string_view name, NamedTensors& tensors) = 0;

  /// Accuracy and loss, nothing recorded.
  virtual Accuracy evaluate(const Net& net, Split split) = 0;
  /// Evaluates a copy of `net` under `mask`, counts, and writes the operating point and its ticket.
  virtual void record(const Net& net, const MaskSet& mask, int64_t level = 0,
                      const RecordOptions& options = {}) = 0;
  /// A point of a named series in the record.
  virtual void measure(std::string_view name, double value, std::string_view unit, double at) = 0;

 protected:
  [[nodiscard]] virtual NetPtr empty_net(const Architecture& architecture,
                                         std::vector<std::string> prunable) = 0;
};

}  // namespace ticketbench
