// The work of one tile of the output, as plain data between packing, running and the kernels.
// Compiled with every instruction set: nothing here or in what it includes is a function that two
// of these files could share.
#pragma once

#include <cstdint>

namespace ticketbench::kernels {

/// Most rows that a panel has, in any instruction set.
inline constexpr int32_t kMostPanelRows = 6;

/// A row (output channel) in a panel. Its sums begin at zero in its first panel, are set aside
/// between panels, and reach the output from its last.
struct PanelRow {
  int32_t row = 0;
  bool first = true;
  bool last = true;
};

/// A few rows that keep weights in the same columns of one block of input channels.
/// In `words`: for each column the offset of its input value (in floats, from the tile's first
/// pixel under the kernel's corner), then the weight of each row.
struct Panel {
  int64_t begin = 0;      ///< in words
  int32_t columns = 0;    ///< how many
  int32_t rows = 1;       ///< how many, at most kMostPanelRows
  int32_t first_row = 0;  ///< in the list of panel rows
};

/// Sides of a tile that lie on the map's border, where a 3x3 kernel with padding 1 would multiply
/// zeros.
struct Edges {
  bool top = false;
  bool bottom = false;
  bool left = false;
  bool right = false;

  constexpr bool operator==(const Edges&) const = default;
};

/// Columns of a 3x3 kernel's panels are sorted by kx, then ky, so that those of a tap are together.
inline constexpr int kTaps = 9;

/// Pointers are to the tile's first pixel; strides are in floats.
struct TileJob {
  const Panel* panels = nullptr;
  int64_t panel_count = 0;
  const PanelRow* panel_rows = nullptr;
  const int32_t* words = nullptr;
  const uint16_t* tap_ends = nullptr;  ///< kTaps of each panel: columns up to the end of the tap
  const float* input = nullptr;
  int64_t input_row_stride = 0;
  float* partial = nullptr;  ///< [rows][pixels][16]
  float* output = nullptr;
  int64_t output_row_stride = 0;
  int64_t output_channel_stride = 0;
  const float* residual = nullptr;  ///< or null
  int64_t residual_row_stride = 0;
  int64_t residual_channel_stride = 0;
  const float* bias = nullptr;  ///< or null
  bool relu = false;
};

/// A kernel for tiles of `height` x `width` output pixels.
struct TileKernel {
  int32_t rows = 1;  ///< most rows of a panel
  int32_t height = 1;
  int32_t width = 1;
  int32_t stride = 1;
  Edges edges;  ///< borders that it skips
  void (*run)(const TileJob&) = nullptr;
};

struct TileKernels {
  const TileKernel* first = nullptr;
  int64_t count = 0;
};

TileKernels portable_kernels();
TileKernels avx2_kernels();
TileKernels avx512_kernels();

}  // namespace ticketbench::kernels
