// Activations as the kernels want them: sixteen images innermost, a border of zeros around each
// map.
#pragma once

#include "hardware/kernels/cpu/aligned_buffer.hpp"

#include <cstdint>
#include <span>

namespace ticketbench::kernels {

/// Images side by side in memory. A weight is multiplied with that many values at once, wherever it
/// stands, so that a pruned one costs nothing and a kept one no index arithmetic.
inline constexpr int64_t kLanes = 16;

/// [images / 16, channels, height + 2 border, width + 2 border, 16]; images are rounded up to
/// sixteen, those beyond `images` hold anything finite. Strides are in floats.
struct BlockedShape {
  int64_t images = 1;
  int64_t channels = 1;
  int64_t height = 1;
  int64_t width = 1;
  int64_t border = 0;

  bool operator==(const BlockedShape&) const = default;

  [[nodiscard]] int64_t groups() const { return (images + kLanes - 1) / kLanes; }
  [[nodiscard]] int64_t row_stride() const { return (width + 2 * border) * kLanes; }
  [[nodiscard]] int64_t channel_stride() const { return (height + 2 * border) * row_stride(); }
  [[nodiscard]] int64_t group_stride() const { return channels * channel_stride(); }
  [[nodiscard]] int64_t size() const { return groups() * group_stride(); }
  /// Of pixel (0, 0), inside of the border.
  [[nodiscard]] int64_t first_pixel() const { return border * (row_stride() + kLanes); }
};

/// A blocked tensor that somebody else owns; `data` is 64-byte aligned.
struct BlockedView {
  float* data = nullptr;
  BlockedShape shape;

  /// The images of group `first` and the `count - 1` groups after it.
  [[nodiscard]] BlockedView groups(int64_t first, int64_t count) const;
};

struct ConstBlockedView {
  ConstBlockedView() = default;
  ConstBlockedView(const float* values, const BlockedShape& of) : data(values), shape(of) {}
  ConstBlockedView(
      const BlockedView& view)  // NOLINT(google-explicit-constructor): as T* to const T*
      : data(view.data), shape(view.shape) {}

  const float* data = nullptr;
  BlockedShape shape;

  [[nodiscard]] ConstBlockedView groups(int64_t first, int64_t count) const;
};

/// A blocked tensor and its memory, zeros at first.
class BlockedTensor {
 public:
  /// Throws std::invalid_argument where a number is out of range.
  explicit BlockedTensor(const BlockedShape& shape);

  [[nodiscard]] const BlockedShape& shape() const { return shape_; }
  BlockedView view() { return {buffer_.data(), shape_}; }
  [[nodiscard]] ConstBlockedView view() const { return {buffer_.data(), shape_}; }

 private:
  BlockedShape shape_;
  AlignedBuffer buffer_;
};

/// How a caller's tensor of shape [N, C, H, W] lies in memory.
enum class Order {
  nchw,  ///< images, channels, rows, columns
  nhwc,  ///< channels-last: images, rows, columns, channels
};

/// Writes every pixel of `blocked`, zeros for images that aren't there; the border isn't touched.
/// Throws std::invalid_argument where sizes differ.
void to_blocked(std::span<const float> plain, Order order, const BlockedView& blocked);

/// Throws std::invalid_argument where sizes differ.
void from_blocked(const ConstBlockedView& blocked, Order order, std::span<float> plain);

/// Zeros in the border, for memory that has had another shape. Kernels never write it.
void clear_border(const BlockedView& blocked);

/// Throws std::invalid_argument unless `view` has memory, aligned, and numbers in range. `role`
/// says in the message what it is.
void check(const ConstBlockedView& view, const char* role);

}  // namespace ticketbench::kernels
