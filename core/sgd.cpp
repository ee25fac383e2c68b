#include "core/sgd.hpp"

namespace ticketbench {
namespace {

bool same_layout(const torch::Tensor& a, const torch::Tensor& b) {
  for (int64_t d = 0; d < a.dim(); ++d) {
    if (a.size(d) > 1 && a.stride(d) != b.stride(d)) return false;
  }
  return true;
}

}  // namespace

Sgd::Sgd(std::vector<torch::Tensor> tensors, SgdSettings settings)
    : tensors_(std::move(tensors)), settings_(settings) {
  for (const torch::Tensor& t : tensors_) momenta_.push_back(torch::zeros_like(t.detach()));
}

void Sgd::step(double factor) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> tensors;
  std::vector<torch::Tensor> gradients;
  std::vector<torch::Tensor> momenta;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const torch::Tensor& tensor = tensors_[i];
    const torch::Tensor& gradient = tensor.grad();
    if (!gradient.defined()) continue;
    tensors.push_back(tensor);
    // The kernel walks raw memory: a gradient that a method made may lie in another order.
    gradients.push_back(same_layout(tensor, gradient) ? gradient
                                                      : torch::empty_like(tensor).copy_(gradient));
    momenta.push_back(momenta_[i]);
  }
  if (tensors.empty()) return;
  if (settings_.momentum == 0) momenta.clear();  // the fused kernel's way of saying so
  // A zero buffer with dampening 0 gives momentum = gradient at the first step: no special case for
  // it.
  at::_fused_sgd_(tensors, gradients, momenta, settings_.weight_decay, settings_.momentum,
                  settings_.learning_rate * factor, /*dampening=*/0, settings_.nesterov,
                  /*maximize=*/false,
                  /*is_first_step=*/false);
}

void Sgd::zero_grad() {
  for (torch::Tensor& t : tensors_) t.mutable_grad() = torch::Tensor();
}

}  // namespace ticketbench
