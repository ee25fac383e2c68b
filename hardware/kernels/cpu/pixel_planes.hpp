// How a single image lies in memory for the kernels: sixteen pixels of a padded plane at a time.
#pragma once

#include "hardware/kernels/shape.hpp"

#include <cstdint>

namespace ticketbench::kernels {

/// Padded planes, `stride` x `stride` of them for a channel: of rows y and columns x with the same
/// y % stride and x % stride. Then every tap reads neighbouring values for neighbouring outputs.
struct PixelPlanes {
  explicit PixelPlanes(const ConvShape& shape)
      : stride(shape.stride),
        rows((shape.height + 2 * shape.padding + shape.stride - 1) / shape.stride),
        columns((shape.width + 2 * shape.padding + shape.stride - 1) / shape.stride),
        in(shape.in),
        outputs((shape.out_height() - 1) * columns + shape.out_width()) {}

  int64_t stride;
  int64_t rows;
  int64_t columns;
  int64_t in;
  int64_t outputs;  ///< from the first to the last output pixel, those between rows included

  [[nodiscard]] int64_t plane(int64_t channel, int64_t row, int64_t column) const {
    return ((channel * stride + row % stride) * stride + column % stride) * rows * columns;
  }
  /// Of padded pixel (row, column) of a channel.
  [[nodiscard]] int64_t at(int64_t channel, int64_t row, int64_t column) const {
    return plane(channel, row, column) + row / stride * columns + column / stride;
  }
  /// Vectors of sixteen outputs.
  [[nodiscard]] int64_t vectors() const { return (outputs + 15) / 16; }
  /// Floats of an image, with what the last vectors read beyond it.
  [[nodiscard]] int64_t size() const {
    return in * stride * stride * rows * columns + 16 * vectors();
  }
};

}  // namespace ticketbench::kernels
