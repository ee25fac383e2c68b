#include "core/drop_grow.hpp"

#include "core/score.hpp"
#include "core/select.hpp"

#include <cmath>
#include <numeric>

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

MaskSet grow_by_share(const ScoreMap& scores, std::vector<double> share, int64_t count,
                      const MaskSet& mask) {
  const double sum = std::accumulate(share.begin(), share.end(), 0.0);
  LayerCounts counts = kept_counts(mask);
  std::vector<int64_t> room;
  for (const auto& [name, kept] : counts) room.push_back(mask.at(name).numel() - kept);
  for (double& s : share) s = sum > 0 ? s * static_cast<double>(count) / sum : 0;
  const std::vector<int64_t> more = round_to_budget(share, room, count);
  for (size_t i = 0; i < counts.size(); ++i) counts[i].second += more[i];
  return grow_largest(scores, counts, mask);
}

}  // namespace ticketbench
