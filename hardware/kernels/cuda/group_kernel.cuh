// Dense blocks of rows x columns as one launch of small matrix products (Chen et al., ICML 2022,
// arXiv:2202.04736, section 3.3, whose kernels gather and scatter apart): the patches' values are
// gathered on their way into shared memory, and sums go straight to their true rows.
//
// CUDA's words come from whoever includes this: nvcc, or the tests' emulation.
#pragma once

#include "hardware/kernels/cuda/pack.hpp"

namespace ticketbench::kernels {

constexpr int kGroupThreads = 128;
constexpr int kGroupPixels = 128;  ///< times images: columns of the product that a block computes
constexpr int kGroupStages = 3;    ///< fetched ahead

template <class Value>
struct GroupArguments {
  const GroupTile* tiles;
  int32_t tile_count;
  const int32_t* rows;
  const int32_t* columns;
  const Value* weights;
  const Value* input;
  Value* output;
  int32_t images;  ///< padded
  int32_t total;   ///< output pixels times images
  int32_t out_width;
  int32_t in_row;  ///< pixels
  int32_t stride;
};

__device__ inline void load_four(float* to, const float* from) {
  const float4 values = *reinterpret_cast<const float4*>(from);
  to[0] = values.x;
  to[1] = values.y;
  to[2] = values.z;
  to[3] = values.w;
}

__device__ inline void store_four(float* to, const float* sums) {
  *reinterpret_cast<float4*>(to) = make_float4(sums[0], sums[1], sums[2], sums[3]);
}

__device__ inline void store_four(__nv_bfloat16* to, const float* sums) {
  alignas(8) __nv_bfloat16 values[4];
  for (int i = 0; i < 4; ++i) values[i] = __float2bfloat16(sums[i]);
  *reinterpret_cast<uint2*>(to) = *reinterpret_cast<const uint2*>(values);
}

/// Multiply-adds between registers: each thread eight rows by twice four pixels.
struct Fp32Math {
  using Value = float;
  static constexpr int kDepth = 16;
  static constexpr int kRowPitch = kGroupRows;
  static constexpr int kPixelPitch = kGroupPixels;

  float sums[8][8] = {};

  __device__ void multiply(const float* weights, const float* patches) {
    const int row = threadIdx.x / 16 * 8;
    const int pixel = threadIdx.x % 16 * 4;
#pragma unroll
    for (int k = 0; k < kDepth; ++k) {
      float w[8];
      float x[8];
      load_four(&w[0], weights + k * kRowPitch + row);
      load_four(&w[4], weights + k * kRowPitch + row + 4);
      load_four(&x[0], patches + k * kPixelPitch + pixel);
      load_four(&x[4], patches + k * kPixelPitch + kGroupPixels / 2 + pixel);
#pragma unroll
      for (int r = 0; r < 8; ++r) {
#pragma unroll
        for (int p = 0; p < 8; ++p) sums[r][p] = fmaf(w[r], x[p], sums[r][p]);
      }
    }
  }

  /// Hands all sums to `store(row, pixel, four values)`.
  template <class Store>
  __device__ void finish(float*, Store&& store) {
    const int row = threadIdx.x / 16 * 8;
    const int pixel = threadIdx.x % 16 * 4;
    for (int r = 0; r < 8; ++r) {
      store(row + r, pixel, &sums[r][0]);
      store(row + r, kGroupPixels / 2 + pixel, &sums[r][4]);
    }
  }
};

/// Tensor cores: each of four warps 32 rows by 64 pixels, sums in float.
template <class Stored, class Operand, int kStep>
struct TensorMath {
  using Value = Stored;
  static constexpr int kDepth = 2 * kStep;
  // Eight values more than needed: rows of a fragment start in different banks.
  static constexpr int kRowPitch = kGroupRows + 8;
  static constexpr int kPixelPitch = kGroupPixels + 8;
  static constexpr int kSumPitch = kGroupPixels + 4;

  template <class Use, class Order>
  using Fragment = nvcuda::wmma::fragment<Use, 16, 16, kStep, Operand, Order>;
  using Weights = Fragment<nvcuda::wmma::matrix_a, nvcuda::wmma::col_major>;
  using Patches = Fragment<nvcuda::wmma::matrix_b, nvcuda::wmma::row_major>;
  using Sums = nvcuda::wmma::fragment<nvcuda::wmma::accumulator, 16, 16, kStep, float>;

  Sums sums[2][4];

  __device__ TensorMath() {
    for (auto& row : sums) {
      for (Sums& sum : row) nvcuda::wmma::fill_fragment(sum, 0.0F);
    }
  }

  static __device__ int first_row() { return threadIdx.x / 64 * 32; }
  static __device__ int first_pixel() { return threadIdx.x / 32 % 2 * 64; }

  // The tensor cores read nineteen bits of a float; these are to be the nearest ones.
  template <class Matrix>
  static __device__ void round(Matrix& matrix) {
    if constexpr (sizeof(Stored) == sizeof(float)) {
      for (int i = 0; i < matrix.num_elements; ++i) {
        matrix.x[i] = nvcuda::wmma::__float_to_tf32(matrix.x[i]);
      }
    }
  }

