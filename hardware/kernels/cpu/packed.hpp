// A layer's kept weights in the order in which a kernel reads them.
#pragma once

#include "hardware/kernels/cpu/plan.hpp"
#include "hardware/kernels/cpu/tile.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace ticketbench::kernels {

/// Made by the functions below, read by run(); depends on mask and weights, not on the batch.
struct PackedConv {
  ConvShape shape;  ///< its batch says nothing
  Plan plan;
  int64_t border = 0;  ///< of the input it is made for
  int64_t kept = 0;    ///< weights in it, those that pad a block included
  std::vector<Panel> panels;
  std::vector<PanelRow> panel_rows;
  std::vector<int32_t> words;
  std::vector<uint16_t> tap_ends;  ///< only where the plan skips the border

  [[nodiscard]] int64_t bytes() const;
};

/// Weights and mask (0 = pruned) are [out, in, kernel, kernel]; `border` is that of the input, at
/// least the padding. Throws std::invalid_argument where sizes don't fit or the plan isn't one for
/// rows.
PackedConv pack_rows(const ConvShape& shape, std::span<const float> weights,
                     std::span<const uint8_t> mask, int64_t border, const Plan& plan);

/// Nothing is kept outside of the blocks, inside of them everything; cells in two blocks count
/// once. Throws std::invalid_argument where sizes or indices don't fit or the plan isn't one for
/// panels.
PackedConv pack_blocks(const ConvShape& shape, std::span<const float> weights,
                       std::span<const DenseBlock> blocks, int64_t border, const Plan& plan);

/// All weights as one block.
PackedConv pack_dense(const ConvShape& shape, std::span<const float> weights, int64_t border,
                      const Plan& plan);

/// The blocks of a mask whose kept weights come in tiles of `rows` x `columns` of the weight seen
/// as a matrix [out, in * kernel * kernel]: one for each strip of `rows` output channels that keeps
/// anything, with the columns of all of its kept tiles. A tile that keeps anything counts whole.
std::vector<DenseBlock> tiles_of(const ConvShape& shape, std::span<const uint8_t> mask,
                                 int64_t rows, int64_t columns);

}  // namespace ticketbench::kernels
