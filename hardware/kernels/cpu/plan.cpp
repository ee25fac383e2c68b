#include "hardware/kernels/cpu/plan.hpp"

#include "hardware/kernels/cpu/layout.hpp"
#include "hardware/kernels/cpu/tile_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace ticketbench::kernels {
namespace {

constexpr int64_t kLineBytes = 64;
// Of the first-level cache (32 to 48 KiB); the rest is for weights and sums.
constexpr int64_t kBlockBytes = 32 << 10;
constexpr std::size_t kMostTiles = 3;

// Half cycles for a weight: a multiplication for each pixel, and three for what it takes beside.
double cost(const Plan& plan, const TileArea& area, int64_t stride) {
  const TileGrid grid = tile_grid(plan, area, stride);
  double sum = 0;
  for (const Part& row : grid.rows) {
    for (const Part& column : grid.columns) sum += static_cast<double>(row.size * column.size + 3);
  }
  return sum / static_cast<double>(area.height * area.width);
}

bool can_skip(const ConvShape& shape, const Plan& plan) {
  if (shape.kernel != 3 || shape.padding != 1 || plan.rows != 1) return false;
  for (const TileKernel& kernel : kernels_of(plan.set)) {
    if (kernel.height == plan.tile_height && kernel.width == plan.tile_width &&
        kernel.width == shape.out_width() && kernel.stride == shape.stride && kernel.edges.left)
      return true;
  }
  return false;
}

// Input channels whose pixels under one tile stay in the first-level cache.
int64_t cached_channels(const ConvShape& shape, const Plan& plan, const TileArea& area) {
  const auto side = [&](int64_t pixels) { return (pixels - 1) * shape.stride + shape.kernel; };
  const int64_t lines = area.of_groups ? plan.tile_height * shape.kernel * shape.kernel
                                       : side(plan.tile_height) * side(plan.tile_width);
  return std::max<int64_t>(kBlockBytes / (lines * kLineBytes), 1);
}

}  // namespace

std::string to_string(const Plan& plan) {
  return fmt::format("{}, {} row{}, {}x{}, {} channels{}", name(plan.set), plan.rows,
                     plan.rows == 1 ? "" : "s", plan.tile_height, plan.tile_width,
                     plan.channel_block, plan.skip_border ? ", border skipped" : "");
}

std::vector<Plan> plans(const ConvShape& shape, Packing packing, double density,
                        InstructionSet set) {
  check(shape);
  check(set);
  if (!(density >= 0 && density <= 1))
    throw std::invalid_argument(fmt::format("density {}: expected 0 to 1", density));
  const TileArea area = tile_area(shape, (shape.batch + kLanes - 1) / kLanes);

  std::vector<Plan> tiles;
  for (const TileKernel& kernel : kernels_of(set)) {
    if ((kernel.rows == 1) == (packing == Packing::rows) && kernel.stride == shape.stride &&
        kernel.height <= area.height && kernel.width <= area.width && kernel.edges == Edges{}) {
      tiles.push_back({.set = set,
                       .rows = kernel.rows,
                       .tile_height = kernel.height,
                       .tile_width = kernel.width});
    }
  }
  std::stable_sort(tiles.begin(), tiles.end(), [&](const Plan& a, const Plan& b) {
    return cost(a, area, shape.stride) < cost(b, area, shape.stride);
  });
  if (tiles.size() > kMostTiles) tiles.resize(kMostTiles);

  std::vector<Plan> found;
  for (Plan plan : tiles) {
    // Enough weights of a row at a time to be worth fetching and storing its sums.
    const double per_channel =
        std::max(density, 1e-3) * static_cast<double>(shape.kernel * shape.kernel);
    const int64_t worthwhile = static_cast<int64_t>(std::ceil(12 / per_channel));
    int64_t block = cached_channels(shape, plan, area);
    if (packing == Packing::rows) block = std::max(block, worthwhile);
    const int64_t most = std::min<int64_t>(shape.in, 65535 / (shape.kernel * shape.kernel));
    std::vector<int64_t> blocks;
    for (const int64_t channels : {block, 2 * block, block / 2}) {
      const int64_t bounded = std::clamp<int64_t>(channels, 1, std::max<int64_t>(most, 1));
      if (std::find(blocks.begin(), blocks.end(), bounded) == blocks.end())
        blocks.push_back(bounded);
    }
    for (const int64_t channels : blocks) {
      plan.channel_block = channels;
      plan.skip_border = can_skip(shape, plan);
      found.push_back(plan);
      if (plan.skip_border) {
        plan.skip_border = false;
        found.push_back(plan);
      }
    }
  }
  return found;
}

}  // namespace ticketbench::kernels
