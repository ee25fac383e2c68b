// Sparse on a GPU by the vendor's library: the weight in compressed rows times all pixels, through
// LibTorch and cuSPARSE.

#include "hardware/harness/libtorch_layer.hpp"
#include "hardware/harness/product_layer.hpp"

namespace ticketbench {
namespace {

struct Cusparse {
  static constexpr ProbeCard card{.name = "cusparse",
                                  .title = "compressed rows times pixels, by cuSPARSE",
                                  .role = ContenderRole::sparse,
                                  .device = ProbeDevice::cuda,
                                  .layout = "CNHW"};

  static std::string refusal(const Problem& problem) {
    return problem.type == ComputeType::fp32 ? product_refusal(problem) : "only in fp32";
  }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    allow_tf32(false);
    const auto weight = std::make_shared<torch::Tensor>();
    return prepare_product(
        problem, torch::kFloat32,
        [&] { *weight = problem.weight.flatten(1).to(torch::kCUDA).to_sparse_csr(); },
        [weight](const torch::Tensor& pixels) { return at::matmul(*weight, pixels); });
  }
};

TICKETBENCH_REGISTER_PROBE(Cusparse);

}  // namespace
}  // namespace ticketbench
