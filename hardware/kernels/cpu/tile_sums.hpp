// The sums of a tile in registers, for any width of vector.
#pragma once

#include <cstdint>

#define TICKETBENCH_INLINE __attribute__((always_inline)) inline
#define TICKETBENCH_LAMBDA __attribute__((always_inline))

namespace ticketbench::kernels {

template <int64_t I>
struct Index {
  static constexpr int64_t value = I;
};

/// body(Index<From>), ..., body(Index<To - 1>): indices of registers must be constants.
template <int64_t From, int64_t To, class Body>
TICKETBENCH_INLINE void unroll(Body&& body) {
  if constexpr (From < To) {
    body(Index<From>{});
    unroll<From + 1, To>(body);
  }
}

template <class Isa>
TICKETBENCH_INLINE typename Isa::Vector load(const float* from) {
  return *reinterpret_cast<const typename Isa::Unaligned*>(from);
}

template <class Isa>
TICKETBENCH_INLINE void store(float* to, const typename Isa::Vector& value) {
  *reinterpret_cast<typename Isa::Unaligned*>(to) = value;
}

/// The sums of R rows in a tile of H x W pixels, S input pixels apart, in registers.
template <class Isa, int R, int H, int W, int S>
struct Sums {
  using Vector = typename Isa::Vector;
  static constexpr int kPixels = H * W;
  Vector of[static_cast<unsigned>(R * kPixels)];

  /// Adds the products of `words` up to `end` to pixels [Y0, Y1) x [X0, X1).
  template <int Y0, int Y1, int X0, int X1>
  TICKETBENCH_INLINE void add(const int32_t* words, const int32_t* end, const float* input,
                              int64_t row_stride) {
    if constexpr (Y0 < Y1 && X0 < X1) {
      // A multiply-add takes four cycles and two begin in each: where there are fewer than eight
      // sums, several columns have sums of their own.
      constexpr int64_t chain_count = R * kPixels >= 8 ? 1 : 8 / (R * kPixels);
      if constexpr (chain_count > 1) {
        Vector chains[static_cast<unsigned>((chain_count - 1) * R * kPixels)]{};
        for (; end - words >= chain_count * (R + 1); words += chain_count * (R + 1)) {
          add_column<Y0, Y1, X0, X1>(words, input, row_stride, of);
          unroll<1, chain_count>([&](auto chain) TICKETBENCH_LAMBDA {
            add_column<Y0, Y1, X0, X1>(words + chain.value * (R + 1), input, row_stride,
                                       chains + (chain.value - 1) * R * kPixels);
          });
        }
        unroll<0, (chain_count - 1) * R * kPixels>(
            [&](auto i) TICKETBENCH_LAMBDA { of[i.value % (R * kPixels)] += chains[i.value]; });
      }
      for (; words != end; words += R + 1) add_column<Y0, Y1, X0, X1>(words, input, row_stride, of);
    }
  }

  template <int Y0, int Y1, int X0, int X1>
  TICKETBENCH_INLINE static void add_column(const int32_t* words, const float* input,
                                            int64_t row_stride, Vector* sums) {
    const float* from = input + *words;
    Vector weight[static_cast<unsigned>(R)];
    unroll<0, R>([&](auto r) TICKETBENCH_LAMBDA {
      using Aliased [[gnu::may_alias]] = float;
      weight[r.value] = *reinterpret_cast<const Aliased*>(words + 1 + r.value) - Vector{};
    });
    unroll<Y0, Y1>([&](auto y) TICKETBENCH_LAMBDA {
      const float* row = from + y.value * row_stride;
      unroll<X0, X1>([&](auto x) TICKETBENCH_LAMBDA {
        const Vector value = load<Isa>(row + x.value * S * 16);
        unroll<0, R>([&](auto r) TICKETBENCH_LAMBDA {
          sums[r.value * kPixels + y.value * W + x.value] += weight[r.value] * value;
        });
      });
    });
  }
};

}  // namespace ticketbench::kernels
