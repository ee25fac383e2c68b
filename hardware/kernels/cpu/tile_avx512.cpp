// The kernels compiled for AVX-512: 32 registers of sixteen floats.
#include "hardware/kernels/cpu/tile_kernel.hpp"

namespace ticketbench::kernels {
namespace {

struct Avx512 {
  static constexpr int kLanes = 16;
  using Vector [[gnu::vector_size(64)]] = float;
  using Unaligned [[gnu::vector_size(64), gnu::aligned(4), gnu::may_alias]] = float;
};

constexpr Edges kSides{false, false, true, true};
constexpr Edges kTop{true, false, true, true};
constexpr Edges kBottom{false, true, true, true};
constexpr Edges kAll{true, true, true, true};
// At stride 2 the last row and column of an even map are no border.
constexpr Edges kLeft{false, false, true, false};
constexpr Edges kTopLeft{true, false, true, false};

constexpr TileKernel kKernels[] = {
    // One row: 28 sums at most, and the weight.
    tile_kernel<Avx512, 1, 1, 1, 1>(),
    tile_kernel<Avx512, 1, 2, 2, 1>(),
    tile_kernel<Avx512, 1, 4, 1, 1>(),
    tile_kernel<Avx512, 1, 8, 1, 1>(),
    tile_kernel<Avx512, 1, 1, 4, 1>(),
    tile_kernel<Avx512, 1, 1, 8, 1>(),
    tile_kernel<Avx512, 1, 1, 16, 1>(),
    tile_kernel<Avx512, 1, 2, 8, 1>(),
    tile_kernel<Avx512, 1, 4, 4, 1>(),
    tile_kernel<Avx512, 1, 3, 7, 1>(),
    tile_kernel<Avx512, 1, 3, 8, 1>(),
    tile_kernel<Avx512, 1, 4, 7, 1>(),
    tile_kernel<Avx512, 1, 2, 14, 1>(),
    tile_kernel<Avx512, 1, 4, 4, 1, kAll>(),
    tile_kernel<Avx512, 1, 2, 8, 1, kTop>(),
    tile_kernel<Avx512, 1, 2, 8, 1, kSides>(),
    tile_kernel<Avx512, 1, 2, 8, 1, kBottom>(),
    tile_kernel<Avx512, 1, 3, 8, 1, kTop>(),
    tile_kernel<Avx512, 1, 3, 8, 1, kSides>(),
    tile_kernel<Avx512, 1, 3, 8, 1, kBottom>(),
    tile_kernel<Avx512, 1, 4, 7, 1, kTop>(),
    tile_kernel<Avx512, 1, 3, 7, 1, kBottom>(),
    tile_kernel<Avx512, 1, 2, 14, 1, kTop>(),
    tile_kernel<Avx512, 1, 2, 14, 1, kSides>(),
    tile_kernel<Avx512, 1, 2, 14, 1, kBottom>(),
    tile_kernel<Avx512, 1, 1, 1, 2>(),
    tile_kernel<Avx512, 1, 2, 2, 2>(),
    tile_kernel<Avx512, 1, 1, 4, 2>(),
    tile_kernel<Avx512, 1, 1, 8, 2>(),
    tile_kernel<Avx512, 1, 1, 16, 2>(),
    tile_kernel<Avx512, 1, 2, 8, 2>(),
    tile_kernel<Avx512, 1, 4, 4, 2>(),
    tile_kernel<Avx512, 1, 3, 7, 2>(),
    tile_kernel<Avx512, 1, 4, 7, 2>(),
    tile_kernel<Avx512, 1, 2, 14, 2>(),
    tile_kernel<Avx512, 1, 4, 4, 2, kTopLeft>(),
    tile_kernel<Avx512, 1, 2, 8, 2, kTopLeft>(),
    tile_kernel<Avx512, 1, 2, 8, 2, kLeft>(),
    // Several rows: their sums, their weights, and one value.
    tile_kernel<Avx512, 6, 1, 1, 1>(),
    tile_kernel<Avx512, 6, 2, 2, 1>(),
    tile_kernel<Avx512, 6, 4, 1, 1>(),
    tile_kernel<Avx512, 6, 1, 4, 1>(),
    tile_kernel<Avx512, 3, 1, 7, 1>(),
    tile_kernel<Avx512, 6, 1, 1, 2>(),
    tile_kernel<Avx512, 6, 2, 2, 2>(),
    tile_kernel<Avx512, 6, 1, 4, 2>(),
    tile_kernel<Avx512, 3, 1, 7, 2>(),
};

}  // namespace

TileKernels avx512_kernels() {
  return {kKernels, static_cast<int64_t>(sizeof kKernels / sizeof kKernels[0])};
}

}  // namespace ticketbench::kernels