  __device__ void multiply(const Stored* weights, const Stored* patches) {
#pragma unroll
    for (int k = 0; k < kDepth; k += kStep) {
      Weights w[2];
      for (int r = 0; r < 2; ++r) {
        const Stored* corner = weights + k * kRowPitch + first_row() + 16 * r;
        nvcuda::wmma::load_matrix_sync(w[r], corner, kRowPitch);
        round(w[r]);
      }
      for (int p = 0; p < 4; ++p) {
        Patches x;
        const Stored* corner = patches + k * kPixelPitch + first_pixel() + 16 * p;
        nvcuda::wmma::load_matrix_sync(x, corner, kPixelPitch);
        round(x);
        for (int r = 0; r < 2; ++r) nvcuda::wmma::mma_sync(sums[r][p], w[r], x, sums[r][p]);
      }
    }
  }

  /// As above; `shared` has room for kGroupRows * kSumPitch floats.
  template <class Store>
  __device__ void finish(float* shared, Store&& store) {
    for (int r = 0; r < 2; ++r) {
      for (int p = 0; p < 4; ++p) {
        float* corner = shared + (first_row() + 16 * r) * kSumPitch + first_pixel() + 16 * p;
        nvcuda::wmma::store_matrix_sync(corner, sums[r][p], kSumPitch, nvcuda::wmma::mem_row_major);
      }
    }
    __syncthreads();
    for (int i = threadIdx.x; i < kGroupRows * kGroupPixels / 4; i += kGroupThreads) {
      const int row = i / (kGroupPixels / 4);
      const int pixel = i % (kGroupPixels / 4) * 4;
      store(row, pixel, shared + row * kSumPitch + pixel);
    }
  }
};

using Tf32Math = TensorMath<float, nvcuda::wmma::precision::tf32, 8>;
using Bf16Math = TensorMath<__nv_bfloat16, __nv_bfloat16, 16>;

/// One tile of rows by kGroupPixels pixels for each block of threads.
template <class Math>
__global__ void __launch_bounds__(kGroupThreads)
    group_kernel(const GroupArguments<typename Math::Value> g) {
  using Value = typename Math::Value;
  constexpr int kChunk = 16 / static_cast<int>(sizeof(Value));  // that one instruction fetches
  constexpr int kRowChunks = static_cast<int>(kGroupRows) / kChunk;
  constexpr int kPixelChunks = kGroupPixels / kChunk;
  constexpr int kStage = Math::kDepth * (Math::kRowPitch + Math::kPixelPitch);
  constexpr int kFetched = kGroupStages * kStage * static_cast<int>(sizeof(Value));
  constexpr int kSums = static_cast<int>(kGroupRows) * (kGroupPixels + 4) * 4;
  static_assert(kGroupDepth % Math::kDepth == 0);
  alignas(128) __shared__ unsigned char shared[kFetched > kSums ? kFetched : kSums];
  Value* const stages = reinterpret_cast<Value*>(shared);

  const GroupTile tile = g.tiles[blockIdx.x % g.tile_count];
  const int first = static_cast<int>(blockIdx.x) / g.tile_count * kGroupPixels;

  // The pixel and images whose values this thread fetches, column by column.
  const int chunk = static_cast<int>(threadIdx.x) % kPixelChunks * kChunk;
  const bool inside = first + chunk < g.total;
  const int pixel = inside ? (first + chunk) / g.images : 0;
  const int corner_pixel = (pixel / g.out_width * g.in_row + pixel % g.out_width) * g.stride;
  const Value* const corner = g.input + static_cast<int64_t>(corner_pixel) * g.images +
                              (inside ? (first + chunk) % g.images : 0);

  const int steps = (tile.columns + Math::kDepth - 1) / Math::kDepth;
  const auto fetch = [&](int step) {
    if (step < steps) {
      Value* const weights = stages + step % kGroupStages * kStage;
      Value* const patches = weights + Math::kDepth * Math::kRowPitch;
      const int first_column = step * Math::kDepth;
      const Value* const from = g.weights + tile.first_weight + first_column * kGroupRows;
      for (int i = threadIdx.x; i < Math::kDepth * kRowChunks; i += kGroupThreads) {
        __pipeline_memcpy_async(
            weights + i / kRowChunks * Math::kRowPitch + i % kRowChunks * kChunk, from + i * kChunk,
            16);
      }
      for (int k = threadIdx.x / kPixelChunks; k < Math::kDepth;
           k += kGroupThreads / kPixelChunks) {
        const int column = first_column + k;
        const bool there = inside && column < tile.columns;
        const int64_t offset = there ? g.columns[tile.first_column + column] : 0;
        __pipeline_memcpy_async(patches + k * Math::kPixelPitch + chunk, corner + offset * g.images,
                                16, there ? 0 : 16);
      }
    }
    __pipeline_commit();  // also of nothing: the waiting counts commits
  };

  Math math;
  for (int step = 0; step < kGroupStages - 1; ++step) fetch(step);
  for (int step = 0; step < steps; ++step) {
    __pipeline_wait_prior(kGroupStages - 2);
    __syncthreads();  // this step has come for all threads, and all are done with the last
    fetch(step + kGroupStages - 1);
    const Value* const weights = stages + step % kGroupStages * kStage;
    math.multiply(weights, weights + Math::kDepth * Math::kRowPitch);
  }
  __syncthreads();

  math.finish(reinterpret_cast<float*>(shared), [&](int row, int column, const float* sums) {
    if (row >= tile.rows || first + column >= g.total) return;
    const int64_t out = g.rows[tile.first_row + row];
    store_four(g.output + out * g.total + first + column, sums);
  });
}

}  // namespace ticketbench::kernels
