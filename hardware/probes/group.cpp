// Sparse, group by group: Regroup's dense blocks, each a few output channels that share columns.
// Chen et al., ICML 2022, arXiv:2202.04736, section 3.3; the kernel is our own.

#include "hardware/harness/blocked_layer.hpp"

namespace ticketbench {
namespace {

struct Group {
  static constexpr ProbeCard card{.name = "group",
                                  .title = "our kernel, dense blocks of rows and columns",
                                  .role = ContenderRole::sparse,
                                  .layout = "N16CHW16"};

  static std::string refusal(const Problem& problem) {
    return problem.blocks.empty() ? "the layer has no dense blocks" : "";
  }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool& pool) {
    const double density =
        static_cast<double>(problem.kept()) / static_cast<double>(problem.shape.weights());
    return prepare_blocked(
        problem, kernels::Packing::panels, density,
        [&](const kernels::Plan& plan) {
          return kernels::pack_blocks(problem.shape, weights_of(problem), problem.blocks,
                                      problem.shape.padding, plan);
        },
        pool);
  }
};

TICKETBENCH_REGISTER_PROBE(Group);

}  // namespace
}  // namespace ticketbench
