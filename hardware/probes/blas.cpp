// Dense, as a product of matrices: patches of the input as columns, through LibTorch's BLAS.

#include "hardware/harness/probe.hpp"

#include <c10/core/InferenceMode.h>

namespace ticketbench {
namespace {

class Product : public PreparedProbe {
 public:
  explicit Product(const Problem& problem) : shape_(problem.shape), input_(problem.input) {
    weight_ = problem.weight.flatten(1);
  }

  void run() override {
    const c10::InferenceMode inference;
    // One pixel and kernel 1: the input is its own patches.
    const torch::Tensor patches =
        shape_.kernel == 1 && shape_.stride == 1 && shape_.padding == 0
            ? input_.flatten(2)
            : at::im2col(input_, {shape_.kernel, shape_.kernel}, {1, 1},
                         {shape_.padding, shape_.padding}, {shape_.stride, shape_.stride});
    output_ = at::matmul(weight_, patches);
  }

  [[nodiscard]] torch::Tensor output() const override {
    return output_.view({shape_.batch, shape_.out, shape_.out_height(), shape_.out_width()});
  }

 private:
  kernels::ConvShape shape_;
  torch::Tensor input_;
  torch::Tensor weight_;
  torch::Tensor output_;
};

struct Blas {
  static constexpr ProbeCard card{
      .name = "blas", .title = "patches as columns, then a product of matrices", .layout = "NCHW"};

  static std::string refusal(const Problem&) { return ""; }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    return std::make_unique<Product>(problem);
  }
};

TICKETBENCH_REGISTER_PROBE(Blas);

}  // namespace
}  // namespace ticketbench
