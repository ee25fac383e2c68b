// CUDA's words on the CPU, as far as kernels/cuda uses them, so that its kernels are tested where
// there is no GPU: each of a block's threads is a thread, and a barrier is a barrier. Copies that
// run beside the kernel are done at once here, so a wait for them that is missing isn't found; nor
// does it say anything about time.
#pragma once

#include <algorithm>
#include <barrier>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <vector>

// NOLINTBEGIN: these are CUDA's names
#define __global__
#define __device__
#define __host__
#define __shared__ static
#define __launch_bounds__(threads)

namespace ticketbench::kernels::emulation {

struct Index {
  int x = 0;
};

inline std::barrier<>*& block_barrier() {
  static std::barrier<>* barrier = nullptr;
  return barrier;
}

}  // namespace ticketbench::kernels::emulation

inline thread_local ticketbench::kernels::emulation::Index threadIdx;
inline thread_local ticketbench::kernels::emulation::Index blockIdx;

inline void __syncthreads() {
  ticketbench::kernels::emulation::block_barrier()->arrive_and_wait();
}

struct alignas(16) float4 {
  float x, y, z, w;
};
inline float4 make_float4(float x, float y, float z, float w) {
  return {x, y, z, w};
}
struct alignas(8) uint2 {
  unsigned x, y;
};
using std::min;

struct __nv_bfloat16 {
  uint16_t bits;
};
inline float __bfloat162float(__nv_bfloat16 value) {
  return std::bit_cast<float>(static_cast<uint32_t>(value.bits) << 16U);
}
inline __nv_bfloat16 __float2bfloat16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  return {static_cast<uint16_t>((bits + 0x7FFFU + (bits >> 16U & 1U)) >> 16U)};
}

inline void __pipeline_memcpy_async(void* to, const void* from, size_t size, size_t zeros = 0) {
  if (std::bit_cast<uintptr_t>(to) % size != 0) throw std::logic_error("a copy that isn't aligned");
  std::memset(to, 0, size);
  std::memcpy(to, from, size - zeros);
}
inline void __pipeline_commit() {}
inline void __pipeline_wait_prior(size_t) {}

// A warp's fragment is held by its first lane, whole; the other lanes' are never read.
namespace nvcuda::wmma {

struct matrix_a {};
struct matrix_b {};
struct accumulator {};
struct row_major {};
struct col_major {};
enum layout_t { mem_row_major };
namespace precision {
struct tf32 {};
}  // namespace precision

inline bool first_lane() {
  return threadIdx.x % 32 == 0;
}

inline float as_float(float value) {
  return value;
}
inline float as_float(__nv_bfloat16 value) {
  return __bfloat162float(value);
}
inline float __float_to_tf32(float value) {
  return std::bit_cast<float>((std::bit_cast<uint32_t>(value) + 0x1000U) & 0xFFFFE000U);
}

template <class Use, int M, int N, int K, class Operand, class Order = void>
struct fragment {
  static constexpr int rows = std::is_same_v<Use, matrix_b> ? K : M;
  static constexpr int columns = std::is_same_v<Use, matrix_a> ? K : N;
  static constexpr bool by_column = std::is_same_v<Order, col_major>;
  static constexpr int num_elements = rows * columns;
  float x[num_elements];
};

template <class Fragment>
void fill_fragment(Fragment& to, float value) {
  std::fill(std::begin(to.x), std::end(to.x), value);
}

template <class Fragment, class Value>
void load_matrix_sync(Fragment& to, const Value* from, int pitch) {
  if (std::bit_cast<uintptr_t>(from) % 32 != 0) throw std::logic_error("a fragment isn't aligned");
  if (!first_lane()) return;
  for (int r = 0; r < Fragment::rows; ++r) {
    for (int c = 0; c < Fragment::columns; ++c) {
      const int place = Fragment::by_column ? c * pitch + r : r * pitch + c;
      to.x[r * Fragment::columns + c] = as_float(from[place]);
    }
  }
}

template <class Sums, class A, class B>
void mma_sync(Sums& to, const A& a, const B& b, const Sums& sums) {
  if (!first_lane()) return;
  for (int r = 0; r < Sums::rows; ++r) {
    for (int c = 0; c < Sums::columns; ++c) {
      float sum = sums.x[r * Sums::columns + c];
      for (int k = 0; k < A::columns; ++k) sum += a.x[r * A::columns + k] * b.x[k * B::columns + c];
      to.x[r * Sums::columns + c] = sum;
    }
  }
}

template <class Sums>
void store_matrix_sync(float* to, const Sums& from, int pitch, layout_t) {
  if (!first_lane()) return;
  for (int r = 0; r < Sums::rows; ++r) {
    for (int c = 0; c < Sums::columns; ++c) to[r * pitch + c] = from.x[r * Sums::columns + c];
  }
}

}  // namespace nvcuda::wmma
// NOLINTEND

namespace ticketbench::kernels::emulation {

/// One block of threads after another; shared memory is a static of the kernel.
template <class Kernel, class Arguments>
void launch(Kernel kernel, int32_t blocks, int threads, const Arguments& arguments) {
  std::barrier barrier(threads);
  block_barrier() = &barrier;
  std::vector<std::jthread> running;
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      threadIdx.x = thread;
      for (int32_t block = 0; block < blocks; ++block) {
        blockIdx.x = block;
        kernel(arguments);
        barrier.arrive_and_wait();
      }
    });
  }
}

}  // namespace ticketbench::kernels::emulation
