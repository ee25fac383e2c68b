// The tiles that cover an output map.
#pragma once

#include "hardware/kernels/cpu/kernel_table.hpp"

#include <cstdint>
#include <vector>

namespace ticketbench::kernels {

/// What tiles cover: an output map, or, where that is a single pixel, the groups of sixteen images.
struct TileArea {
  int64_t height = 1;
  int64_t width = 1;
  bool of_groups = false;
};
TileArea tile_area(const ConvShape& shape, int64_t groups);

/// `size` pixels from `first` on.
struct Part {
  int64_t first = 0;
  int64_t size = 1;
};

/// Every pair of a part of rows and a part of columns is a tile with a kernel; together they cover
/// the area. The last ones overlap those before where there is no kernel for the rest.
struct TileGrid {
  std::vector<Part> rows;
  std::vector<Part> columns;

  /// Whether the last two parts of `rows` share pixels.
  [[nodiscard]] bool rows_overlap() const;
  /// Whether any two tiles do: these pixels are computed twice.
  [[nodiscard]] bool overlaps() const;

  [[nodiscard]] int64_t tiles() const { return static_cast<int64_t>(rows.size() * columns.size()); }
};

/// With the plan's tiles, or, where one doesn't fit into the area, with the largest that does.
TileGrid tile_grid(const Plan& plan, const TileArea& area, int64_t stride);

}  // namespace ticketbench::kernels
