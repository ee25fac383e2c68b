// Sparse, weight by weight: every kept weight is one multiply-add over sixteen images, whatever its
// place, so that any mask will do, N:M too.

#include "hardware/harness/blocked_layer.hpp"

namespace ticketbench {
namespace {

struct Unstructured {
  static constexpr ProbeCard card{.name = "unstructured",
                                  .title = "our kernel, kept weights one by one",
                                  .role = ContenderRole::sparse,
                                  .layout = "N16CHW16"};

  static std::string refusal(const Problem&) { return ""; }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool& pool) {
    const double density =
        static_cast<double>(problem.kept()) / static_cast<double>(problem.shape.weights());
    return prepare_blocked(
        problem, kernels::Packing::rows, density,
        [&](const kernels::Plan& plan) {
          return kernels::pack_rows(problem.shape, weights_of(problem), mask_of(problem),
                                    problem.shape.padding, plan);
        },
        pool);
  }
};

TICKETBENCH_REGISTER_PROBE(Unstructured);

}  // namespace
}  // namespace ticketbench
