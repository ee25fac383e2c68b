// Tickets between depths of one family: residual blocks, convolutions of a plain stage or hidden
// layers are copied, with their norms and masks, to where a deeper or shallower network has them.
// Chen, Cheng, Wang, Gan, Liu, Wang. NeurIPS 2021, arXiv:2103.16547, section 3.
#pragma once

#include "core/streams.hpp"
#include "core/ticket.hpp"

#include <array>
#include <string_view>
#include <vector>

namespace ticketbench {

/// Where copies stand.
enum class Placement {
  append,       ///< all together behind the last block that is replicated: 1 2 3 becomes 1 2 1 2 3
  interpolate,  ///< each behind its original: 1 2 3 becomes 1 1 2 2 3
};
constexpr auto enum_names(Placement) {
  return std::to_array<std::string_view>({"append", "interpolate"});
}

/// Norms of the blocks.
enum class CopiedNorms {
  copy,   ///< scale, shift and running statistics of the block they are copied with
  fresh,  ///< as in a new network
};
constexpr auto enum_names(CopiedNorms) {
  return std::to_array<std::string_view>({"copy", "fresh"});
}

/// Masks of second and further copies of a block.
enum class CopiedMasks {
  copy,
  shuffle,  ///< permuted inside each tensor
};
constexpr auto enum_names(CopiedMasks) {
  return std::to_array<std::string_view>({"copy", "shuffle"});
}

struct DepthRule {
  Placement placement = Placement::append;
  int64_t first = 1;     ///< the first block that may be replicated, counted from 1
  int64_t distinct = 0;  ///< how many different ones are; 0: as many as there are
  CopiedNorms norms = CopiedNorms::copy;
  CopiedMasks masks = CopiedMasks::copy;

  template <class F>
  void fields(F& f) {
    f("placement", placement, "where copies stand");
    f("first", first, {1, 1000}, "stretching: the first normal block that is replicated");
    f("distinct", distinct, {0, 1000}, "stretching: how many different blocks are; 0: all");
    f("norms", norms, "norms of the blocks");
    f("masks", masks, "masks of second and further copies");
  }
};

/// For each of `target` normal blocks the one of `source` that it is a copy of, counted from 0.
/// Stretched, `distinct` blocks are replicated equally often, the earlier ones once more where it
/// doesn't come out even; squeezed, the last ones go (append) or equally spaced ones (interpolate).
/// Throws std::invalid_argument where there is no block to copy or `first` lies behind the last.
std::vector<int64_t> block_sources(int64_t source, int64_t target, const DepthRule& rule);

/// The ticket of a network of another depth: mask and weights to rewind to. The first block of a
/// stage, which changes its width, goes to the first, and so do stem and classifier; a classifier
/// of other classes is taken from `fresh`, a state of `target`. Throws std::invalid_argument where
/// the two networks differ in more than depth.
Ticket with_depth_of(const Ticket& ticket, const Architecture& target,
                     const std::vector<std::string>& target_prunable, const State& fresh,
                     const DepthRule& rule, Rng rng);

}  // namespace ticketbench
