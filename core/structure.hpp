// Structures: which weights are kept or pruned together.
#pragma once

#include <torch/types.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace ticketbench {

enum class StructureKind {
  unstructured,  ///< each weight by itself
  filter,        ///< whole output channels
  channel,       ///< whole input channels
  group,         ///< Regroup's dense blocks: made by that method, not by selection
  block,         ///< tiles of the weight seen as a matrix [out, in * kh * kw]
  n_m,           ///< n of each m consecutive input channels
};
constexpr auto enum_names(StructureKind) {
  return std::to_array<std::string_view>(
      {"unstructured", "filter", "channel", "group", "block", "n_m"});
}

struct Structure {
  StructureKind kind = StructureKind::unstructured;
  int64_t n = 2;
  int64_t m = 4;
  int64_t block_rows = 4;
  int64_t block_columns = 4;

  bool operator==(const Structure&) const = default;

  template <class F>
  void fields(F& f) {
    f("kind", kind, "which weights are kept or pruned together");
    f("n", n, {1, 32}, "n_m: kept of each m");
    f("m", m, {1, 32}, "n_m: consecutive input channels");
    f("block_rows", block_rows, {1, 1024}, "block: output channels of a tile");
    f("block_columns", block_columns, {1, 1024}, "block: columns of a tile");
  }
};

/// For each weight the index of its unit, int64 of the weight's shape, units counted from 0 in
/// order of their first weight's index. For n_m a unit is the set of m weights among which n are
/// kept. Throws std::invalid_argument for `group`.
torch::Tensor unit_index(torch::IntArrayRef weight_shape, const Structure& structure);

}  // namespace ticketbench
