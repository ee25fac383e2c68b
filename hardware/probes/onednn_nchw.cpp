// Dense, through LibTorch's convolution (oneDNN on a CPU), channels first.

#include "hardware/harness/libtorch_layer.hpp"

namespace ticketbench {
namespace {

struct OneDnnNchw {
  static constexpr ProbeCard card{
      .name = "onednn_nchw", .title = "LibTorch's convolution, channels first", .layout = "NCHW"};

  static std::string refusal(const Problem&) { return ""; }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    return prepare_libtorch(problem, torch::MemoryFormat::Contiguous, torch::kFloat32);
  }
};

TICKETBENCH_REGISTER_PROBE(OneDnnNchw);

}  // namespace
}  // namespace ticketbench
