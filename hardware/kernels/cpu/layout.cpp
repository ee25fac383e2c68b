#include "hardware/kernels/cpu/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace ticketbench::kernels {
namespace {

std::string to_string(const BlockedShape& s) {
  return fmt::format("{} x {} x {} x {} with border {}", s.images, s.channels, s.height, s.width,
                     s.border);
}

void check(const BlockedShape& s, const char* role) {
  const bool in_range = s.images >= 1 && s.channels >= 1 && s.height >= 1 && s.width >= 1 &&
                        s.border >= 0 && s.border <= 127;
  constexpr int64_t kLargest = int64_t{1} << 20;
  const bool addressable = s.images <= kLargest && s.channels <= kLargest && s.height <= kLargest &&
                           s.width <= kLargest && in_range &&
                           s.channel_stride() < (int64_t{1} << 31) / s.channels;
  if (!addressable)
    throw std::invalid_argument(fmt::format(
        "{}: a blocked tensor of {}: expected sizes from 1 to 2^20, a border from 0 to 127 and "
        "less than 2^31 values in a group of sixteen images",
        role, to_string(s)));
}

struct Strides {
  int64_t image, channel, row, pixel;
};

Strides strides_of(const BlockedShape& s, Order order) {
  if (order == Order::nchw)
    return {s.channels * s.height * s.width, s.height * s.width, s.width, 1};
  return {s.channels * s.height * s.width, 1, s.width * s.channels, s.channels};
}

void expect_size(const BlockedShape& s, std::size_t found) {
  const int64_t expected = s.images * s.channels * s.height * s.width;
  if (found != static_cast<std::size_t>(expected))
    throw std::invalid_argument(fmt::format("{} values beside a blocked tensor of {}, expected {}",
                                            found, to_string(s), expected));
}

// Calls row(offset in the plain tensor of image 0 of the group, blocked offset) for each row.
template <class F>
void for_each_row(const BlockedShape& s, const Strides& strides, F&& row) {
  for (int64_t group = 0; group < s.groups(); ++group) {
    for (int64_t c = 0; c < s.channels; ++c) {
      for (int64_t y = 0; y < s.height; ++y) {
        row(group, group * kLanes * strides.image + c * strides.channel + y * strides.row,
            group * s.group_stride() + c * s.channel_stride() + s.first_pixel() +
                y * s.row_stride());
      }
    }
  }
}

}  // namespace

BlockedView BlockedView::groups(int64_t first, int64_t count) const {
  BlockedView part{data + first * shape.group_stride(), shape};
  part.shape.images = std::min(count * kLanes, shape.images - first * kLanes);
  return part;
}

ConstBlockedView ConstBlockedView::groups(int64_t first, int64_t count) const {
  ConstBlockedView part{data + first * shape.group_stride(), shape};
  part.shape.images = std::min(count * kLanes, shape.images - first * kLanes);
  return part;
}

BlockedTensor::BlockedTensor(const BlockedShape& shape) : shape_(shape) {
  check(shape, "new tensor");
  buffer_ = AlignedBuffer(shape.size());
}

void to_blocked(std::span<const float> plain, Order order, const BlockedView& blocked) {
  const BlockedShape& s = blocked.shape;
  check(blocked, "to_blocked");
  expect_size(s, plain.size());
  const Strides strides = strides_of(s, order);
  for_each_row(s, strides, [&](int64_t group, int64_t from, int64_t to) {
    const int64_t images = std::min(kLanes, s.images - group * kLanes);
    float* row = blocked.data + to;
    if (images < kLanes) std::fill(row, row + s.width * kLanes, 0.0F);
    const float* source = plain.data() + from;
    for (int64_t x = 0; x < s.width; ++x) {
      for (int64_t image = 0; image < images; ++image)
        row[x * kLanes + image] = source[image * strides.image + x * strides.pixel];
    }
  });
}

void from_blocked(const ConstBlockedView& blocked, Order order, std::span<float> plain) {
  const BlockedShape& s = blocked.shape;
  check(blocked, "from_blocked");
  expect_size(s, plain.size());
  const Strides strides = strides_of(s, order);
  for_each_row(s, strides, [&](int64_t group, int64_t to, int64_t from) {
    const int64_t images = std::min(kLanes, s.images - group * kLanes);
    const float* row = blocked.data + from;
    float* target = plain.data() + to;
    for (int64_t x = 0; x < s.width; ++x) {
      for (int64_t image = 0; image < images; ++image)
        target[image * strides.image + x * strides.pixel] = row[x * kLanes + image];
    }
  });
}

void clear_border(const BlockedView& blocked) {
  const BlockedShape& s = blocked.shape;
  check(blocked, "clear_border");
  const int64_t above = s.border * s.row_stride();
  for (int64_t map = 0; map < s.groups() * s.channels; ++map) {
    float* first = blocked.data + map * s.channel_stride();
    std::fill(first, first + above, 0.0F);
    for (int64_t y = 0; y < s.height; ++y) {
      float* row = first + above + y * s.row_stride();
      std::fill(row, row + s.border * kLanes, 0.0F);
      std::fill(row + (s.border + s.width) * kLanes, row + s.row_stride(), 0.0F);
    }
    std::fill(first + above + s.height * s.row_stride(), first + s.channel_stride(), 0.0F);
  }
}

void check(const ConstBlockedView& view, const char* role) {
  check(view.shape, role);
  if (view.data == nullptr || reinterpret_cast<std::uintptr_t>(view.data) % 64 != 0)
    throw std::invalid_argument(
        fmt::format("{}: its memory is {}, expected a 64-byte aligned address", role,
                    view.data == nullptr ? "missing" : "not aligned"));
}

}  // namespace ticketbench::kernels
