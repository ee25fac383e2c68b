// Dense, through LibTorch's convolution (oneDNN on a CPU), channels-last.

#include "hardware/harness/libtorch_layer.hpp"

namespace ticketbench {
namespace {

struct OneDnnNhwc {
  static constexpr ProbeCard card{
      .name = "onednn_nhwc", .title = "LibTorch's convolution, channels-last", .layout = "NHWC"};

  static std::string refusal(const Problem&) { return ""; }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    return prepare_libtorch(problem, torch::MemoryFormat::ChannelsLast, torch::kFloat32);
  }
};

TICKETBENCH_REGISTER_PROBE(OneDnnNhwc);

}  // namespace
}  // namespace ticketbench
