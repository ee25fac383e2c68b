#include "hardware/harness/product_layer.hpp"

#include "hardware/harness/timing.hpp"

#include <c10/core/InferenceMode.h>

namespace ticketbench {
namespace {

class Product : public PreparedProbe {
 public:
  Product(const Problem& problem, torch::ScalarType dtype, const std::function<void()>& pack,
          std::function<torch::Tensor(const torch::Tensor&)> multiply)
      : shape_(problem.shape), multiply_(std::move(multiply)) {
    const c10::InferenceMode inference;
    pixels_ =
        problem.input.transpose(0, 1).reshape({shape_.in, -1}).contiguous().to(torch::kCUDA, dtype);
    pack_seconds_ = seconds_of(pack);
  }

  void run() override {
    const c10::InferenceMode inference;
    output_ = multiply_(pixels_);
  }

  [[nodiscard]] torch::Tensor output() const override {
    const c10::InferenceMode inference;
    return output_.view({shape_.out, shape_.batch, shape_.out_height(), shape_.out_width()})
        .transpose(0, 1)
        .to(torch::kCPU, torch::kFloat32)
        .contiguous();
  }

  [[nodiscard]] std::optional<double> pack_seconds() const override { return pack_seconds_; }

 private:
  kernels::ConvShape shape_;
  std::function<torch::Tensor(const torch::Tensor&)> multiply_;
  torch::Tensor pixels_;
  torch::Tensor output_;
  double pack_seconds_ = 0;
};

}  // namespace

std::string product_refusal(const Problem& problem) {
  const kernels::ConvShape& s = problem.shape;
  return s.kernel == 1 && s.stride == 1 && s.padding == 0 ? "" : "no 1x1 layer of stride 1";
}

std::unique_ptr<PreparedProbe> prepare_product(
    const Problem& problem, torch::ScalarType dtype, const std::function<void()>& pack,
    const std::function<torch::Tensor(const torch::Tensor&)>& multiply) {
  return std::make_unique<Product>(problem, dtype, pack, multiply);
}

}  // namespace ticketbench
