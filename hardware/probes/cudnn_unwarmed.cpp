// Structure-LTH's kind of baseline on a GPU: one call of cuDNN that nothing has warmed up and that
// tries no algorithms (Chen et al., ICML 2022, arXiv:2202.04736, the released timing script).

#include "hardware/harness/libtorch_layer.hpp"

namespace ticketbench {
namespace {

struct CudnnUnwarmed {
  static constexpr ProbeCard card{.name = "cudnn_unwarmed",
                                  .title = "LibTorch's convolution on a GPU, its first call",
                                  .role = ContenderRole::paper_baseline,
                                  .device = ProbeDevice::cuda,
                                  .dtype = "",
                                  .layout = "NCHW"};

  static std::string refusal(const Problem&) { return ""; }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    return prepare_libtorch_cuda(problem, torch::MemoryFormat::Contiguous, Algorithms::heuristic);
  }
};

TICKETBENCH_REGISTER_PROBE(CudnnUnwarmed);

}  // namespace
}  // namespace ticketbench
