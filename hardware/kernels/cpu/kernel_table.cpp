#include "hardware/kernels/cpu/kernel_table.hpp"

namespace ticketbench::kernels {

std::span<const TileKernel> kernels_of(InstructionSet set) {
  TileKernels list = portable_kernels();
#if defined(__x86_64__)
  if (set == InstructionSet::avx2) list = avx2_kernels();
  if (set == InstructionSet::avx512) list = avx512_kernels();
#endif
  return {list.first, static_cast<std::size_t>(list.count)};
}

const TileKernel* find_kernel(InstructionSet set, int64_t rows, int64_t height, int64_t width,
                              int64_t stride, const Edges& edges) {
  const TileKernel* best = nullptr;
  int most = -1;
  for (const TileKernel& kernel : kernels_of(set)) {
    if (kernel.rows != rows || kernel.height != height || kernel.width != width ||
        kernel.stride != stride)
      continue;
    const Edges& e = kernel.edges;
    const bool allowed = (!e.top || edges.top) && (!e.bottom || edges.bottom) &&
                         (!e.left || edges.left) && (!e.right || edges.right);
    const int skipped = int{e.top} + int{e.bottom} + int{e.left} + int{e.right};
    if (allowed && skipped > most) {
      best = &kernel;
      most = skipped;
    }
  }
  return best;
}

}  // namespace ticketbench::kernels
