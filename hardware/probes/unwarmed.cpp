// Dense as papers have timed it: a single call, nothing warmed up (Structure-LTH's released profile
// times one cuDNN call like this). Shown apart and never what a ratio is held against.

#include "hardware/harness/libtorch_layer.hpp"

namespace ticketbench {
namespace {

struct Unwarmed {
  static constexpr ProbeCard card{.name = "unwarmed",
                                  .title = "LibTorch's convolution, its first call alone",
                                  .role = ContenderRole::paper_baseline,
                                  .layout = "NCHW"};

  static std::string refusal(const Problem&) { return ""; }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    return prepare_libtorch(problem, torch::MemoryFormat::Contiguous, torch::kFloat32);
  }
};

TICKETBENCH_REGISTER_PROBE(Unwarmed);

}  // namespace
}  // namespace ticketbench
