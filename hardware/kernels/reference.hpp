// The convolution as its definition says, summed in double: what every kernel is compared with.
#pragma once

#include "hardware/kernels/shape.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace ticketbench::kernels {

/// What a kernel does to its sums before it stores them: relu(sum + bias[out] + residual).
struct PlainEpilogue {
  std::span<const float> bias;      ///< [out], or empty
  std::span<const float> residual;  ///< as the output, or empty
  bool relu = false;
};

/// `input` is [batch, in, height, width], `weights` [out, in, kernel, kernel], `mask` as `weights`
/// (0 = pruned) or empty for all kept. The output is [batch, out, out_height, out_width]. Slow.
/// Throws std::invalid_argument where sizes don't fit.
std::vector<float> reference(const ConvShape& shape, std::span<const float> input,
                             std::span<const float> weights, std::span<const uint8_t> mask,
                             const PlainEpilogue& epilogue = {});

/// The largest |found - expected| over the root mean square of `expected` (over 1 where that is 0).
/// Infinite where a value isn't finite. Throws std::invalid_argument where sizes differ.
double relative_error(std::span<const float> found, std::span<const float> expected);

}  // namespace ticketbench::kernels
