#include "hardware/harness/libtorch_layer.hpp"

#include <ATen/Context.h>
#include <c10/core/InferenceMode.h>

namespace ticketbench {
namespace {

using torch::Tensor;

class LibTorchLayer : public PreparedProbe {
 public:
  LibTorchLayer(const Problem& problem, torch::MemoryFormat format, torch::ScalarType dtype,
                torch::Device device)
      : shape_(problem.shape),
        linear_(shape_.kernel == 1 && shape_.height == 1 && shape_.width == 1) {
    const c10::InferenceMode inference;
    input_ = problem.input.to(device, dtype);
    weight_ = problem.weight.to(device, dtype);
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
    return output_.to(torch::kCPU, torch::kFloat32)
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

// Sets before each call what LibTorch keeps in globals: contenders take turns.
class CudaLayer : public LibTorchLayer {
 public:
  CudaLayer(const Problem& problem, torch::MemoryFormat format, Algorithms algorithms)
      : LibTorchLayer(problem, format,
                      problem.type == ComputeType::bf16 ? torch::kBFloat16 : torch::kFloat32,
                      torch::kCUDA),
        tf32_(problem.type == ComputeType::tf32),
        algorithms_(algorithms),
        blas_(format == torch::MemoryFormat::Contiguous ? at::BlasBackend::Cublas
                                                        : at::BlasBackend::Cublaslt) {}

  void run() override {
    allow_tf32(tf32_);
    at::globalContext().setBenchmarkCuDNN(algorithms_ == Algorithms::all);
    at::globalContext().setBenchmarkLimitCuDNN(0);     // 10 algorithms otherwise
    at::globalContext().setDeterministicCuDNN(false);  // as trainings are, by the slower ones
    at::globalContext().setBlasPreferredBackend(blas_);
    LibTorchLayer::run();
  }

 private:
  bool tf32_;
  Algorithms algorithms_;
  at::BlasBackend blas_;
};

}  // namespace

std::unique_ptr<PreparedProbe> prepare_libtorch(const Problem& problem, torch::MemoryFormat format,
                                                torch::ScalarType dtype) {
  return std::make_unique<LibTorchLayer>(problem, format, dtype, torch::kCPU);
}

std::unique_ptr<PreparedProbe> prepare_libtorch_cuda(const Problem& problem,
                                                     torch::MemoryFormat format,
                                                     Algorithms algorithms) {
  return std::make_unique<CudaLayer>(problem, format, algorithms);
}

void allow_tf32(bool allowed) {
  at::globalContext().setAllowTF32CuDNN(allowed);
  at::globalContext().setAllowTF32CuBLAS(allowed);
}

}  // namespace ticketbench
