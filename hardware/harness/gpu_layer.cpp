#include "hardware/harness/gpu_layer.hpp"

#include "hardware/harness/blocked_layer.hpp"
#include "hardware/harness/timing.hpp"

#include <c10/core/InferenceMode.h>

namespace ticketbench {
namespace {

using kernels::ImagesLast;
using torch::Tensor;

// [N, C, H, W] as the kernels read it, on the GPU.
Tensor to_images_last(const Tensor& input, const ImagesLast& layout, torch::ScalarType dtype) {
  const int64_t border = layout.border;
  const int64_t missing = layout.padded_images() - layout.images;
  const Tensor padded =
      at::constant_pad_nd(input, {border, border, border, border, 0, 0, 0, missing});
  return padded.permute({1, 2, 3, 0}).contiguous().to(torch::kCUDA, dtype);
}

class Layer : public PreparedProbe {
 public:
  Layer(const Problem& problem, torch::ScalarType dtype)
      : input_(to_images_last(problem.input, kernels::input_layout(problem.shape), dtype)),
        images_(problem.shape.batch) {
    const ImagesLast out = kernels::output_layout(problem.shape);
    output_ = torch::empty({out.channels, out.height, out.width, out.padded_images()},
                           torch::TensorOptions().device(torch::kCUDA).dtype(dtype));
  }

  // Packs and uploads, timed.
  template <class Upload>
  void take(Upload&& upload) {
    pack_seconds_ = seconds_of([&] { layer_ = upload(); });
  }

  void run() override { layer_->run(input_.data_ptr(), output_.data_ptr()); }

  [[nodiscard]] Tensor output() const override {
    return output_.narrow(3, 0, images_)
        .permute({3, 0, 1, 2})
        .to(torch::kCPU, torch::kFloat32)
        .contiguous();
  }

  [[nodiscard]] std::optional<double> pack_seconds() const override { return pack_seconds_; }

 private:
  Tensor input_;
  Tensor output_;
  int64_t images_;
  std::unique_ptr<kernels::GpuLayer> layer_;
  double pack_seconds_ = 0;
};

}  // namespace

std::unique_ptr<PreparedProbe> prepare_gpu_groups(const Problem& problem,
                                                  const std::vector<kernels::DenseBlock>& blocks) {
  const c10::InferenceMode inference;
  auto layer = std::make_unique<Layer>(
      problem, problem.type == ComputeType::bf16 ? torch::kBFloat16 : torch::kFloat32);
  layer->take([&] {
    return kernels::upload(kernels::pack_groups(problem.shape, weights_of(problem), blocks),
                           problem.shape.batch, problem.type);
  });
  return layer;
}

std::unique_ptr<PreparedProbe> prepare_gpu_rows(const Problem& problem) {
  const c10::InferenceMode inference;
  auto layer = std::make_unique<Layer>(problem, torch::kFloat32);
  layer->take([&] {
    return kernels::upload(
        kernels::pack_gpu_rows(problem.shape, weights_of(problem), mask_of(problem)),
        problem.shape.batch);
  });
  return layer;
}

}  // namespace ticketbench
