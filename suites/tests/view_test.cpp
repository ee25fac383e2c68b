#include "suites/harness/view.hpp"

#include "suites/tests/image_files.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

namespace ticketbench {
namespace {

std::vector<uint8_t> resampled(const Picture& picture, const Box& box, const Extent& out) {
  std::vector<uint8_t> to(static_cast<size_t>(out.height * out.width * picture.channels));
  resample(picture.pixels.data(), picture.size, picture.channels, box, out, to.data());
  return to;
}

BOOST_AUTO_TEST_SUITE(view)

// Nothing to scale: the very bytes, for all of an image and for a part of it.
BOOST_AUTO_TEST_CASE(same_size_is_a_copy) {
  const Picture picture = waves({11, 17});
  BOOST_TEST((resampled(picture, whole(picture.size), picture.size) == picture.pixels));
  std::vector<uint8_t> part;
  for (int64_t y = 3; y < 8; ++y) part.insert(part.end(), picture.at(y, 6), picture.at(y, 15));
  BOOST_TEST((resampled(picture, {3, 6, 5, 9}, {5, 9}) == part));
}

// Enlarged twice, output pixels lie a quarter from the nearest input pixel: 3/4 and 1/4. Halved,
// the triangle spans four pixels with weights 1, 3, 3, 1; at the edge, where one is missing, 3, 3,
// 1: (3 * 0 + 3 * 100 + 200) / 7 = 71.4, (100 + 3 * 200 + 3 * 40) / 7 = 117.1. Without the wider
// filter they would be 50 and 120.
BOOST_AUTO_TEST_CASE(values_by_hand) {
  const Picture two{.size = {1, 2}, .channels = 1, .pixels = {0, 100}};
  BOOST_TEST((resampled(two, whole(two.size), {1, 4}) == std::vector<uint8_t>{0, 25, 75, 100}));
  const Picture four{.size = {4, 1}, .channels = 1, .pixels = {0, 100, 200, 40}};
  BOOST_TEST((resampled(four, whole(four.size), {2, 1}) == std::vector<uint8_t>{71, 117}));
}

// Four colours: the box of one of them is of that colour to its edges, larger and smaller; a box of
// the whole keeps each in its place.
BOOST_AUTO_TEST_CASE(what_is_outside_of_the_box_does_not_count) {
  const std::array<Colour, 4> colours{{{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}}};
  const Picture picture = quadrants({40, 60}, colours);
  for (const Extent out : {Extent{50, 70}, Extent{7, 9}}) {
    BOOST_TEST((resampled(picture, {0, 30, 20, 30}, out) == flat(out, {0, 255, 0}).pixels));
    BOOST_TEST((resampled(picture, {20, 0, 20, 30}, out) == flat(out, {0, 0, 255}).pixels));
  }
  const Picture small{.size = {8, 8}, .pixels = resampled(picture, whole(picture.size), {8, 8})};
  for (size_t q = 0; q < 4; ++q) {
    const uint8_t* const pixel = small.at(q < 2 ? 1 : 6, q % 2 == 0 ? 1 : 6);
    BOOST_TEST(std::equal(pixel, pixel + 3, colours[q].begin()));
  }
}

// 375 rows scaled to 256 shrink by 1.46484375; 224 pixels are then 328.125 of the image, in the
// middle. Numbers that a float holds exactly.
BOOST_AUTO_TEST_CASE(centre_boxes) {
  BOOST_TEST((centre_box({375, 500}, {224, 224}, 256) == Box{23.4375, 85.9375, 328.125, 328.125}));
  BOOST_TEST((centre_box({500, 375}, {224, 224}, 256) == Box{85.9375, 23.4375, 328.125, 328.125}));
  BOOST_TEST((centre_box({375, 500}, {224, 224}, 0) == Box{0, 62.5, 375, 375}));
  BOOST_TEST((centre_box({64, 64}, {64, 64}, 0) == whole({64, 64})));
  BOOST_TEST((centre_box({100, 100}, {20, 40}, 0) == Box{25, 0, 50, 100}));
}

// 6,000 draws in a square of 1,000. Areas: uniform in [0.08, 1], 0.54 on average, but large oblong
// ones don't fit and are drawn anew; below half the area all fit, so there the law is exact:
// uniform, and width / height as often above 1 as below, and in the middle half of its logarithm
// half of the time. (Uniform itself, not its logarithm, it would be above 1 in 57 %.) Shares of
// 2,700 have a standard deviation of 0.01.
BOOST_AUTO_TEST_CASE(random_boxes_obey_their_law) {
  const Extent image{1000, 1000};
  const Stream stream(5, "boxes");
  double small = 0;
  double lower = 0;
  double wide = 0;
  double middle = 0;
  double place = 0;
  for (uint64_t i = 0; i < 6000; ++i) {
    Rng rng = stream.at(0, i);
    const Box box = random_box(image, 0.08, 4.0 / 3, rng);
    BOOST_TEST_REQUIRE((box.top >= 0 && box.left >= 0 && box.height >= 1 && box.width >= 1));
    BOOST_TEST_REQUIRE((box.top + box.height <= 1000 && box.left + box.width <= 1000));
    for (const double edge : {box.top, box.left, box.height, box.width})
      BOOST_TEST_REQUIRE(edge == std::floor(edge));
    const double area = box.height * box.width / 1e6;
    const double aspect = box.width / box.height;
    // Sides are rounded to a pixel of at least 245.
    BOOST_TEST_REQUIRE((area > 0.0795 && area <= 1));
    BOOST_TEST_REQUIRE((aspect > 0.745 && aspect < 1.342));
    if (area > 0.5) continue;
    ++small;
    lower += area < 0.29 ? 1 : 0;
    wide += aspect > 1 ? 1 : aspect == 1 ? 0.5 : 0;
    middle += std::abs(std::log(aspect)) < std::log(4.0 / 3) / 2 ? 1 : 0;
    place += (box.left + 0.5) / (1001 - box.width);
  }
  // 42 of 92 parts of the areas; some more, as none of these is drawn anew.
  BOOST_TEST((small > 2600 && small < 3300));
  BOOST_TEST(std::abs(lower / small - 0.5) < 0.04);
  BOOST_TEST(std::abs(wide / small - 0.5) < 0.04);
  BOOST_TEST(std::abs(middle / small - 0.5) < 0.04);
  BOOST_TEST(std::abs(place / small - 0.5) < 0.03);
}

// A strip of 10 x 1,000: 8 % of its area with a side of at most 10 is 80 wide, eight times as wide
// as high. None of ten draws fits, and 10 * 4 / 3 = 13 columns are taken from the middle.
BOOST_AUTO_TEST_CASE(what_never_fits_becomes_a_centre_crop) {
  Rng rng = Stream(1, "strip").at(0);
  BOOST_TEST((random_box({10, 1000}, 0.08, 4.0 / 3, rng) == Box{0, 493, 10, 13}));
  BOOST_TEST((random_box({1000, 10}, 0.08, 4.0 / 3, rng) == Box{493, 0, 13, 10}));
  // A square always fits itself: all of the area, no other aspect.
  BOOST_TEST((random_box({30, 30}, 1, 1, rng) == whole({30, 30})));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
