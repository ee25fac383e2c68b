// Stochastic gradient descent with momentum over plain tensors, so that momentum can be masked,
// saved and restored.
#pragma once

#include <torch/types.h>

#include <vector>

namespace ticketbench {

struct SgdSettings {
  double learning_rate = 0.1;
  double momentum = 0.9;
  bool nesterov = false;
  double weight_decay = 0;

  template <class F>
  void fields(F& f) {
    f("learning_rate", learning_rate, {0, 1000}, "peak rate, before the schedule's factor");
    f("momentum", momentum, {0, 1}, "of the gradient from step to step");
    f("nesterov", nesterov, "whether the gradient is taken ahead of the momentum");
    f("weight_decay", weight_decay, {0, 1}, "added to the gradient, times the weight");
  }
};

/// One group of tensors with its own settings. The step is LibTorch's fused SGD: momentum begins as
/// the first gradient, weight decay is added to the gradient.
class Sgd {
 public:
  Sgd(std::vector<torch::Tensor> tensors, SgdSettings settings);

  /// One step at `factor` times the learning rate. Tensors without a gradient are left alone.
  void step(double factor);
  void zero_grad();

  [[nodiscard]] const std::vector<torch::Tensor>& tensors() const { return tensors_; }
  /// One per tensor, of its shape; zero before the first step.
  [[nodiscard]] const std::vector<torch::Tensor>& momenta() const { return momenta_; }
  [[nodiscard]] const SgdSettings& settings() const { return settings_; }

 private:
  std::vector<torch::Tensor> tensors_;
  std::vector<torch::Tensor> momenta_;
  SgdSettings settings_;
};

}  // namespace ticketbench
