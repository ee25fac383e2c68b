// Dense in bfloat16, through LibTorch: not what a float32 ratio is held against, but what an
// engineer would try first.

#include "hardware/harness/libtorch_layer.hpp"

namespace ticketbench {
namespace {

struct OneDnnBf16 {
  static constexpr ProbeCard card{.name = "onednn_bf16",
                                  .title = "LibTorch's convolution in bfloat16, channels-last",
                                  .dtype = "bf16",
                                  .layout = "NHWC"};

  static std::string refusal(const Problem&) { return ""; }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    return prepare_libtorch(problem, torch::MemoryFormat::ChannelsLast, torch::kBFloat16);
  }
};

TICKETBENCH_REGISTER_PROBE(OneDnnBf16);

}  // namespace
}  // namespace ticketbench
