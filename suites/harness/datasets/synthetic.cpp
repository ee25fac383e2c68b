// A made-up set that needs no download. Five kinds of texture patch; a class is a pair of kinds
// (ten pairs), shown at random places with random phase among patches of other kinds and noise. A
// class is told by co-occurrence, not by one filter or by colour statistics, so small networks
// don't saturate and lost capacity shows.

#include "core/streams.hpp"
#include "suites/harness/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ticketbench {
namespace {

constexpr int64_t kSide = 32;
constexpr int64_t kKinds = 5;
constexpr double kRadius = 4;        // standard deviation of a patch's window, pixels
constexpr double kAmplitude = 44;    // grey levels
constexpr double kDistractor = 0.8;  // strength of patches of other kinds
constexpr double kNoise = 22;        // standard deviation, grey levels

// The pair of kinds of each class.
constexpr std::pair<int64_t, int64_t> kPairs[] = {{0, 1}, {0, 2}, {0, 3}, {0, 4}, {1, 2},
                                                  {1, 3}, {1, 4}, {2, 3}, {2, 4}, {3, 4}};

void add_patch(std::vector<double>& image, int64_t kind, double strength, Rng& rng) {
  const double row = 4 + 24 * rng.uniform();
  const double column = 4 + 24 * rng.uniform();
  const double phase = 2 * std::numbers::pi * rng.uniform();
  const double angle =
      std::numbers::pi * (static_cast<double>(kind) / kKinds + 0.06 * (2 * rng.uniform() - 1));
  const double frequency = kind % 2 == 0 ? 0.9 : 1.4;  // radians a pixel
  const double tint = 2 * std::numbers::pi * static_cast<double>(kind * 2 % kKinds) / kKinds;
  for (int64_t y = 0; y < kSide; ++y) {
    for (int64_t x = 0; x < kSide; ++x) {
      const double dy = static_cast<double>(y) - row;
      const double dx = static_cast<double>(x) - column;
      const double distance = (dx * dx + dy * dy) / (2 * kRadius * kRadius);
      if (distance > 4.5) continue;
      const double wave =
          std::cos(frequency * (dx * std::cos(angle) + dy * std::sin(angle)) + phase);
      for (int64_t c = 0; c < 3; ++c) {
        const double colour =
            0.7 + 0.5 * std::cos(tint - 2 * std::numbers::pi * static_cast<double>(c) / 3);
        image[static_cast<size_t>((y * kSide + x) * 3 + c)] +=
            kAmplitude * strength * colour * wave * std::exp(-distance);
      }
    }
  }
}

// Each image is a function of (split, index) alone.
Images make(std::string_view split, int64_t count) {
  const Stream stream(0, std::string("synthetic/") + std::string(split));
  Images images{torch::empty({count, kSide, kSide, 3}, torch::kUInt8),
                torch::empty({count}, torch::kInt64)};
  auto* pixel = images.pixels.mutable_data_ptr<uint8_t>();
  auto* label = images.labels.mutable_data_ptr<int64_t>();
  std::vector<double> image(static_cast<size_t>(kSide * kSide * 3));
  for (int64_t i = 0; i < count; ++i) {
    Rng rng = stream.at(0, static_cast<uint64_t>(i));
    const auto& [first, second] = kPairs[i % 10];
    image.assign(image.size(), 128);
    // Some patches are too faint to see: no network gets them all.
    for (const int64_t kind : {first, second})
      add_patch(image, kind, 0.35 + 0.85 * rng.uniform(), rng);
    // Often a third kind, weaker than any of the class's own.
    const int64_t other = rng.below(kKinds);
    if (other != first && other != second)
      add_patch(image, other, 0.7 * kDistractor * rng.uniform(), rng);
    for (const double value : image) {
      *pixel++ = static_cast<uint8_t>(
          std::clamp(std::lround(value + kNoise * static_cast<double>(rng.normal())), 0L, 255L));
    }
    *label++ = i % 10;
  }
  return images;
}

const DatasetCard kSynthetic{
    .name = "synthetic",
    .title = "made in memory: 4,096 + 2,000 images of 10 pairs of textures",
    .classes = 10,
    .train_examples = 4096,
    .test_examples = 2000,
    .mean = {0.5, 0.5, 0.5},
    .deviation = {0.15, 0.15, 0.15},
    .load = [](const DatasetCard& card, const std::filesystem::path&) {
      return Dataset{make("train", card.train_examples), make("test", card.test_examples)};
    }};

TICKETBENCH_REGISTER_DATASET(synthetic, kSynthetic);

}  // namespace
}  // namespace ticketbench
