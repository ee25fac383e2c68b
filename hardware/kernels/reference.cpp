#include "hardware/kernels/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace ticketbench::kernels {
namespace {

void expect_size(const ConvShape& shape, const char* name, std::size_t found, int64_t expected) {
  if (found != static_cast<std::size_t>(expected))
    throw std::invalid_argument(fmt::format("reference of {}: {} has {} values, expected {}",
                                            to_string(shape), name, found, expected));
}

}  // namespace

std::vector<float> reference(const ConvShape& s, std::span<const float> input,
                             std::span<const float> weights, std::span<const uint8_t> mask,
                             const PlainEpilogue& epilogue) {
  check(s);
  expect_size(s, "the input", input.size(), s.input_size());
  expect_size(s, "the weight", weights.size(), s.weights());
  if (!mask.empty()) expect_size(s, "the mask", mask.size(), s.weights());
  if (!epilogue.bias.empty()) expect_size(s, "the bias", epilogue.bias.size(), s.out);
  if (!epilogue.residual.empty())
    expect_size(s, "the residual", epilogue.residual.size(), s.output_size());

  const int64_t pixels = s.out_height() * s.out_width();
  std::vector<float> output(static_cast<std::size_t>(s.output_size()));
  std::vector<double> sums(static_cast<std::size_t>(pixels));
  const auto at = [](int64_t index) { return static_cast<std::size_t>(index); };
  for (int64_t n = 0; n < s.batch; ++n) {
    for (int64_t o = 0; o < s.out; ++o) {
      std::fill(sums.begin(), sums.end(), 0.0);
      for (int64_t column = 0; column < s.columns(); ++column) {
        const int64_t weight = o * s.columns() + column;
        if (!mask.empty() && mask[at(weight)] == 0) continue;
        const int64_t c = column / (s.kernel * s.kernel);
        const int64_t ky = column / s.kernel % s.kernel;
        const int64_t kx = column % s.kernel;
        const double w = weights[at(weight)];
        for (int64_t pixel = 0; pixel < pixels; ++pixel) {
          const int64_t y = pixel / s.out_width() * s.stride + ky - s.padding;
          const int64_t x = pixel % s.out_width() * s.stride + kx - s.padding;
          if (y < 0 || y >= s.height || x < 0 || x >= s.width) continue;
          sums[at(pixel)] += w * input[at(((n * s.in + c) * s.height + y) * s.width + x)];
        }
      }
      for (int64_t pixel = 0; pixel < pixels; ++pixel) {
        const int64_t place = (n * s.out + o) * pixels + pixel;
        double sum = sums[at(pixel)];
        if (!epilogue.bias.empty()) sum += epilogue.bias[at(o)];
        if (!epilogue.residual.empty()) sum += epilogue.residual[at(place)];
        output[at(place)] = static_cast<float>(epilogue.relu ? std::max(sum, 0.0) : sum);
      }
    }
  }
  return output;
}

double relative_error(std::span<const float> found, std::span<const float> expected) {
  if (found.size() != expected.size())
    throw std::invalid_argument(fmt::format("relative error: {} values beside {} expected ones",
                                            found.size(), expected.size()));
  double squares = 0;
  double largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double difference = std::abs(static_cast<double>(found[i]) - expected[i]);
    if (!std::isfinite(difference)) return std::numeric_limits<double>::infinity();
    squares += static_cast<double>(expected[i]) * expected[i];
    largest = std::max(largest, difference);
  }
  const double scale =
      expected.empty() ? 0 : std::sqrt(squares / static_cast<double>(expected.size()));
  return largest / (scale > 0 ? scale : 1);
}

}  // namespace ticketbench::kernels
