// Single kept weights on a GPU, N:M masks among them: each is multiplied with the pixels of a tile
// of 32 images.

#include "hardware/harness/gpu_layer.hpp"

namespace ticketbench {
namespace {

struct GpuUnstructured {
  static constexpr ProbeCard card{.name = "gpu_unstructured",
                                  .title = "our GPU kernel, single weights",
                                  .role = ContenderRole::sparse,
                                  .device = ProbeDevice::cuda,
                                  .layout = "CHWN"};

  static std::string refusal(const Problem& problem) {
    return problem.type == ComputeType::fp32 ? "" : "only in fp32";
  }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    return prepare_gpu_rows(problem);
  }
};

TICKETBENCH_REGISTER_PROBE(GpuUnstructured);

}  // namespace
}  // namespace ticketbench
