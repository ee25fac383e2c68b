#include "hardware/harness/libtorch_layer.hpp"

#include <c10/core/InferenceMode.h>

namespace ticketbench {
namespace {

using torch::Tensor;

class LibTorchLayer : public PreparedProbe {
 public:
  LibTorchLayer(const Problem& problem, torch::MemoryFormat format, torch::ScalarType dtype)
      : shape_(problem.shape),
        linear_(shape_.kernel == 1 && shape_.height == 1 && shape_.width == 1) {
    const c10::InferenceMode inference;
    input_ = problem.input.to(dtype);
    weight_ = problem.weight.to(dtype);
    if (linear_) {
      input_ = input_.flatten(1);
      weight_ = weight_.flatten(1);
    } else {
      input_ = input_.contiguous(format);
      weight_ = weight_.contiguous(format);
    }
  }

  void run() override {
    const c10::InferenceMode inference;
    output_ = linear_ ? at::linear(input_, weight_)
                      : at::conv2d(input_, weight_, {}, shape_.stride, shape_.padding);
  }

  [[nodiscard]] Tensor output() const override {
    const c10::InferenceMode inference;
    return output_.to(torch::kFloat32)
        .reshape({shape_.batch, shape_.out, shape_.out_height(), shape_.out_width()})
        .contiguous();
  }

 private:
  kernels::ConvShape shape_;
  bool linear_;
  Tensor input_;
  Tensor weight_;
  Tensor output_;
};

}  // namespace

std::unique_ptr<PreparedProbe> prepare_libtorch(const Problem& problem, torch::MemoryFormat format,
                                                torch::ScalarType dtype) {
  return std::make_unique<LibTorchLayer>(problem, format, dtype);
}

}  // namespace ticketbench
