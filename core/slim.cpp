#include "core/slim.hpp"

#include "core/filters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace ticketbench {
namespace {

using torch::Tensor;

// The filters that stay, at least one; undefined where all of them do.
Tensor places_kept(const MaskSet& mask, const std::string& weight) {
  if (!mask.contains(weight)) return {};
  const Tensor kept = kept_filters(mask.at(weight));
  if (kept.all().item<bool>()) return {};
  return kept.any().item<bool>() ? kept.nonzero().flatten() : torch::zeros({1}, torch::kInt64);
}

}  // namespace

SlimNet slimmed(const Architecture& architecture, const MaskSet& mask, const State& state) {
  SlimNet slim{architecture, state.clone()};
  const auto select = [&](const std::string& name, int64_t dimension, const Tensor& places) {
    if (!slim.state.contains(name))
      throw std::invalid_argument(fmt::format("the state has no {}", name));
    slim.state[name] =
        slim.state.at(name).index_select(dimension, places.to(slim.state.at(name).device()));
  };
  for (const FreeFilters& filters : free_filters(architecture)) {
    const Tensor kept = places_kept(mask, filters.weight);
    if (!kept.defined()) continue;
    for (ConvUnit* unit : units(slim.architecture)) {
      Conv& conv = unit->conv;
      if (conv.name + ".weight" == filters.weight) {
        conv.out = kept.numel();
        select(filters.weight, 0, kept);
        if (conv.bias) select(conv.name + ".bias", 0, kept);
        if (unit->norm.empty()) continue;
        for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"})
          select(unit->norm + part, 0, kept);
      } else if (conv.name + ".weight" == filters.reader) {
        conv.in = kept.numel();
        select(filters.reader, 1, kept);
      }
    }
    Linear& first = slim.architecture.classifier.front();
    if (first.name + ".weight" == filters.reader) {
      const int64_t positions = architecture.features * architecture.features;
      const Tensor inputs =
          (kept.view({-1, 1}) * positions + torch::arange(positions).view({1, -1})).flatten();
      first.in = inputs.numel();
      select(filters.reader, 1, inputs);
    }
  }
  return slim;
}

}  // namespace ticketbench
