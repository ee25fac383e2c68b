#include "hardware/kernels/cpu/plan.hpp"

#include "hardware/kernels/cpu/layout.hpp"
#include "hardware/kernels/cpu/pixel_planes.hpp"
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
constexpr double kWorthwhile = 12;
constexpr std::size_t kMostTiles = 4;

// Work for a weight: a multiplication for each pixel, and what three of them take beside.
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
        kernel.width == shape.out_width() && kernel.stride == shape.stride && kernel.edges.left) {
      return true;
    }
  }
  return false;
}

// Input channels whose pixels under one tile stay in the first-level cache.
int64_t cached_channels(const ConvShape& shape, const Plan& plan, const TileArea& area, bool skip) {
  const auto side = [&](int64_t pixels) {
    return (pixels - 1) * shape.stride + shape.kernel - (skip ? 1 : 0);
  };
  const int64_t lines = area.of_groups ? plan.tile_height * shape.kernel * shape.kernel
                                       : side(plan.tile_height) * side(plan.tile_width);
  return std::max<int64_t>(kBlockBytes / (lines * kLineBytes), 1);
}

}  // namespace

std::string to_string(const Plan& plan) {
  return fmt::format("{} {}, {} row{}, {}x{}, {} channels{}", name(plan.set),
                     plan.arrangement == Arrangement::images ? "images" : "pixels", plan.rows,
                     plan.rows == 1 ? "" : "s", plan.tile_height, plan.tile_width,
                     plan.channel_block, plan.skip_border ? ", border skipped" : "");
}

std::vector<Plan> plans(const ConvShape& shape, Packing packing, double density, InstructionSet set,
                        Arrangement arrangement) {
  check(shape);
  check(set);
  if (!(density >= 0 && density <= 1)) {
    throw std::invalid_argument(fmt::format("density {}: expected 0 to 1", density));
  }
  const bool images = arrangement == Arrangement::images;
  const TileArea area = images ? tile_area(shape, (shape.batch + kLanes - 1) / kLanes)
                               : TileArea{.height = 1, .width = PixelPlanes(shape).vectors()};
  const int64_t stride = images ? shape.stride : 1;

  std::vector<Plan> tiles;
  for (const TileKernel& kernel : kernels_of(set)) {
    if ((kernel.rows == 1) == (packing == Packing::rows) && kernel.stride == stride &&
        kernel.height <= area.height && kernel.width <= area.width && kernel.edges == Edges{}) {
      tiles.push_back({.set = set,
                       .arrangement = arrangement,
                       .rows = kernel.rows,
                       .tile_height = kernel.height,
                       .tile_width = kernel.width});
    }
  }
  std::stable_sort(tiles.begin(), tiles.end(), [&](const Plan& a, const Plan& b) {
    return cost(a, area, stride) < cost(b, area, stride);
  });
  if (tiles.size() > kMostTiles) tiles.resize(kMostTiles);

  std::vector<Plan> found;
  for (Plan plan : tiles) {
    if (!images) {
      // All channels of the one image are in the cache.
      plan.channel_block = shape.in;
      found.push_back(plan);
      continue;
    }
    const bool skip = can_skip(shape, plan);
    const int64_t taps = shape.kernel * shape.kernel;
    int64_t block = cached_channels(shape, plan, area, skip);
    if (packing == Packing::rows) {
      // Enough weights of a row at a time to be worth fetching and storing its sums.
      const double per_channel = std::max(density, 1e-3) * static_cast<double>(taps);
      block = std::max(block, static_cast<int64_t>(std::ceil(kWorthwhile / per_channel)));
    }
    std::vector<int64_t> blocks;
    for (const int64_t channels : {block, 3 * block / 2, 2 * block / 3}) {
      const int64_t bounded =
          std::clamp(channels, int64_t{1}, std::min(shape.in, kMostPanelColumns / taps));
      if (std::find(blocks.begin(), blocks.end(), bounded) == blocks.end()) {
        blocks.push_back(bounded);
      }
    }
    for (const int64_t channels : blocks) {
      plan.channel_block = channels;
      plan.skip_border = skip;
      found.push_back(plan);
      if (skip) {
        plan.skip_border = false;
        found.push_back(plan);
      }
    }
  }
  return found;
}

}  // namespace ticketbench::kernels
