// Regroup's dense blocks on a GPU, all of them in one launch of our own kernel.
// Chen et al., ICML 2022, arXiv:2202.04736, section 3.3.

#include "hardware/harness/gpu_layer.hpp"

namespace ticketbench {
namespace {

struct GpuGroup {
  static constexpr ProbeCard card{.name = "gpu_group",
                                  .title = "our GPU kernel, dense blocks of rows and columns",
                                  .role = ContenderRole::sparse,
                                  .device = ProbeDevice::cuda,
                                  .dtype = "",
                                  .layout = "CHWN"};

  static std::string refusal(const Problem& problem) {
    return problem.blocks.empty() ? "the layer has no dense blocks" : "";
  }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    return prepare_gpu_groups(problem, problem.blocks);
  }
};

TICKETBENCH_REGISTER_PROBE(GpuGroup);

}  // namespace
}  // namespace ticketbench
