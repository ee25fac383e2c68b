// Layers for the GPU's kernels, computed by a GPU or by its emulation, beside the reference.
#pragma once

#include "hardware/kernels/cuda/pack.hpp"
#include "hardware/tests/support.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace ticketbench::kernels {

/// [batch, channels, height, width] with the images last, and back. The images that pad the batch
/// hold NaN: nothing may come of them.
std::vector<float> to_images_last(const ImagesLast& layout, std::span<const float> values);
std::vector<float> from_images_last(const ImagesLast& layout, std::span<const float> values);

/// The numbers that sixteen bits of a float stand for.
std::vector<float> from_bf16(std::span<const uint16_t> values);

/// A layer's outputs, all of them with the images last.
struct GpuKernels {
  std::function<std::vector<float>(const PackedGroups&, int64_t batch, std::span<const float>)>
      fp32;
  std::function<std::vector<float>(const PackedGroups&, int64_t batch, std::span<const float>)>
      tf32;
  std::function<std::vector<uint16_t>(const PackedGroups&, int64_t batch,
                                      std::span<const uint16_t>)>
      bf16;
  std::function<std::vector<float>(const PackedRows&, int64_t batch, std::span<const float>)> rows;
};

/// All awkward shapes through all kernels.
void compare_gpu_kernels(const GpuKernels& kernels);

}  // namespace ticketbench::kernels
