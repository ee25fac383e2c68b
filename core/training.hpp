// What a method may change inside the training loop: a span of a phase, and hooks.
#pragma once

#include "core/batch.hpp"
#include "core/mask.hpp"
#include "core/net.hpp"
#include "core/schedule.hpp"
#include "core/sgd.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ticketbench {

/// Iterations [from, to) of a phase of the recipe; `to` absent: its end.
struct Span {
  std::string phase = "train";
  int64_t from = 0;
  std::optional<int64_t> to = {};
  std::string order = {};  ///< another order and augmentation of the images, of this name
};

/// Where a pruned network goes on from. Renda, Frankle, Carbin. ICLR 2020, arXiv:2003.02389,
/// section 2.
enum class Retraining {
  weight_rewinding,         ///< weights and learning rate of iteration k
  learning_rate_rewinding,  ///< its trained weights, learning rate of iteration k
  fine_tuning,              ///< its trained weights, the recipe's phase `finetune`
};
constexpr auto enum_names(Retraining) {
  return std::to_array<std::string_view>(
      {"weight_rewinding", "learning_rate_rewinding", "fine_tuning"});
}

/// The span a pruned network is trained over, with the learning rate going back to iteration `k`.
inline Span retraining_span(Retraining retraining, int64_t k) {
  return retraining == Retraining::fine_tuning ? Span{.phase = "finetune"} : Span{.from = k};
}

/// What a hook wants to happen next.
enum class Update {
  apply,  ///< go on: the optimizer steps
  skip,   ///< after_backward only: no optimizer step this time (RigL)
  stop,   ///< end the phase after this iteration (Early-Bird)
};

/// One iteration, seen by hooks.
class TrainStep {
 public:
  virtual ~TrainStep() = default;
  Net& net;
  const MaskSet& mask;
  int64_t iteration;   ///< in the phase, counted from 0
  int64_t iterations;  ///< of the phase
  int64_t epoch;       ///< counted from 0
  const Batch* batch = nullptr;
  torch::Tensor loss;      ///< of the batch; defined after the forward pass
  double rate_factor = 1;  ///< the learning rate as a factor of its peak

  /// Changes the mask at once: newly pruned weights to zero, newly grown ones at zero with fresh
  /// momentum, kept ones untouched. May be called as often as needed in one iteration.
  virtual void apply(const MaskSet& mask) = 0;
  /// The momentum of a parameter of the net.
  [[nodiscard]] virtual torch::Tensor momentum(const std::string& name) const = 0;

 protected:
  TrainStep(Net& step_net, const MaskSet& step_mask)
      : net(step_net), mask(step_mask), iteration(0), iterations(0), epoch(0) {}
};

/// Extra tensors that the trainer's optimizer moves (scores, thresholds).
struct ParameterGroup {
  std::vector<torch::Tensor> tensors;
  SgdSettings settings;
  std::optional<RateSchedule> schedule;  ///< absent: the phase's
};

/// All optional. Order in one iteration: before_forward, forward and backward pass, after_backward,
/// optimizer step, after_step, at the end of an epoch after_epoch.
struct Hooks {
  /// The tensor the forward pass uses in place of a parameter, seen by autograd.
  EffectiveWeight effective_weight;
  std::vector<ParameterGroup> parameters;
  /// True for parameters of the net that the optimizer leaves alone.
  std::function<bool(const std::string& name)> frozen;
  std::function<void(TrainStep&)> before_forward;
  std::function<Update(TrainStep&)> after_backward;
  std::function<void(TrainStep&)> after_step;
  std::function<Update(TrainStep&)> after_epoch;
  /// True at iterations whose hooks read gradients of pruned weights; at others those gradients are
  /// zero.
  std::function<bool(int64_t iteration)> needs_dense_gradient;
};

}  // namespace ticketbench
