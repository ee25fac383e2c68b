// Dense on a GPU, through LibTorch: the quickest of cuDNN's algorithms; linear layers by cuBLAS.

#include "hardware/harness/libtorch_layer.hpp"

namespace ticketbench {
namespace {

struct CudnnNchw {
  static constexpr ProbeCard card{.name = "cudnn_nchw",
                                  .title = "LibTorch's convolution on a GPU, channels first",
                                  .device = ProbeDevice::cuda,
                                  .dtype = "",
                                  .layout = "NCHW"};

  static std::string refusal(const Problem&) { return ""; }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    return prepare_libtorch_cuda(problem, torch::MemoryFormat::Contiguous, Algorithms::all);
  }
};

TICKETBENCH_REGISTER_PROBE(CudnnNchw);

}  // namespace
}  // namespace ticketbench
