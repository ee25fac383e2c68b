// The kernels compiled for AVX2 and FMA: sixteen registers of eight floats.
#include "hardware/kernels/cpu/tile_kernels_16.hpp"

namespace ticketbench::kernels {
namespace {

struct Avx2 {
  static constexpr int kLanes = 8;
  using Vector [[gnu::vector_size(32)]] = float;
  using Unaligned [[gnu::vector_size(32), gnu::aligned(4), gnu::may_alias]] = float;
};

}  // namespace

TileKernels avx2_kernels() {
  return Kernels16<Avx2>::list();
}

}  // namespace ticketbench::kernels
