// Image files that tests make themselves.
#pragma once

#include "suites/harness/view.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace ticketbench {

using Colour = std::array<uint8_t, 3>;

/// Pixels [height, width, channels].
struct Picture {
  Extent size;
  int64_t channels = 3;
  std::vector<uint8_t> pixels;
  [[nodiscard]] const uint8_t* at(int64_t y, int64_t x) const {
    return pixels.data() + (y * size.width + x) * channels;
  }
};

/// One colour; its length says how many channels.
Picture flat(const Extent& size, const std::vector<uint8_t>& colour);
/// Upper left, upper right, lower left, lower right.
Picture quadrants(const Extent& size, const std::array<Colour, 4>& colours);
/// No two pixels alike, and smooth enough to survive a JPEG.
Picture waves(const Extent& size, int64_t channels = 3);

enum class JpegKind { baseline, no_subsampling, progressive, ycck, cmyk, cmyk_without_adobe };

/// A JPEG of quality 97. The kind of four channels has to be one of the last three.
std::string jpeg(const Picture& picture, JpegKind kind = JpegKind::baseline);
/// Three channels, or four with opacity.
std::string png(const Picture& picture);

}  // namespace ticketbench
