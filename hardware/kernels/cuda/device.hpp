// Packed layers on a GPU. This header needs no CUDA; what it declares is there only where a toolkit
// was found when the program was built.
#pragma once

#include "hardware/kernels/compute_type.hpp"
#include "hardware/kernels/cuda/pack.hpp"

#include <cstdint>
#include <memory>

namespace ticketbench::kernels {

/// GPUs that this process may use; 0 where there is no driver.
int gpu_count();

/// A layer whose weights lie on the current GPU.
class GpuLayer {
 public:
  virtual ~GpuLayer() = default;
  /// output = convolution of input, on the default stream, without waiting for it. Device pointers,
  /// laid out as input_layout and output_layout say; floats, or bf16 where the layer was uploaded
  /// so. Throws std::runtime_error where CUDA reports an error.
  virtual void run(const void* input, void* output) = 0;
};

/// Throws std::invalid_argument where the batch has more pixels than 31 bits count,
/// std::runtime_error where CUDA reports an error.
std::unique_ptr<GpuLayer> upload(const PackedGroups& layer, int64_t batch, ComputeType type);
std::unique_ptr<GpuLayer> upload(const PackedRows& layer, int64_t batch);

}  // namespace ticketbench::kernels
