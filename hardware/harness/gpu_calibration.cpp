#include "hardware/harness/gpu_calibration.hpp"

#include "core/fields.hpp"
#include "hardware/harness/libtorch_layer.hpp"
#include "hardware/harness/timing.hpp"

#include <c10/core/InferenceMode.h>
#include <torch/cuda.h>

#include <algorithm>
#include <functional>
#include <limits>

namespace ticketbench {
namespace {

// The least of a few, the first not counted.
double least_seconds(const std::function<void()>& call) {
  double least = std::numeric_limits<double>::infinity();
  for (int trial = 0; trial < 6; ++trial) {
    torch::cuda::synchronize();
    const double taken = seconds_of([&] {
      call();
      torch::cuda::synchronize();
    });
    if (trial > 0) least = std::min(least, taken);
  }
  return least;
}

}  // namespace

Calibration calibrate_gpu(ComputeType type) {
  const c10::InferenceMode inference;
  allow_tf32(type == ComputeType::tf32);
  constexpr int64_t kEdge = 8192;
  const auto dtype = type == ComputeType::bf16 ? torch::kBFloat16 : torch::kFloat32;
  const auto on_gpu = torch::TensorOptions().device(torch::kCUDA);
  // Numbers that differ: a GPU's clock depends on how many bits change.
  const torch::Tensor a =
      torch::arange(kEdge * kEdge, on_gpu).remainder(251).div(251).view({kEdge, kEdge}).to(dtype);
  const torch::Tensor b = a.t().contiguous();
  torch::Tensor c = torch::empty({kEdge, kEdge}, on_gpu.dtype(dtype));
  const double product = least_seconds([&] { at::matmul_out(c, a, b); });

  constexpr int64_t kFloats = int64_t{1} << 28;
  const torch::Tensor from = torch::zeros({kFloats}, on_gpu);
  const torch::Tensor to = torch::empty({kFloats}, on_gpu);
  const double copy = least_seconds([&] { to.copy_(from); });
  return {.threads = 1,
          .peak_flops = 2.0 * kEdge * kEdge * kEdge / product,
          .bandwidth_bytes = 2.0 * sizeof(float) * static_cast<double>(kFloats) / copy,
          .dtype = to_string(type)};
}

}  // namespace ticketbench
