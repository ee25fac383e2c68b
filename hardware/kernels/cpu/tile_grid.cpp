#include "hardware/kernels/cpu/tile_grid.hpp"

#include <functional>

namespace ticketbench::kernels {
namespace {

std::vector<Part> parts(int64_t total, int64_t size, const std::function<bool(int64_t)>& has) {
  std::vector<Part> found;
  for (int64_t first = 0; first < total; first += size) {
    const int64_t rest = total - first;
    if (rest >= size) {
      found.push_back({first, size});
    } else if (has(rest)) {
      found.push_back({first, rest});
    } else {
      found.push_back({total - size, size});
    }
  }
  return found;
}

bool last_overlaps(const std::vector<Part>& parts) {
  return parts.size() > 1 && parts.back().first < parts.end()[-2].first + parts.end()[-2].size;
}

}  // namespace

bool TileGrid::rows_overlap() const {
  return last_overlaps(rows);
}

bool TileGrid::overlaps() const {
  return rows_overlap() || last_overlaps(columns);
}

TileArea tile_area(const ConvShape& shape, int64_t groups) {
  if (shape.out_height() == 1 && shape.out_width() == 1) {
    return {.height = groups, .width = 1, .of_groups = true};
  }
  return {.height = shape.out_height(), .width = shape.out_width()};
}

TileGrid tile_grid(const Plan& plan, const TileArea& area, int64_t stride) {
  int64_t height = plan.tile_height;
  int64_t width = plan.tile_width;
  if (height > area.height || width > area.width) {
    height = width = 1;
    for (const TileKernel& kernel : kernels_of(plan.set)) {
      if (kernel.rows == plan.rows && kernel.stride == stride && kernel.height <= area.height &&
          kernel.width <= area.width && int64_t{kernel.height} * kernel.width > height * width) {
        height = kernel.height;
        width = kernel.width;
      }
    }
  }
  const auto has = [&](int64_t h, int64_t w) {
    return find_kernel(plan.set, plan.rows, h, w, stride) != nullptr;
  };
  TileGrid grid;
  grid.rows = parts(area.height, height, [&](int64_t rest) { return has(rest, width); });
  grid.columns = parts(area.width, width, [&](int64_t rest) {
    return has(height, rest) && has(grid.rows.back().size, rest);
  });
  return grid;
}

}  // namespace ticketbench::kernels
