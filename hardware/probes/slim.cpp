// Whole filters or input channels pruned: what is left is a smaller dense layer, nothing more.

#include "hardware/harness/libtorch_layer.hpp"
#include "hardware/harness/slim_layer.hpp"

namespace ticketbench {
namespace {

struct Slim {
  static constexpr ProbeCard card{.name = "slim",
                                  .title = "LibTorch's convolution without pruned channels",
                                  .role = ContenderRole::sparse,
                                  .layout = "NHWC"};

  static std::string refusal(const Problem& problem) { return slim_refusal(problem); }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    return prepare_slim(problem, [](const Problem& smaller) {
      return prepare_libtorch(smaller, torch::MemoryFormat::ChannelsLast, torch::kFloat32);
    });
  }
};

TICKETBENCH_REGISTER_PROBE(Slim);

}  // namespace
}  // namespace ticketbench
