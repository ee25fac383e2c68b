// Single kept weights. A block of threads holds a tile of the input in shared memory; each warp
// adds weight times pixel for eight output channels, a lane for each image. A weight is read once
// for all pixels of the tile and lanes, and its place is one offset.
//
// CUDA's words come from whoever includes this: nvcc, or the tests' emulation.
#pragma once

#include "hardware/kernels/cuda/pack.hpp"

namespace ticketbench::kernels {

constexpr int kRowThreads = 256;
constexpr int kRowWarpOuts = static_cast<int>(kRowOuts) / (kRowThreads / 32);

struct RowArguments {
  const int32_t* begins;
  const RowEntry* entries;
  const float* input;
  float* output;
  int32_t images;  ///< padded
  int32_t in;
  int32_t in_height;  ///< with the border
  int32_t in_width;
  int32_t out;
  int32_t out_height;
  int32_t out_width;
  int32_t kernel;
  int32_t channels;  ///< input channels at a time
};

/// What the launch's blocks are, out tiles first so that neighbours read the same pixels.
struct RowGrid {
  int32_t outs;
  int32_t columns;
  int32_t rows;
  int32_t groups;
};

__device__ __host__ inline int32_t tiles_for(int32_t size, int32_t tile) {
  return (size + tile - 1) / tile;
}

template <int kHeight, int kWidth, int kGroups>
__device__ __host__ RowGrid row_grid(const RowArguments& g) {
  return {tiles_for(g.out, static_cast<int32_t>(kRowOuts)), tiles_for(g.out_width, kWidth),
          tiles_for(g.out_height, kHeight), tiles_for(g.images, 32 * kGroups)};
}

template <int kStride, int kHeight, int kWidth, int kGroups>
__global__ void __launch_bounds__(kRowThreads) row_kernel(const RowArguments g) {
  constexpr int kPixels = kHeight * kWidth * kGroups;
  alignas(16) __shared__ float tile[kRowShared];

  const RowGrid grid = row_grid<kHeight, kWidth, kGroups>(g);
  int block = static_cast<int>(blockIdx.x);
  const int out_tile = block % grid.outs;
  block /= grid.outs;
  const int first_x = block % grid.columns * kWidth;
  block /= grid.columns;
  const int first_y = block % grid.rows * kHeight;
  const int first_image = block / grid.rows * 32 * kGroups;

  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int patch_height = (kHeight - 1) * kStride + g.kernel;
  const int patch_width = (kWidth - 1) * kStride + g.kernel;
  const int patch = patch_height * patch_width;
  const int times = tiles_for(g.in, g.channels);

  float sums[kRowWarpOuts][kPixels] = {};
  for (int time = 0; time < times; ++time) {
    const int first_channel = time * g.channels;
    const int channels = min(g.channels, g.in - first_channel);
    __syncthreads();  // all are done with the last tile
    for (int i = threadIdx.x; i < channels * kGroups * patch * 8; i += kRowThreads) {
      const int pixel = i / 8 % patch;
      const int group = i / 8 / patch % kGroups;
      const int channel = first_channel + i / 8 / patch / kGroups;
      const int y = first_y * kStride + pixel / patch_width;
      const int x = first_x * kStride + pixel % patch_width;
      const int image = first_image + group * 32 + i % 8 * 4;
      const bool there = y < g.in_height && x < g.in_width && image < g.images;
      const int64_t from =
          there ? ((static_cast<int64_t>(channel) * g.in_height + y) * g.in_width + x) * g.images +
                      image
                : 0;
      __pipeline_memcpy_async(tile + i * 4, g.input + from, 16, there ? 0 : 16);
    }
    __pipeline_commit();
    __pipeline_wait_prior(0);
    __syncthreads();

    const int32_t* const begins =
        g.begins + (out_tile * times + time) * static_cast<int>(kRowOuts) + warp * kRowWarpOuts;
#pragma unroll
    for (int o = 0; o < kRowWarpOuts; ++o) {
      for (int e = begins[o]; e < begins[o + 1]; ++e) {
        const RowEntry entry = g.entries[e];
        const float* const window = tile + entry.offset + lane;
#pragma unroll
        for (int p = 0; p < kPixels; ++p) {
          const int group = p / (kHeight * kWidth);
          const int y = p / kWidth % kHeight * kStride;
          const int x = p % kWidth * kStride;
          sums[o][p] =
              fmaf(entry.value, window[(group * patch + y * patch_width + x) * 32], sums[o][p]);
        }
      }
    }
  }

  for (int o = 0; o < kRowWarpOuts; ++o) {
    const int out = out_tile * static_cast<int>(kRowOuts) + warp * kRowWarpOuts + o;
    for (int p = 0; p < kPixels; ++p) {
      const int y = first_y + p / kWidth % kHeight;
      const int x = first_x + p % kWidth;
      const int image = first_image + p / (kHeight * kWidth) * 32 + lane;
      if (out < g.out && y < g.out_height && x < g.out_width && image < g.images) {
        g.output[((static_cast<int64_t>(out) * g.out_height + y) * g.out_width + x) * g.images +
                 image] = sums[o][p];
      }
    }
  }
}

}  // namespace ticketbench::kernels
