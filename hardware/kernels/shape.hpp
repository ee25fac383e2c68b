// A convolution as numbers, and the dense blocks of its weight.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ticketbench::kernels {

/// A convolution without groups: `batch` maps of `in` x `height` x `width` become `out` channels,
/// `kernel` is square, `padding` zeros stand on each side. Weights are [out, in, kernel, kernel].
/// A linear layer is a 1x1 convolution of 1x1 maps.
struct ConvShape {
  int64_t batch = 1;
  int64_t in = 1;
  int64_t out = 1;
  int64_t height = 1;
  int64_t width = 1;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t padding = 0;

  bool operator==(const ConvShape&) const = default;

  [[nodiscard]] int64_t out_height() const { return (height + 2 * padding - kernel) / stride + 1; }
  [[nodiscard]] int64_t out_width() const { return (width + 2 * padding - kernel) / stride + 1; }
  /// Of the weight seen as a matrix [out, columns].
  [[nodiscard]] int64_t columns() const { return in * kernel * kernel; }
  [[nodiscard]] int64_t weights() const { return out * columns(); }
  [[nodiscard]] int64_t input_size() const { return batch * in * height * width; }
  [[nodiscard]] int64_t output_size() const { return batch * out * out_height() * out_width(); }
  /// Multiply-adds of the dense layer over the whole batch, those with border zeros included.
  [[nodiscard]] int64_t dense_macs() const {
    return batch * out_height() * out_width() * weights();
  }
};

/// The linear layer of `in` inputs and `out` outputs.
ConvShape linear_shape(int64_t batch, int64_t in, int64_t out);

/// "128 x 64 x 32 x 32 -> 64, 3x3, stride 1, padding 1".
std::string to_string(const ConvShape& shape);

/// Throws std::invalid_argument where a number is out of range, the kernel is larger than the
/// padded map, the stride isn't 1 or 2, or indices don't fit into 31 bits.
void check(const ConvShape& shape);

/// All of `rows` x `columns` of a weight seen as a matrix [out, in * kernel * kernel].
struct DenseBlock {
  std::vector<int64_t> rows;
  std::vector<int64_t> columns;
};

}  // namespace ticketbench::kernels
