// JPEG and PNG files to pixels. No LibTorch here.
#pragma once

#include "suites/harness/view.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ticketbench {

/// Pixels of a part of an image, which may have been reduced while it was decoded.
struct Raster {
  std::vector<uint8_t> rgb;  ///< [size.height, size.width, 3]
  Extent size;
  /// Reduced to so many eighths of the image's size.
  int64_t eighths = 8;
  /// The box that was asked for, in pixels of this raster.
  Box box;
};

/// What the header of an encoded image says. An orientation in its EXIF data is not followed.
/// Throws std::invalid_argument that begins with `name` for what is neither JPEG nor PNG, and for a
/// broken header.
Extent image_extent(std::string_view bytes, const std::string& name);

/// The pixels that `box` touches, as RGB: grey images are spread over three channels, CMYK ones
/// converted, transparency dropped. A JPEG is reduced while it is decoded to the smallest size of
/// 1/8, 2/8, .. 8/8 at which the box is no smaller than `least`. Throws std::invalid_argument that
/// begins with `name`: broken, or it ends before the box does.
Raster decode_image(std::string_view bytes, const std::string& name, const Box& box,
                    const Extent& least);

}  // namespace ticketbench
