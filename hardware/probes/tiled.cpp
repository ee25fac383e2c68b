// Dense, by our own kernel: registers hold tiles of output pixels times output channels.

#include "hardware/harness/blocked_layer.hpp"

namespace ticketbench {
namespace {

struct Tiled {
  static constexpr ProbeCard card{
      .name = "tiled", .title = "our dense kernel, sixteen images innermost", .layout = "N16CHW16"};

  static std::string refusal(const Problem&) { return ""; }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool& pool) {
    return prepare_blocked(
        problem, kernels::Packing::panels, 1,
        [&](const kernels::Plan& plan) {
          return kernels::pack_dense(problem.shape, weights_of(problem), problem.shape.padding,
                                     plan);
        },
        pool);
  }
};

TICKETBENCH_REGISTER_PROBE(Tiled);

}  // namespace
}  // namespace ticketbench
