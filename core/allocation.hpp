// Allocation: from one density to a number of kept weights per layer.
#pragma once

#include "core/architecture.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ticketbench {

class Net;

enum class Allocation { uniform, erk };
constexpr auto enum_names(Allocation) {
  return std::to_array<std::string_view>({"uniform", "erk"});
}

/// A number of weights for each layer, by parameter name.
using LayerCounts = std::vector<std::pair<std::string, int64_t>>;

/// Kept weights of each layer, in the layers' order. They sum to exactly llround(density * total);
/// no layer exceeds its size. uniform: the same density everywhere. erk: Evci et al.,
/// arXiv:1911.11134, section 3 (1): density proportional to (sum of the dimensions) / (their
/// product); a layer that would exceed 1 becomes dense and the others share the rest.
std::vector<int64_t> allocate(Allocation allocation,
                              const std::vector<std::vector<int64_t>>& shapes, double density);

/// The same for the prunable layers of a net, by parameter name.
LayerCounts allocate(Allocation allocation, const Net& net, double density);

/// Whole numbers next to `wanted` that sum to `budget`, none above its capacity: largest remainders
/// first, then by index. Throws std::invalid_argument where the capacities are too small.
std::vector<int64_t> round_to_budget(const std::vector<double>& wanted,
                                     const std::vector<int64_t>& capacities, int64_t budget);

/// ERK's real-valued densities, before rounding to whole weights.
std::vector<double> erk_densities(const std::vector<std::vector<int64_t>>& shapes, double density);

}  // namespace ticketbench
