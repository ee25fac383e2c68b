// The kernel of a tile, for any width of vector.
//
// Everything is a template over a type `Isa` of the including file's anonymous namespace, so that
// what is compiled with one file's instructions stays in that file. No function of the standard
// library is used: the linker might keep the copy that an older CPU can't run.
#pragma once

#include "hardware/kernels/cpu/tile.hpp"
#include "hardware/kernels/cpu/tile_sums.hpp"

namespace ticketbench::kernels {

/// One panel of R rows in one tile, for the images from `lane` on.
template <class Isa, int R, int H, int W, int S, Edges E>
TICKETBENCH_INLINE void run_panel(const TileJob& job, int64_t index, int64_t lane) {
  constexpr int pixels = H * W;
  const Panel& panel = job.panels[index];
  const PanelRow* rows = job.panel_rows + panel.first_row;
  Sums<Isa, R, H, W, S> sums;  // NOLINT(cppcoreguidelines-pro-type-member-init): set just below

  unroll<0, R>([&](auto r) TICKETBENCH_LAMBDA {
    if (rows[r.value].first) {
      unroll<0, pixels>([&](auto p) TICKETBENCH_LAMBDA {
        sums.of[r.value * pixels + p.value] = typename Isa::Vector{};
      });
    } else {
      const float* partial = job.partial + rows[r.value].row * int64_t{pixels} * 16 + lane;
      unroll<0, pixels>([&](auto p) TICKETBENCH_LAMBDA {
        sums.of[r.value * pixels + p.value] = load<Isa>(partial + p.value * 16);
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
      constexpr int x0 = E.left && kx.value == 0 ? 1 : 0;
      constexpr int x1 = E.right && kx.value == 2 ? W - 1 : W;
      const auto until = [&](auto ky) TICKETBENCH_LAMBDA {
        return job.words + panel.begin + int64_t{ends[kx.value * 3 + ky.value]} * (R + 1);
      };
      if constexpr (E.top) {
        const int32_t* top = until(Index<0>{});
        sums.template add<1, H, x0, x1>(words, top, input, job.input_row_stride);
        words = top;
      }
      const int32_t* middle = until(Index<(E.bottom ? 1 : 2)>{});
      sums.template add<0, H, x0, x1>(words, middle, input, job.input_row_stride);
      words = middle;
      if constexpr (E.bottom) {
        const int32_t* bottom = until(Index<2>{});
        sums.template add<0, H - 1, x0, x1>(words, bottom, input, job.input_row_stride);
        words = bottom;
      }
    });
  }

  unroll<0, R>([&](auto r) TICKETBENCH_LAMBDA {
    const int64_t row = rows[r.value].row;
    auto* sum = sums.of + r.value * pixels;
    if (!rows[r.value].last) {
      float* partial = job.partial + row * int64_t{pixels} * 16 + lane;
      unroll<0, pixels>(
          [&](auto p) TICKETBENCH_LAMBDA { store<Isa>(partial + p.value * 16, sum[p.value]); });
      return;
    }
    if (job.bias != nullptr) {
      const typename Isa::Vector bias = job.bias[row] - typename Isa::Vector{};
      unroll<0, pixels>([&](auto p) TICKETBENCH_LAMBDA { sum[p.value] += bias; });
    }
    if (job.residual != nullptr) {
      const float* residual = job.residual + row * job.residual_channel_stride + lane;
      unroll<0, pixels>([&](auto p) TICKETBENCH_LAMBDA {
        sum[p.value] +=
            load<Isa>(residual + p.value / W * job.residual_row_stride + p.value % W * 16);
      });
    }
    if (job.relu) {
      constexpr typename Isa::Vector zero{};
      unroll<0, pixels>([&](auto p) TICKETBENCH_LAMBDA {
        sum[p.value] = sum[p.value] > zero ? sum[p.value] : zero;
      });
    }
    float* output = job.output + row * job.output_channel_stride + lane;
    unroll<0, pixels>([&](auto p) TICKETBENCH_LAMBDA {
      store<Isa>(output + p.value / W * job.output_row_stride + p.value % W * 16, sum[p.value]);
    });
  });
}

/// Asks for the next lines of `ahead`, into the second-level cache.
TICKETBENCH_INLINE void fetch(Ahead& ahead) {
  const int64_t count = ahead.per_panel < ahead.left ? ahead.per_panel : ahead.left;
  ahead.left -= count;
  for (int64_t i = 0; i < count; ++i) {
    __builtin_prefetch(ahead.piece + ahead.line * 16, 0, 2);
    if (++ahead.line == ahead.lines) {
      ahead.line = 0;
      ahead.piece += ahead.stride;
    }
  }
}

/// All panels of at most R rows, one after the other.
template <class Isa, int R, int H, int W, int S, Edges E>
void run_tile(const TileJob& job) {
  for (int64_t lane = 0; lane < 16; lane += Isa::kLanes) {
    for (int64_t index = 0; index < job.panel_count; ++index) {
      fetch(*job.input_ahead);
      fetch(*job.output_ahead);
      if constexpr (R == 1) {
        run_panel<Isa, 1, H, W, S, E>(job, index, lane);
      } else {
        const int32_t rows = job.panels[index].rows;
        unroll<1, R + 1>([&](auto r) TICKETBENCH_LAMBDA {
          if (rows == r.value) {
            run_panel<Isa, static_cast<int>(r.value), H, W, S, E>(job, index, lane);
          }
        });
      }
    }
  }
}

template <class Isa, int R, int H, int W, int S, Edges E = Edges{}>
constexpr TileKernel tile_kernel() {
  return {R, H, W, S, E, &run_tile<Isa, R, H, W, S, E>};
}

}  // namespace ticketbench::kernels
