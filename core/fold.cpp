#include "core/fold.hpp"

#include "core/net.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace ticketbench {

using torch::Tensor;

FoldedNet folded(const Architecture& architecture, const State& state) {
  const torch::NoGradGuard no_grad;
  FoldedNet net{architecture, {}};
  const auto found = [&](const std::string& name) {
    if (!state.contains(name))
      throw std::invalid_argument(fmt::format("the state has no {}", name));
    return state.at(name);
  };
  for (ConvUnit* unit : units(net.architecture)) {
    Conv& conv = unit->conv;
    const Tensor weight = found(conv.name + ".weight");
    Tensor bias = conv.bias ? found(conv.name + ".bias") : Tensor();
    if (unit->norm.empty()) {
      net.state[conv.name + ".weight"] = weight.clone();
      if (conv.bias) net.state[conv.name + ".bias"] = bias.clone();
      continue;
    }
    // In double, so that folding rounds once.
    const Tensor scale =
        found(unit->norm + ".weight").to(torch::kFloat64) /
        (found(unit->norm + ".running_var").to(torch::kFloat64) + kNormEpsilon).sqrt();
    const Tensor mean = found(unit->norm + ".running_mean").to(torch::kFloat64);
    const Tensor before = bias.defined() ? bias.to(torch::kFloat64) - mean : -mean;
    bias = found(unit->norm + ".bias").to(torch::kFloat64) + before * scale;
    net.state[conv.name + ".weight"] =
        (weight.to(torch::kFloat64) * scale.view({-1, 1, 1, 1})).to(weight.scalar_type());
    net.state[conv.name + ".bias"] = bias.to(weight.scalar_type());
    conv.bias = true;
    unit->norm.clear();
  }
  for (const Linear& linear : architecture.classifier) {
    net.state[linear.name + ".weight"] = found(linear.name + ".weight").clone();
    if (linear.bias) net.state[linear.name + ".bias"] = found(linear.name + ".bias").clone();
  }
  return net;
}

}  // namespace ticketbench
