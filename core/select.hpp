// Exact selection: keeps a whole number of weights, ties broken by index, without sorting.
#pragma once

#include "core/allocation.hpp"
#include "core/mask.hpp"
#include "core/structure.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace ticketbench {

/// Over which weights a ranking goes.
enum class Scope { global, per_layer };
constexpr auto enum_names(Scope) {
  return std::to_array<std::string_view>({"global", "per_layer"});
}

/// True at the `count` largest `values` among `candidates` (bool, same shape). Equal values: the
/// smaller flat index first. O(n) on the tensor's device. Throws std::invalid_argument on NaN or
/// where there are fewer candidates.
torch::Tensor largest(const torch::Tensor& values, const torch::Tensor& candidates, int64_t count);
/// The same for the smallest values.
torch::Tensor smallest(const torch::Tensor& values, const torch::Tensor& candidates, int64_t count);

/// Keeps exactly llround(density * total) weights with the largest scores, all of them inside
/// `within`; total counts every prunable weight, kept or not. Scope::global ranks all layers
/// together (layers in order, then flat index); Scope::per_layer keeps density * size of each,
/// rounded so that they sum to the same. Where `within` holds fewer than that, it is kept whole.
MaskSet keep_top(const ScoreMap& scores, double density, Scope scope, const MaskSet& within);

/// Keeps the given number of weights of each layer: `counts` by name, of an allocation.
MaskSet keep_top(const ScoreMap& scores, const LayerCounts& counts, const MaskSet& within);

/// Keeps whole units of a structure, ranked by their mean score. per_layer: llround(density *
/// units) units of each layer. global: units from the best on, as many as bring the kept weights
/// nearest to llround(density * total). n_m keeps n of each m whatever the density.
MaskSet keep_top_units(const ScoreMap& scores, double density, Scope scope,
                       const Structure& structure);

/// Of `magnitudes` (not negative): unstructured as keep_top; otherwise in each convolution the
/// units with the largest L2 norm, llround(density * units) of them, and linear layers as in
/// `within`, whatever the scope.
MaskSet keep_top_of(const Structure& structure, const ScoreMap& magnitudes, double density,
                    Scope scope, const MaskSet& within);

}  // namespace ticketbench
