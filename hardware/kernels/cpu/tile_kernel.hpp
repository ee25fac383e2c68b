// The kernel of a tile, for any width of vector.
//
// Everything is a template over a type `Isa` of the including file's anonymous namespace, so that
// what is compiled with one file's instructions stays in that file. No function of the standard
// library is used: the linker might keep the copy that an older CPU can't run.
#pragma once

#include "hardware/kernels/cpu/tile.hpp"

#define TICKETBENCH_INLINE __attribute__((always_inline)) inline
#define TICKETBENCH_LAMBDA __attribute__((always_inline))

namespace ticketbench::kernels {

template <int I>
struct Index {
  static constexpr int value = I;
};

/// body(Index<From>), ..., body(Index<To - 1>): indices of registers must be constants.
template <int From, int To, class Body>
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
      for (; words != end; words += R + 1) {
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
              of[r.value * kPixels + y.value * W + x.value] += weight[r.value] * value;
            });
          });
        });
      }
    }
  }
};

/// One panel of R rows in one tile, for the images from `lane` on.
template <class Isa, int R, int H, int W, int S, Edges E>
TICKETBENCH_INLINE void run_panel(const TileJob& job, int64_t index, int64_t lane) {
  constexpr int kPixels = H * W;
  const Panel& panel = job.panels[index];
  const PanelRow* rows = job.panel_rows + panel.first_row;
  Sums<Isa, R, H, W, S> sums;

  unroll<0, R>([&](auto r) TICKETBENCH_LAMBDA {
    if (rows[r.value].first) {
      unroll<0, kPixels>([&](auto p) TICKETBENCH_LAMBDA {
        sums.of[r.value * kPixels + p.value] = typename Isa::Vector{};
      });
    } else {
      const float* partial = job.partial + rows[r.value].row * int64_t{kPixels * 16} + lane;
      unroll<0, kPixels>([&](auto p) TICKETBENCH_LAMBDA {
        sums.of[r.value * kPixels + p.value] = load<Isa>(partial + p.value * 16);
      });
    }
  });

  const int32_t* words = job.words + panel.begin;
  const int32_t* end = words + int64_t{panel.columns} * (R + 1);
  const float* input = job.input + lane;
  if constexpr (E == Edges{}) {
    sums.template add<0, H, 0, W>(words, end, input, job.input_row_stride);
  } else {
    const uint16_t* ends = job.tap_ends + index * kTaps;
    unroll<0, 3>([&](auto kx) TICKETBENCH_LAMBDA {
      constexpr int kX0 = E.left && kx.value == 0 ? 1 : 0;
      constexpr int kX1 = E.right && kx.value == 2 ? W - 1 : W;
      const auto until = [&](auto ky) TICKETBENCH_LAMBDA {
        return job.words + panel.begin + int64_t{ends[kx.value * 3 + ky.value]} * (R + 1);
      };
      if constexpr (E.top) {
        const int32_t* top = until(Index<0>{});
        sums.template add<1, H, kX0, kX1>(words, top, input, job.input_row_stride);
        words = top;
      }
      const int32_t* middle = until(Index < E.bottom ? 1 : 2 > {});
      sums.template add<0, H, kX0, kX1>(words, middle, input, job.input_row_stride);
      words = middle;
      if constexpr (E.bottom) {
        const int32_t* bottom = until(Index<2>{});
        sums.template add<0, H - 1, kX0, kX1>(words, bottom, input, job.input_row_stride);
        words = bottom;
      }
    });
  }

  unroll<0, R>([&](auto r) TICKETBENCH_LAMBDA {
    const int64_t row = rows[r.value].row;
    auto* sum = sums.of + r.value * kPixels;
    if (!rows[r.value].last) {
      float* partial = job.partial + row * (kPixels * 16) + lane;
      unroll<0, kPixels>(
          [&](auto p) TICKETBENCH_LAMBDA { store<Isa>(partial + p.value * 16, sum[p.value]); });
      return;
    }
    if (job.bias != nullptr) {
      const typename Isa::Vector bias = job.bias[row] - typename Isa::Vector{};
      unroll<0, kPixels>([&](auto p) TICKETBENCH_LAMBDA { sum[p.value] += bias; });
    }
    if (job.residual != nullptr) {
      const float* residual = job.residual + row * job.residual_channel_stride + lane;
      unroll<0, kPixels>([&](auto p) TICKETBENCH_LAMBDA {
        sum[p.value] +=
            load<Isa>(residual + p.value / W * job.residual_row_stride + p.value % W * 16);
      });
    }
    if (job.relu) {
      constexpr typename Isa::Vector kZero{};
      unroll<0, kPixels>([&](auto p) TICKETBENCH_LAMBDA {
        sum[p.value] = sum[p.value] > kZero ? sum[p.value] : kZero;
      });
    }
    float* output = job.output + row * job.output_channel_stride + lane;
    unroll<0, kPixels>([&](auto p) TICKETBENCH_LAMBDA {
      store<Isa>(output + p.value / W * job.output_row_stride + p.value % W * 16, sum[p.value]);
    });
  });
}

/// All panels of at most R rows, one after the other.
template <class Isa, int R, int H, int W, int S, Edges E>
void run_tile(const TileJob& job) {
  for (int64_t lane = 0; lane < 16; lane += Isa::kLanes) {
    for (int64_t index = 0; index < job.panel_count; ++index) {
      if constexpr (R == 1) {
        run_panel<Isa, 1, H, W, S, E>(job, index, lane);
      } else {
        const int32_t rows = job.panels[index].rows;
        unroll<1, R + 1>([&](auto r) TICKETBENCH_LAMBDA {
          if (rows == r.value) run_panel<Isa, r.value, H, W, S, E>(job, index, lane);
        });
      }
    }
  }
}

template <class Isa, int R, int H, int W, int S, Edges E = {}>
constexpr TileKernel tile_kernel() {
  return {R, H, W, S, E, &run_tile<Isa, R, H, W, S, E>};
}

}  // namespace ticketbench::kernels
