// Dense on a GPU, through LibTorch: the quickest of cuDNN's algorithms; linear layers by cuBLASLt.

#include "hardware/harness/libtorch_layer.hpp"

namespace ticketbench {
namespace {

struct CudnnNhwc {
  static constexpr ProbeCard card{.name = "cudnn_nhwc",
                                  .title = "LibTorch's convolution on a GPU, channels last",
                                  .device = ProbeDevice::cuda,
                                  .dtype = "",
                                  .layout = "NHWC"};

  static std::string refusal(const Problem&) { return ""; }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    return prepare_libtorch_cuda(problem, torch::MemoryFormat::ChannelsLast, Algorithms::all);
  }
};

TICKETBENCH_REGISTER_PROBE(CudnnNhwc);

}  // namespace
}  // namespace ticketbench
