// The update of dynamic sparse training: some kept weights are dropped, as many pruned ones grow.
#pragma once

#include "core/allocation.hpp"
#include "core/mask.hpp"
#include "core/streams.hpp"

#include <cstdint>
#include <vector>

namespace ticketbench {

/// A random mask that keeps exactly what the allocation gives each layer.
MaskSet random_mask(const Net& net, Allocation allocation, double density, Rng rng);

/// Kept weights of each layer.
LayerCounts kept_counts(const MaskSet& mask);

/// `mask` without a `fraction` of each layer's kept weights, rounded down: those with the smallest
/// scores.
MaskSet drop_smallest(const ScoreMap& scores, double fraction, const MaskSet& mask);

/// `mask` with pruned weights added, those with the largest scores, until each layer keeps as many
/// as `counts` says. Throws std::invalid_argument where a layer keeps more already or is too small.
MaskSet grow_largest(const ScoreMap& scores, const LayerCounts& counts, const MaskSet& mask);

/// `mask` with exactly `count` pruned weights added, in each layer those with the largest scores.
/// A layer's part is as its share (one for each layer of `mask`, in its order; not negative), as
/// far as it has room; what it has no room for goes to the others. All shares zero: as if equal.
MaskSet grow_by_share(const ScoreMap& scores, std::vector<double> share, int64_t count,
                      const MaskSet& mask);

}  // namespace ticketbench
