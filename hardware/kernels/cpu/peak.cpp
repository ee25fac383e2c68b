#include "hardware/kernels/cpu/peak.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace ticketbench::kernels {
namespace {

constexpr int64_t kRounds = 4'000'000;

// Twelve sums that don't wait for each other; the empty instruction keeps them in registers.
#define TICKETBENCH_PEAK(name, target_name, bytes)                                     \
  __attribute__((target(target_name))) void name() {                                   \
    using Vector [[gnu::vector_size(bytes)]] = float;                                  \
    Vector s0{}, s1{}, s2{}, s3{}, s4{}, s5{}, s6{}, s7{}, s8{}, s9{}, s10{}, s11{};   \
    Vector a{}, b{};                                                                   \
    for (int64_t i = 0; i < kRounds; ++i) {                                            \
      s0 += a * b, s1 += a * b, s2 += a * b, s3 += a * b, s4 += a * b, s5 += a * b;    \
      s6 += a * b, s7 += a * b, s8 += a * b, s9 += a * b, s10 += a * b, s11 += a * b;  \
      asm volatile("" : "+v"(s0), "+v"(s1), "+v"(s2), "+v"(s3), "+v"(s4), "+v"(s5));   \
      asm volatile("" : "+v"(s6), "+v"(s7), "+v"(s8), "+v"(s9), "+v"(s10), "+v"(s11)); \
      asm volatile("" : "+v"(a), "+v"(b));                                             \
    }                                                                                  \
  }
TICKETBENCH_PEAK(portable_rounds, "sse2", 16)
TICKETBENCH_PEAK(avx2_rounds, "avx2,fma", 32)
TICKETBENCH_PEAK(avx512_rounds, "avx512f", 64)
#undef TICKETBENCH_PEAK

}  // namespace

double peak_flops(InstructionSet set) {
  const auto lanes = set == InstructionSet::avx512 ? 16 : set == InstructionSet::avx2 ? 8 : 4;
  double best = 0;
  for (int trial = 0; trial < 9; ++trial) {
    const auto start = std::chrono::steady_clock::now();
    if (set == InstructionSet::avx512) {
      avx512_rounds();
    } else if (set == InstructionSet::avx2) {
      avx2_rounds();
    } else {
      portable_rounds();
    }
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    best = std::max(best, 2.0 * 12 * lanes * static_cast<double>(kRounds) / seconds);
  }
  return best;
}

}  // namespace ticketbench::kernels
