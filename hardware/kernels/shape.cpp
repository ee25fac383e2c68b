#include "hardware/kernels/shape.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace ticketbench::kernels {

ConvShape linear_shape(int64_t batch, int64_t in, int64_t out) {
  return {.batch = batch, .in = in, .out = out};
}

std::string to_string(const ConvShape& s) {
  return fmt::format("{} x {} x {} x {} -> {}, {}x{}, stride {}, padding {}", s.batch, s.in,
                     s.height, s.width, s.out, s.kernel, s.kernel, s.stride, s.padding);
}

void check(const ConvShape& s) {
  constexpr int64_t kLargest = int64_t{1} << 20;
  const auto in_range = [&](const char* name, int64_t value, int64_t least, int64_t most) {
    if (value < least || value > most)
      throw std::invalid_argument(fmt::format("convolution {}: {} is {}, expected {} to {}",
                                              to_string(s), name, value, least, most));
  };
  in_range("batch", s.batch, 1, kLargest);
  in_range("in", s.in, 1, kLargest);
  in_range("out", s.out, 1, kLargest);
  in_range("height", s.height, 1, kLargest);
  in_range("width", s.width, 1, kLargest);
  in_range("kernel", s.kernel, 1, 255);
  in_range("stride", s.stride, 1, 2);
  in_range("padding", s.padding, 0, 127);
  in_range("the padded height", s.height + 2 * s.padding, s.kernel, kLargest);
  in_range("the padded width", s.width + 2 * s.padding, s.kernel, kLargest);
  // Sixteen padded images of the input are addressed by one 32-bit offset.
  constexpr int64_t kAddressable = (int64_t{1} << 31) - 1;
  const int64_t map = (s.height + 2 * s.padding) * (s.width + 2 * s.padding);
  in_range("in x padded map", map > kAddressable / 16 / s.in ? kAddressable : s.in * map, 1,
           kAddressable / 16);
  in_range("weights", s.out > kAddressable / s.columns() ? kAddressable : s.weights(), 1,
           kAddressable / 2);
}

}  // namespace ticketbench::kernels
