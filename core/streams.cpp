#include "core/streams.hpp"

#include "core/sha256.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>
#include <utility>

namespace ticketbench {

// Box and Muller. Not the engine's randn: that doesn't advance, so after a draw that leaves a block
// of four half used it returns the same number for ever.
double Rng::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

int64_t Rng::below(int64_t n) {
  const auto range = static_cast<uint64_t>(n);
  // The first `excess` values would make small results more likely: drawn again.
  const uint64_t excess = (std::numeric_limits<uint64_t>::max() - range + 1) % range;
  uint64_t value = bits64();
  while (value < excess) value = bits64();
  return static_cast<int64_t>(value % range);
}

std::vector<int64_t> Rng::permutation(int64_t n) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), int64_t{0});
  for (size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[static_cast<size_t>(below(static_cast<int64_t>(i)))]);
  }
  return order;
}

Stream::Stream(uint64_t seed, std::string_view name) {
  Sha256 hash;
  hash.update(fmt::format("{}/{}", seed, name));
  std::memcpy(&key_, hash.digest().data(), sizeof key_);
}

Rng Stream::at(uint64_t epoch, uint64_t index) const {
  Rng of_epoch(key_, epoch);
  return {of_epoch.bits64(), index};
}

}  // namespace ticketbench
