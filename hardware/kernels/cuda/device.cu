#include "hardware/kernels/cuda/device.hpp"

// The kernels take CUDA's words from what was included before them.
// clang-format off
#include <cuda_bf16.h>
#include <cuda_pipeline.h>
#include <cuda_runtime.h>
#include <mma.h>

#include "hardware/kernels/cuda/launch.cuh"
// clang-format on

#include <limits>
#include <span>
#include <stdexcept>
#include <string>

namespace ticketbench::kernels {
namespace {

void succeed(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  throw std::runtime_error(std::string("CUDA: ") + what + ": " + cudaGetErrorString(error));
}

// A copy of values on the GPU.
template <class Value>
class DeviceArray {
 public:
  explicit DeviceArray(std::span<const Value> values) {
    if (values.empty()) return;
    void* memory = nullptr;
    succeed(cudaMalloc(&memory, values.size_bytes()), "no memory for a layer");
    memory_.reset(static_cast<Value*>(memory));
    succeed(cudaMemcpy(memory, values.data(), values.size_bytes(), cudaMemcpyHostToDevice),
            "a layer's weights didn't reach the GPU");
  }

  [[nodiscard]] const Value* get() const { return memory_.get(); }

 private:
  struct Free {
    void operator()(Value* memory) const { cudaFree(memory); }
  };
  std::unique_ptr<Value, Free> memory_;
};

const auto on_gpu = [](auto kernel, int32_t blocks, int threads, const auto& arguments) {
  kernel<<<static_cast<unsigned>(blocks), static_cast<unsigned>(threads)>>>(arguments);
  succeed(cudaGetLastError(), "a kernel didn't start");
};

template <class Math>
class GroupLayer : public GpuLayer {
 public:
  using Value = typename Math::Value;

  GroupLayer(const PackedGroups& layer, std::span<const Value> weights, int64_t batch)
      : tiles_(layer.tiles), rows_(layer.rows), columns_(layer.columns), weights_(weights) {
    arguments_ = group_arguments<Value>(layer, batch);
    arguments_.tiles = tiles_.get();
    arguments_.rows = rows_.get();
    arguments_.columns = columns_.get();
    arguments_.weights = weights_.get();
  }

  void run(const void* input, void* output) override {
    arguments_.input = static_cast<const Value*>(input);
    arguments_.output = static_cast<Value*>(output);
    launch_groups<Math>(arguments_, on_gpu);
  }

 private:
  DeviceArray<GroupTile> tiles_;
  DeviceArray<int32_t> rows_;
  DeviceArray<int32_t> columns_;
  DeviceArray<Value> weights_;
  GroupArguments<Value> arguments_{};
};

class RowLayer : public GpuLayer {
 public:
  RowLayer(const PackedRows& layer, int64_t batch)
      : tiling_{.shape = layer.shape,
                .tiling = layer.tiling,
                .channels = layer.channels,
                .begins = {},
                .entries = {}},
        begins_(layer.begins),
        entries_(layer.entries) {
    arguments_ = row_arguments(layer, batch);
    arguments_.begins = begins_.get();
    arguments_.entries = entries_.get();
  }

  void run(const void* input, void* output) override {
    arguments_.input = static_cast<const float*>(input);
    arguments_.output = static_cast<float*>(output);
    launch_rows(arguments_, tiling_, on_gpu);
  }

 private:
  PackedRows tiling_;  // without its lists
  DeviceArray<int32_t> begins_;
  DeviceArray<RowEntry> entries_;
  RowArguments arguments_{};
};

void check_batch(const ConvShape& layer, int64_t batch, int64_t tiles) {
  ConvShape shape = layer;
  shape.batch = batch;
  check(shape);
  const ImagesLast output = output_layout(shape);
  // Blocks of threads are counted so too: for each tile of rows one for 32 or more of these.
  const int64_t pixels = output.plane() * output.padded_images() + kGroupPixels;
  if (pixels > std::numeric_limits<int32_t>::max() / (tiles / 32 + 1)) {
    throw std::invalid_argument(to_string(shape) + ": more output pixels than 31 bits count");
  }
}

}  // namespace

int gpu_count() {
  int count = 0;
  return cudaGetDeviceCount(&count) == cudaSuccess ? count : 0;
}

std::unique_ptr<GpuLayer> upload(const PackedGroups& layer, int64_t batch, ComputeType type) {
  check_batch(layer.shape, batch, std::ssize(layer.tiles));
  switch (type) {
    case ComputeType::fp32:
      return std::make_unique<GroupLayer<Fp32Math>>(layer, layer.weights, batch);
    case ComputeType::tf32:
      return std::make_unique<GroupLayer<Tf32Math>>(layer, layer.weights, batch);
    case ComputeType::bf16:
      break;
  }
  static_assert(sizeof(__nv_bfloat16) == sizeof(uint16_t));
  const std::vector<uint16_t> weights = to_bf16(layer.weights);
  const auto* const first = reinterpret_cast<const __nv_bfloat16*>(weights.data());
  return std::make_unique<GroupLayer<Bf16Math>>(layer, std::span(first, weights.size()), batch);
}

std::unique_ptr<GpuLayer> upload(const PackedRows& layer, int64_t batch) {
  check_batch(layer.shape, batch, (layer.shape.out + kRowOuts - 1) / kRowOuts);
  return std::make_unique<RowLayer>(layer, batch);
}

}  // namespace ticketbench::kernels
