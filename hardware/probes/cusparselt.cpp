// Two of each four consecutive input channels kept, on a GPU's sparse tensor cores: the compressed
// weight times all pixels, through LibTorch and cuSPARSELt, by the algorithm that it finds
// quickest.

#include "hardware/harness/product_layer.hpp"

namespace ticketbench {
namespace {

struct Cusparselt {
  static constexpr ProbeCard card{.name = "cusparselt",
                                  .title = "2:4 sparse tensor cores times pixels, by cuSPARSELt",
                                  .role = ContenderRole::sparse,
                                  .device = ProbeDevice::cuda,
                                  .dtype = "bf16",
                                  .layout = "CNHW"};

  static std::string refusal(const Problem& problem) {
    if (problem.type != ComputeType::bf16) return "only in bf16";
    const Structure& s = problem.structure;
    const bool fits = s.kind == StructureKind::n_m && s.n == 2 && s.m == 4;
    return fits ? product_refusal(problem)
                : "the mask doesn't keep two of each four input channels";
  }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    struct Packed {
      torch::Tensor weight;
      std::optional<int64_t> algorithm;
    };
    const auto packed = std::make_shared<Packed>();
    return prepare_product(
        problem, torch::kBFloat16,
        [&] {
          packed->weight = at::_cslt_compress(
              problem.weight.flatten(1).to(torch::kCUDA, torch::kBFloat16).contiguous());
        },
        [packed](const torch::Tensor& pixels) {
          // The first call isn't timed.
          if (!packed->algorithm)
            packed->algorithm = at::_cslt_sparse_mm_search(packed->weight, pixels);
          return at::_cslt_sparse_mm(packed->weight, pixels, {}, {}, {}, false, *packed->algorithm);
        });
  }
};

TICKETBENCH_REGISTER_PROBE(Cusparselt);

}  // namespace
}  // namespace ticketbench
