// The kernels compiled for whatever the build's architecture has: four floats at a time.
#include "hardware/kernels/cpu/tile_kernels_16.hpp"

namespace ticketbench::kernels {
namespace {

struct Portable {
  static constexpr int kLanes = 4;
  using Vector [[gnu::vector_size(16)]] = float;
  using Unaligned [[gnu::vector_size(16), gnu::aligned(4), gnu::may_alias]] = float;
};

}  // namespace

TileKernels portable_kernels() {
  return Kernels16<Portable>::list();
}

}  // namespace ticketbench::kernels
