// How a network sees an image: which part of it, and that part at the network's input size.
#pragma once

#include "core/streams.hpp"

#include <cstdint>

namespace ticketbench {

/// In pixels.
struct Extent {
  int64_t height = 0;
  int64_t width = 0;
  bool operator==(const Extent&) const = default;
};

/// A part of an image in its pixels, from the upper left corner; edges may lie between pixels.
struct Box {
  double top = 0;
  double left = 0;
  double height = 0;
  double width = 0;
  bool operator==(const Box&) const = default;
};

/// All of it.
Box whole(const Extent& image);

/// What an image of size `out` shows after its shorter side was scaled to `resize` and its centre
/// cut out; `resize` 0: the largest centred part with the shape of `out`.
Box centre_box(const Extent& image, const Extent& out, int64_t resize);

/// A random part with whole edges: its area uniform in [min_area, 1] of the image's, the logarithm
/// of its width / height uniform within +-log(max_aspect), its place uniform. After ten draws that
/// don't fit: the largest centred part whose aspect is in bounds. (Szegedy et al., "Going deeper
/// with convolutions", CVPR 2015, section 6; torchvision's RandomResizedCrop.)
Box random_box(const Extent& image, double min_area, double max_aspect, Rng& rng);

/// `box` of the image `pixels` [H, W, C] as `to` [out.height, out.width, C]. Bilinear; where the
/// box shrinks the filter grows with it, so that no pixel is left out. Pixels outside of the box
/// don't count.
void resample(const uint8_t* pixels, const Extent& image, int64_t channels, const Box& box,
              const Extent& out, uint8_t* to);

}  // namespace ticketbench
