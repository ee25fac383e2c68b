#include "core/drop_grow.hpp"

#include "core/score.hpp"
#include "core/select.hpp"

#include <cmath>

namespace ticketbench {

MaskSet random_mask(const Net& net, Allocation allocation, double density, Rng rng) {
  return keep_top(random_scores(net, rng), allocate(allocation, net, density), MaskSet::ones(net));
}

LayerCounts kept_counts(const MaskSet& mask) {
  LayerCounts counts;
  for (const auto& [name, m] : mask) counts.emplace_back(name, m.sum().item<int64_t>());
  return counts;
}

MaskSet drop_smallest(const ScoreMap& scores, double fraction, const MaskSet& mask) {
  LayerCounts left = kept_counts(mask);
  for (auto& [name, kept] : left)
    kept -= static_cast<int64_t>(std::floor(fraction * static_cast<double>(kept)));
  return keep_top(scores, left, mask);
}

MaskSet grow_largest(const ScoreMap& scores, const LayerCounts& counts, const MaskSet& mask) {
  MaskSet grown;
  for (const auto& [name, count] : counts) {
    const torch::Tensor& kept = mask.at(name);
    const int64_t missing = count - kept.sum().item<int64_t>();
    grown[name] = kept.logical_or(largest(scores.at(name), kept.logical_not(), missing));
  }
  return grown;
}

}  // namespace ticketbench
