// Floats at an address that is a multiple of a cache line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

namespace ticketbench::kernels {

/// `size` zeros. Moves, doesn't copy.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(int64_t size)
      : data_(static_cast<float*>(::operator new(bytes(size), kAlignment))), size_(size) {
    std::memset(data_, 0, bytes(size));
  }
  AlignedBuffer(AlignedBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;
  ~AlignedBuffer() { ::operator delete(data_, kAlignment); }

  [[nodiscard]] float* data() { return data_; }
  [[nodiscard]] const float* data() const { return data_; }
  [[nodiscard]] int64_t size() const { return size_; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  static std::size_t bytes(int64_t size) { return static_cast<std::size_t>(size) * sizeof(float); }

  float* data_ = nullptr;
  int64_t size_ = 0;
};

}  // namespace ticketbench::kernels
