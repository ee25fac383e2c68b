// The kernels of instruction sets with sixteen registers.
#pragma once

#include "hardware/kernels/cpu/tile_kernel.hpp"

namespace ticketbench::kernels {

/// The list for `Isa`, a type of the including file's anonymous namespace.
template <class Isa>
struct Kernels16 {
  static constexpr Edges kSides{false, false, true, true};
  static constexpr Edges kTop{true, false, true, true};
  static constexpr Edges kBottom{false, true, true, true};
  static constexpr Edges kLeft{false, false, true, false};
  static constexpr Edges kTopLeft{true, false, true, false};

  static constexpr TileKernel kAll[] = {
      // One row: 14 sums at most, and the weight.
      tile_kernel<Isa, 1, 1, 1, 1>(),
      tile_kernel<Isa, 1, 2, 2, 1>(),
      tile_kernel<Isa, 1, 4, 1, 1>(),
      tile_kernel<Isa, 1, 8, 1, 1>(),
      tile_kernel<Isa, 1, 1, 4, 1>(),
      tile_kernel<Isa, 1, 1, 8, 1>(),
      tile_kernel<Isa, 1, 2, 4, 1>(),
      tile_kernel<Isa, 1, 1, 7, 1>(),
      tile_kernel<Isa, 1, 2, 7, 1>(),
      tile_kernel<Isa, 1, 1, 14, 1>(),
      tile_kernel<Isa, 1, 2, 4, 1, kTop>(),
      tile_kernel<Isa, 1, 2, 4, 1, kBottom>(),
      tile_kernel<Isa, 1, 1, 8, 1, kSides>(),
      tile_kernel<Isa, 1, 2, 7, 1, kTop>(),
      tile_kernel<Isa, 1, 2, 7, 1, kSides>(),
      tile_kernel<Isa, 1, 1, 7, 1, kBottom>(),
      tile_kernel<Isa, 1, 1, 1, 2>(),
      tile_kernel<Isa, 1, 2, 2, 2>(),
      tile_kernel<Isa, 1, 1, 4, 2>(),
      tile_kernel<Isa, 1, 1, 8, 2>(),
      tile_kernel<Isa, 1, 2, 4, 2>(),
      tile_kernel<Isa, 1, 1, 7, 2>(),
      tile_kernel<Isa, 1, 2, 7, 2>(),
      tile_kernel<Isa, 1, 2, 4, 2, kTopLeft>(),
      tile_kernel<Isa, 1, 2, 4, 2, kLeft>(),
      // Several rows: their sums, their weights, and one value.
      tile_kernel<Isa, 3, 1, 1, 1>(),
      tile_kernel<Isa, 3, 2, 2, 1>(),
      tile_kernel<Isa, 3, 4, 1, 1>(),
      tile_kernel<Isa, 3, 1, 4, 1>(),
      tile_kernel<Isa, 2, 1, 7, 1>(),
      tile_kernel<Isa, 3, 1, 1, 2>(),
      tile_kernel<Isa, 3, 2, 2, 2>(),
      tile_kernel<Isa, 3, 1, 4, 2>(),
      tile_kernel<Isa, 2, 1, 7, 2>(),
  };

  static constexpr TileKernels list() {
    return {kAll, static_cast<int64_t>(sizeof kAll / sizeof kAll[0])};
  }
};

}  // namespace ticketbench::kernels
