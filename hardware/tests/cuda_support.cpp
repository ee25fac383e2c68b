#include "hardware/tests/cuda_support.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>

namespace ticketbench::kernels {
namespace {

const std::vector<ConvShape> kAwkward = {
    {1, 1, 1, 7, 7, 3, 1, 1},      // one channel, batch 1
    {33, 3, 5, 7, 7, 3, 1, 1},     // one image in a second warp
    {32, 18, 70, 5, 4, 3, 1, 1},   // rows and channels beyond a tile's 64 and 16
    {16, 6, 5, 9, 8, 3, 2, 1},     // stride 2, odd and even
    {4, 3, 6, 15, 15, 7, 2, 3},    // ImageNet's stem
    {8, 9, 7, 6, 6, 1, 1, 0},      // 1x1
    {8, 9, 7, 7, 7, 1, 2, 0},      // a shortcut
    {40, 5, 4, 3, 3, 3, 1, 0},     // one output pixel from nine
    {130, 33, 10, 1, 1, 1, 1, 0},  // a classifier, its batch beyond a tile's 128 images
    {3, 2, 3, 5, 6, 3, 1, 2},      // more padding than the kernel needs
};

std::size_t at(int64_t index) {
  return static_cast<std::size_t>(index);
}

// Calls `visit(place with the images last, place in [N, C, H, W], image)`.
template <class Visit>
void for_each_value(const ImagesLast& l, Visit&& visit) {
  for (int64_t c = 0; c < l.channels; ++c) {
    for (int64_t y = 0; y < l.height; ++y) {
      for (int64_t x = 0; x < l.width; ++x) {
        const int64_t pixel = c * l.plane() + (y + l.border) * l.row() + x + l.border;
        for (int64_t n = 0; n < l.padded_images(); ++n) {
          visit(at(pixel * l.padded_images() + n),
                at(((n * l.channels + c) * l.height + y) * l.width + x), n);
        }
      }
    }
  }
}

// Two blocks that share rows and columns, and one row of its own; the rest is pruned.
std::vector<DenseBlock> blocks_of(const ConvShape& shape) {
  DenseBlock first;
  DenseBlock second;
  for (int64_t row = 0; row < shape.out; ++row) {
    if (row % 4 != 3) first.rows.push_back(row);
    if (row % 4 == 2) second.rows.push_back(row);
  }
  for (int64_t column = 0; column < shape.columns(); ++column) {
    if (column % 3 != 0) first.columns.push_back(column);
    if (column % 5 == 0) second.columns.push_back(column);
  }
  return {first, second};
}

void keep_blocks(Layer& layer, const std::vector<DenseBlock>& blocks) {
  std::fill(layer.mask.begin(), layer.mask.end(), uint8_t{0});
  for (const DenseBlock& block : blocks) {
    for (const int64_t row : block.rows) {
      for (const int64_t column : block.columns) {
        layer.mask[at(row * layer.shape.columns() + column)] = 1;
      }
    }
  }
}

void check_near(const Layer& layer, std::span<const float> found, double tolerance,
                std::string_view kernel) {
  const double error =
      relative_error(from_images_last(output_layout(layer.shape), found), layer.expected({}));
  BOOST_TEST(error < tolerance, fmt::format("{}, {}: error {}, expected less than {}", kernel,
                                            to_string(layer.shape), error, tolerance));
}

}  // namespace

std::vector<float> to_images_last(const ImagesLast& layout, std::span<const float> values) {
  std::vector<float> found(at(layout.size()));
  for_each_value(layout, [&](std::size_t to, std::size_t from, int64_t image) {
    found[to] = image < layout.images ? values[from] : std::numeric_limits<float>::quiet_NaN();
  });
  return found;
}

std::vector<float> from_images_last(const ImagesLast& layout, std::span<const float> values) {
  std::vector<float> found(at(layout.images * layout.channels * layout.height * layout.width));
  for_each_value(layout, [&](std::size_t from, std::size_t to, int64_t image) {
    if (image < layout.images) found[to] = values[from];
  });
  return found;
}

std::vector<float> from_bf16(std::span<const uint16_t> values) {
  std::vector<float> found;
  for (const uint16_t bits : values) {
    found.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits) << 16U));
  }
  return found;
}

void compare_gpu_kernels(const GpuKernels& kernels) {
  uint64_t seed = 0;
  for (const ConvShape& shape : kAwkward) {
    Layer layer(shape, 0.3, ++seed);
    const ImagesLast input = input_layout(shape);
    check_near(layer,
               kernels.rows(pack_gpu_rows(shape, layer.weights, layer.mask), shape.batch,
                            to_images_last(input, layer.input)),
               1e-5, "rows");

    const std::vector<DenseBlock> blocks = blocks_of(shape);
    keep_blocks(layer, blocks);
    const PackedGroups packed = pack_groups(shape, layer.weights, blocks);
    const std::vector<float> values = to_images_last(input, layer.input);
    check_near(layer, kernels.fp32(packed, shape.batch, values), 1e-5, "groups, fp32");
    // Ten bits after the point, of two factors each.
    check_near(layer, kernels.tf32(packed, shape.batch, values), 4e-3, "groups, tf32");
    // Operands that sixteen bits hold leave only the rounding of the sums.
    layer.input = from_bf16(to_bf16(layer.input));
    layer.weights = from_bf16(to_bf16(layer.weights));
    const std::vector<uint16_t> sums =
        kernels.bf16(pack_groups(shape, layer.weights, blocks), shape.batch, to_bf16(values));
    check_near(layer, from_bf16(sums), 2e-2, "groups, bf16");
  }
}

}  // namespace ticketbench::kernels
