// Dense blocks in a pruned convolution: rows that keep weights in the same columns are grouped, and
// in each group the columns that matter are made dense.
// Chen, Chen, Ma, Wang, Wang. ICML 2022, arXiv:2202.04736, section 3.3; Rumi et al., PACT 2020.
#pragma once

#include "core/mask.hpp"
#include "core/streams.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ticketbench {

/// A dense block of a weight seen as a matrix [out, in * kh * kw]: all of `rows` x `columns`.
struct DenseBlock {
  std::vector<int64_t> rows;     ///< ascending
  std::vector<int64_t> columns;  ///< by the number of weights the rows keep there, then ascending
};

/// How the columns of a group are chosen, and how often rows are grouped.
enum class BlockRule {
  printed,   ///< columns in which at least t2 rows keep a weight; again until no block turns up
  released,  ///< of the authors' code: once; as wide as 1.5 times what its fullest row keeps
};
constexpr auto enum_names(BlockRule) {
  return std::to_array<std::string_view>({"printed", "released"});
}

struct Grouping {
  BlockRule rule = BlockRule::released;
  int64_t groups = 8;            ///< t1
  double column_fraction = 0.5;  ///< printed: t2 as a fraction of the group's rows
  int64_t least_rows = 17;       ///< b1
  int64_t least_columns = 16;    ///< printed: b2
  int64_t tile_rows = 32;  ///< released: rows beyond a multiple of it are a block of their own

  template <class F>
  void fields(F& f) {
    f("rule", rule, "how the columns of a group are chosen");
    f("groups", groups, {2, 1024}, "t1: groups that the rows are parted into");
    f("column_fraction", column_fraction, {0, 1},
      "printed: t2, a column keeps a weight in this part of the rows");
    f("least_rows", least_rows, {1, 4096}, "b1: smaller groups give no block");
    f("least_columns", least_columns, {1, 65536}, "printed: b2, narrower blocks don't count");
    f("tile_rows", tile_rows, {1, 1024},
      "released: rows beyond a multiple of it are a block of their own");
  }
};

/// Parts the rows of `mask` (bool [rows, columns]) that keep anything into `groups` of about equal
/// size, so that rows with common columns come together: METIS's recursive bisection of the graph
/// whose edges weigh the number of common columns, parts up to 1.03 times the mean. One number per
/// row, -1 for empty rows; empty where there are fewer rows than groups. The same `seed` gives the
/// same.
std::vector<int64_t> group_rows(const torch::Tensor& mask, int64_t groups, uint64_t seed);

/// The blocks of one layer, by `rule`; none where its groups would have fewer than `least_rows`
/// rows on average or no block turns up. `mask` is bool [out, ...].
std::vector<DenseBlock> dense_blocks(const torch::Tensor& mask, const Grouping& rule,
                                     uint64_t seed);

/// A mask in which every convolution with blocks keeps these and nothing else; other layers keep
/// their mask.
struct Regrouped {
  MaskSet mask;
  /// For a kernel: `blocks/<weight>/rows` and `/columns` (int64, block after block) and
  /// `/sizes` [blocks, 2].
  NamedTensors blocks;
};
Regrouped regrouped(const MaskSet& mask, const Grouping& rule, Rng rng);

}  // namespace ticketbench
