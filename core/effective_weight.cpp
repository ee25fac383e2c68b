#include "core/effective_weight.hpp"

namespace ticketbench {

torch::Tensor straight_through(const torch::Tensor& hard, const torch::Tensor& soft) {
  return hard.detach() + (soft - soft.detach());
}

EffectiveWeight masked_weights(const MaskSet& mask) {
  return [&mask](const std::string& name, const torch::Tensor& w) {
    return mask.contains(name) ? w * mask.at(name) : w;
  };
}

EffectiveWeight straight_through_masked_weights(const MaskSet& mask) {
  return [&mask](const std::string& name, const torch::Tensor& w) {
    return mask.contains(name) ? straight_through(w * mask.at(name), w) : w;
  };
}

void write_effective_weights(Net& net, const EffectiveWeight& effective) {
  const torch::NoGradGuard no_grad;
  for (const auto& [name, w] : net.parameters()) torch::Tensor(w).copy_(effective(name, w).clone());
}

}  // namespace ticketbench
