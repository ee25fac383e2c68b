// Whole filters or input channels pruned, on a GPU: the smaller dense layer.

#include "hardware/harness/libtorch_layer.hpp"
#include "hardware/harness/slim_layer.hpp"

namespace ticketbench {
namespace {

struct CudnnSlim {
  static constexpr ProbeCard card{
      .name = "cudnn_slim",
      .title = "LibTorch's convolution on a GPU without pruned channels",
      .role = ContenderRole::sparse,
      .device = ProbeDevice::cuda,
      .dtype = "",
      .layout = "NHWC"};

  static std::string refusal(const Problem& problem) { return slim_refusal(problem); }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    return prepare_slim(problem, [](const Problem& smaller) {
      return prepare_libtorch_cuda(smaller, torch::MemoryFormat::ChannelsLast, Algorithms::all);
    });
  }
};

TICKETBENCH_REGISTER_PROBE(CudnnSlim);

}  // namespace
}  // namespace ticketbench
