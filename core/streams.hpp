// Streams: every random decision comes from a counter-based generator keyed by (seed, stream,
// epoch, index), so it depends neither on the order of calls nor on threads nor on a restart.
// Philox 4x32-10: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011; the engine
// is LibTorch's.
#pragma once

#include <ATen/core/PhiloxRNGEngine.h>

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace ticketbench {

/// A sequence of random numbers that begins at one key. Fits the standard library's distributions
/// and shuffles, but those differ between implementations: use the members here.
class Rng {
 public:
  using result_type = uint32_t;
  Rng(uint64_t key, uint64_t subsequence) : engine_(key, subsequence) {}

  uint32_t operator()() { return engine_(); }
  static constexpr uint32_t min() { return 0; }
  static constexpr uint32_t max() { return std::numeric_limits<uint32_t>::max(); }

  uint64_t bits64() {
    const uint64_t high = engine_();  // in a statement of its own: operands have no order
    return high << 32 | engine_();
  }
  /// In [0, 1), 53 random bits.
  double uniform() { return static_cast<double>(bits64() >> 11) * 0x1p-53; }
  /// Mean 0, variance 1.
  double normal();
  /// In [0, n), unbiased; n >= 1.
  int64_t below(int64_t n);
  /// 0 .. n-1 in random order (Fisher and Yates).
  std::vector<int64_t> permutation(int64_t n);

 private:
  at::philox_engine engine_;
};

/// A named source of random numbers of one run.
class Stream {
 public:
  Stream(uint64_t seed, std::string_view name);
  /// The numbers of one epoch and one index in it; independent of all other pairs.
  [[nodiscard]] Rng at(uint64_t epoch, uint64_t index = 0) const;

 private:
  uint64_t key_;
};

}  // namespace ticketbench
