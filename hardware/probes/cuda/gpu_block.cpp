// Tiles of the weight on a GPU, computed as dense blocks.

#include "hardware/harness/blocked_layer.hpp"
#include "hardware/harness/gpu_layer.hpp"

namespace ticketbench {
namespace {

struct GpuBlock {
  static constexpr ProbeCard card{.name = "gpu_block",
                                  .title = "our GPU kernel, tiles of the weight",
                                  .role = ContenderRole::sparse,
                                  .device = ProbeDevice::cuda,
                                  .dtype = "",
                                  .layout = "CHWN"};

  static std::string refusal(const Problem& problem) {
    return problem.structure.kind == StructureKind::block ? "" : "the mask isn't made of tiles";
  }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    return prepare_gpu_groups(
        problem, kernels::tiles_of(problem.shape, mask_of(problem), problem.structure.block_rows,
                                   problem.structure.block_columns));
  }
};

TICKETBENCH_REGISTER_PROBE(GpuBlock);

}  // namespace
}  // namespace ticketbench
