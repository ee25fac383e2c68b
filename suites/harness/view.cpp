#include "suites/harness/view.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ticketbench {
namespace {

// For each output pixel of one axis the input pixels it is made from: `width` weights from `first`.
struct Taps {
  int64_t width = 0;
  std::vector<int64_t> first;
  std::vector<float> weights;
};

// A triangle as wide as two input pixels, or two output pixels where those are larger.
Taps taps(double from, double length, int64_t size, int64_t out) {
  const double step = length / static_cast<double>(out);
  const double support = std::max(1.0, step);
  const auto floor = [](double x) { return static_cast<int64_t>(std::floor(x)); };
  const int64_t low = std::clamp<int64_t>(floor(from), 0, size - 1);
  const int64_t high = std::clamp<int64_t>(-floor(-(from + length)), low + 1, size);
  Taps result;
  result.width = std::min(high - low, floor(2 * support) + 1);
  std::vector<double> weights(static_cast<size_t>(result.width));
  for (int64_t o = 0; o < out; ++o) {
    const double centre = from + (static_cast<double>(o) + 0.5) * step;
    const int64_t first =
        std::clamp<int64_t>(floor(centre - support + 0.5), low, high - result.width);
    double sum = 0;
    for (size_t i = 0; i < weights.size(); ++i) {
      const double middle = static_cast<double>(first) + static_cast<double>(i) + 0.5;
      weights[i] = std::max(0.0, 1 - std::abs(middle - centre) / support);
      sum += weights[i];
    }
    result.first.push_back(first);
    for (const double weight : weights) result.weights.push_back(static_cast<float>(weight / sum));
  }
  return result;
}

// One row at another width: every `step`th value, in and out.
void squeeze(const uint8_t* from, const Taps& taps, int64_t step, float* to) {
  const float* weight = taps.weights.data();
  for (const int64_t first : taps.first) {
    const uint8_t* value = from + first * step;
    float sum = 0;
    for (int64_t i = 0; i < taps.width; ++i, value += step)
      sum += *weight++ * static_cast<float>(*value);
    *to = sum;
    to += step;
  }
}

// The same for three values at once, by their names: an array of sums would live in memory, at half
// the speed.
void squeeze_rgb(const uint8_t* from, const Taps& taps, float* to) {
  const float* weight = taps.weights.data();
  for (const int64_t first : taps.first) {
    const uint8_t* pixel = from + first * 3;
    float red = 0;
    float green = 0;
    float blue = 0;
    for (int64_t i = 0; i < taps.width; ++i, ++weight, pixel += 3) {
      red += *weight * static_cast<float>(pixel[0]);
      green += *weight * static_cast<float>(pixel[1]);
      blue += *weight * static_cast<float>(pixel[2]);
    }
    *to++ = red;
    *to++ = green;
    *to++ = blue;
  }
}

}  // namespace

Box whole(const Extent& image) {
  return {0, 0, static_cast<double>(image.height), static_cast<double>(image.width)};
}

Box centre_box(const Extent& image, const Extent& out, int64_t resize) {
  const auto [height, width] = std::pair<double, double>(image.height, image.width);
  const auto [out_height, out_width] = std::pair<double, double>(out.height, out.width);
  // Pixels of the image to one of the output.
  double scale = std::min(height / out_height, width / out_width);
  if (resize > 0) scale = std::min(scale, std::min(height, width) / static_cast<double>(resize));
  const double box_height = out_height * scale;
  const double box_width = out_width * scale;
  return {(height - box_height) / 2, (width - box_width) / 2, box_height, box_width};
}

Box random_box(const Extent& image, double min_area, double max_aspect, Rng& rng) {
  const auto area = static_cast<double>(image.height * image.width);
  const auto box = [](int64_t top, int64_t left, int64_t height, int64_t width) {
    return Box{static_cast<double>(top), static_cast<double>(left), static_cast<double>(height),
               static_cast<double>(width)};
  };
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double wanted = area * (min_area + (1 - min_area) * rng.uniform());
    const double aspect = std::exp(std::log(max_aspect) * (2 * rng.uniform() - 1));
    const int64_t width = std::llround(std::sqrt(wanted * aspect));
    const int64_t height = std::llround(std::sqrt(wanted / aspect));
    if (width < 1 || width > image.width || height < 1 || height > image.height) continue;
    const int64_t top = rng.below(image.height - height + 1);
    const int64_t left = rng.below(image.width - width + 1);
    return box(top, left, height, width);
  }
  const auto longest = [&](int64_t side) {
    return std::max<int64_t>(1, std::llround(static_cast<double>(side) * max_aspect));
  };
  const int64_t height = std::min(image.height, longest(image.width));
  const int64_t width = std::min(image.width, longest(image.height));
  return box((image.height - height) / 2, (image.width - width) / 2, height, width);
}

void resample(const uint8_t* pixels, const Extent& image, int64_t channels, const Box& box,
              const Extent& out, uint8_t* to) {
  const Taps across = taps(box.left, box.width, image.width, out.width);
  const Taps down = taps(box.top, box.height, image.height, out.height);

  // Each row that is needed, at the output's width, filled up to whole blocks: a loop of constant
  // length becomes vector instructions.
  constexpr int64_t kBlock = 16;
  const int64_t row_values = out.width * channels;
  const int64_t stride = (row_values + kBlock - 1) / kBlock * kBlock;
  const int64_t low = down.first.front();
  const int64_t high = down.first.back() + down.width;
  std::vector<float> rows(static_cast<size_t>((high - low) * stride));
  for (int64_t y = low; y < high; ++y) {
    const uint8_t* const from = pixels + y * image.width * channels;
    float* const row = rows.data() + (y - low) * stride;
    if (channels == 3) {
      squeeze_rgb(from, across, row);
    } else {
      for (int64_t c = 0; c < channels; ++c) squeeze(from + c, across, channels, row + c);
    }
  }

  std::vector<float> sums(static_cast<size_t>(stride));
  for (int64_t o = 0; o < out.height; ++o) {
    std::fill(sums.begin(), sums.end(), 0.5F);  // rounds
    for (int64_t i = 0; i < down.width; ++i) {
      const float weight = down.weights[static_cast<size_t>(o * down.width + i)];
      const float* const row =
          rows.data() + (down.first[static_cast<size_t>(o)] + i - low) * stride;
      for (int64_t block = 0; block < stride; block += kBlock) {
        float* const sum = sums.data() + block;
        const float* const value = row + block;
        for (int64_t v = 0; v < kBlock; ++v) sum[v] += weight * value[v];
      }
    }
    for (int64_t v = 0; v < row_values; ++v)
      *to++ = static_cast<uint8_t>(sums[static_cast<size_t>(v)]);
  }
}

}  // namespace ticketbench
