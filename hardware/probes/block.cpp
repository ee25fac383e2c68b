// Sparse, tile by tile of the weight seen as a matrix: what `block` masks keep.

#include "hardware/harness/blocked_layer.hpp"

namespace ticketbench {
namespace {

struct Block {
  static constexpr ProbeCard card{.name = "block",
                                  .title = "our kernel, tiles of the weight",
                                  .role = ContenderRole::sparse,
                                  .layout = "N16CHW16"};

  static std::string refusal(const Problem& problem) {
    return problem.structure.kind == StructureKind::block ? "" : "the mask isn't made of tiles";
  }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool& pool) {
    const double density =
        static_cast<double>(problem.kept()) / static_cast<double>(problem.shape.weights());
    return prepare_blocked(
        problem, kernels::Packing::panels, density,
        [&](const kernels::Plan& plan) {
          const auto blocks =
              kernels::tiles_of(problem.shape, mask_of(problem), problem.structure.block_rows,
                                problem.structure.block_columns);
          return kernels::pack_blocks(problem.shape, weights_of(problem), blocks,
                                      problem.shape.padding, plan);
        },
        pool);
  }
};

TICKETBENCH_REGISTER_PROBE(Block);

}  // namespace
}  // namespace ticketbench
