// Masks and weights in the order in which the GPU's kernels read them. Plain C++: needs no CUDA.
#pragma once

#include "hardware/kernels/shape.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace ticketbench::kernels {

/// Activations on a GPU: [channels][height + 2 border][width + 2 border][images] with zeros in the
/// border. Images stand innermost and their number is rounded up to a warp's 32: a kernel's loads
/// are whole and aligned whatever weights a mask keeps, and no edge of a map is a special case.
struct ImagesLast {
  int64_t images;
  int64_t channels;
  int64_t height;
  int64_t width;
  int64_t border;

  static constexpr int64_t kWarp = 32;

  [[nodiscard]] int64_t padded_images() const { return (images + kWarp - 1) / kWarp * kWarp; }
  [[nodiscard]] int64_t row() const { return width + 2 * border; }  ///< pixels
  [[nodiscard]] int64_t plane() const { return (height + 2 * border) * row(); }
  [[nodiscard]] int64_t size() const { return channels * plane() * padded_images(); }
};

/// What a layer reads: its padding is the border. It writes maps without a border.
ImagesLast input_layout(const ConvShape& shape);
ImagesLast output_layout(const ConvShape& shape);

/// Rows of a tile of the group kernel, and what the number of its columns is rounded up to.
constexpr int64_t kGroupRows = 64;
constexpr int64_t kGroupDepth = 32;

/// At most kGroupRows output channels that share columns.
struct GroupTile {
  int32_t first_row;     ///< in `rows`
  int32_t rows;          ///< may be less than kGroupRows
  int32_t first_column;  ///< in `columns`
  int32_t columns;       ///< 0: these channels are zero
  int64_t first_weight;  ///< in `weights`: [columns, rounded up][kGroupRows]
};

/// Dense blocks, cut into tiles; the largest come first, so that small ones fill the gaps.
struct PackedGroups {
  ConvShape shape;  ///< its batch says nothing
  std::vector<GroupTile> tiles;
  std::vector<int32_t> rows;     ///< output channels; every one stands in one tile
  std::vector<int32_t> columns;  ///< pixels from the first of a window
  std::vector<float> weights;
};

/// Nothing is kept outside of the blocks, inside of them everything. Rows that stand in several
/// blocks get the columns of all. Throws std::invalid_argument where sizes or indices don't fit.
PackedGroups pack_groups(const ConvShape& shape, std::span<const float> weights,
                         std::span<const DenseBlock> blocks);

/// Sixteen bits of each float, rounded to nearest, ties to even.
std::vector<uint16_t> to_bf16(std::span<const float> values);

/// What one block of threads of the row kernel computes: pixels of a map, for `groups` times 32
/// images and kRowOuts output channels.
struct RowTiling {
  int64_t height;
  int64_t width;
  int64_t groups;
};

/// Larger tiles of pixels for maps, images for single pixels.
RowTiling row_tiling(const ConvShape& shape);

constexpr int64_t kRowOuts = 64;
constexpr int64_t kRowShared = 12288;  ///< floats of input that a block of threads holds

struct alignas(8) RowEntry {
  float value;
  int32_t offset;  ///< floats from a pixel's window in the shared tile
};

/// Single weights, by output channels, then input channels that fit into shared memory at a time.
struct PackedRows {
  ConvShape shape;  ///< its batch says nothing
  RowTiling tiling;
  int64_t channels;             ///< input channels at a time
  std::vector<int32_t> begins;  ///< [out tiles][times][kRowOuts] and the end
  std::vector<RowEntry> entries;
};

/// Mask (0 = pruned) and weights are [out, in, kernel, kernel]. Throws std::invalid_argument where
/// sizes don't fit or a window is too large for shared memory.
PackedRows pack_gpu_rows(const ConvShape& shape, std::span<const float> weights,
                         std::span<const uint8_t> mask);

}  // namespace ticketbench::kernels
