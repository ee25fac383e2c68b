#include "suites/harness/image_codec.hpp"

#include "suites/tests/fixture.hpp"
#include "suites/tests/image_files.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cstdlib>

namespace ticketbench {
namespace {

const Extent kFull{100000, 100000};  // never reduced

Raster decode(const std::string& bytes, const Extent& least = kFull) {
  return decode_image(bytes, "picture", whole(image_extent(bytes, "picture")), least);
}

// The largest difference of any pixel to one colour.
int distance(const Raster& raster, const Colour& colour) {
  int largest = 0;
  for (size_t i = 0; i < raster.rgb.size(); ++i)
    largest = std::max(largest, std::abs(raster.rgb[i] - colour[i % 3]));
  return largest;
}

BOOST_AUTO_TEST_SUITE(image_codec)

// Saturated and dull colours, sides that fill no whole block. Channels in another order, or YCbCr
// left as it is, are far off; a flat colour has no other error than rounding.
BOOST_AUTO_TEST_CASE(flat_colours_survive) {
  for (const Colour colour : {Colour{255, 0, 0}, Colour{0, 0, 255}, Colour{12, 200, 90},
                              Colour{0, 0, 0}, Colour{255, 255, 255}}) {
    for (const JpegKind kind :
         {JpegKind::baseline, JpegKind::no_subsampling, JpegKind::progressive}) {
      const Raster raster = decode(jpeg(flat({17, 23}, {colour.begin(), colour.end()}), kind));
      BOOST_TEST((raster.size == Extent{17, 23}));
      BOOST_TEST(raster.rgb.size() == 17U * 23 * 3);
      BOOST_TEST(distance(raster, colour) <= 2);
    }
  }
}

BOOST_AUTO_TEST_CASE(grey_fills_three_channels) {
  BOOST_TEST(distance(decode(jpeg(flat({9, 31}, {77}))), {77, 77, 77}) <= 1);
}

// What is left white, in cyan, magenta, yellow and black: red is 200 * 153 / 255 = 120, and so on.
// Taken as inks it would be (22, 62, 82). Without Adobe's marker the same numbers are inks: red is
// (255 - 200) * (255 - 153) / 255 = 22.
BOOST_AUTO_TEST_CASE(cmyk_becomes_rgb) {
  const Picture picture = flat({16, 24}, {200, 100, 50, 153});
  for (const JpegKind kind : {JpegKind::cmyk, JpegKind::ycck})
    BOOST_TEST(distance(decode(jpeg(picture, kind)), {120, 60, 30}) <= 2);
  BOOST_TEST(distance(decode(jpeg(picture, JpegKind::cmyk_without_adobe)), {22, 62, 82}) <= 2);
}

// 120 rows and 160 columns: at e eighths 15 e and 20 e. One short of the need is too small, and the
// side that is nearer to its need decides.
BOOST_AUTO_TEST_CASE(a_jpeg_is_reduced_but_not_below_the_need) {
  const std::string bytes = jpeg(flat({120, 160}, {12, 200, 90}));
  const std::vector<std::pair<Extent, int64_t>> cases{{{1, 1}, 1},     {{15, 20}, 1}, {{16, 20}, 2},
                                                      {{15, 21}, 2},   {{45, 60}, 3}, {{46, 60}, 4},
                                                      {{120, 160}, 8}, {{200, 10}, 8}};
  for (const auto& [least, eighths] : cases) {
    const Raster raster = decode(bytes, least);
    BOOST_TEST(raster.eighths == eighths);
    BOOST_TEST((raster.size == Extent{15 * eighths, 20 * eighths}));
    BOOST_TEST((raster.box == whole(raster.size)));
    BOOST_TEST(distance(raster, {12, 200, 90}) <= 2);
  }
  // What counts is the box: half of the image is too small for 60 rows from 7/8 on.
  BOOST_TEST(decode_image(bytes, "picture", {0, 0, 60, 80}, {53, 70}).eighths == 8);
}

// Rows and columns that aren't decoded at all: what is left must be the pixels of a whole decoding,
// bit by bit, also where colour is interpolated across the edge of the box.
BOOST_AUTO_TEST_CASE(a_box_holds_the_pixels_of_the_whole) {
  const Box box{37, 45, 50, 61};
  for (const int64_t channels : {1, 3}) {
    for (const JpegKind kind :
         {JpegKind::baseline, JpegKind::no_subsampling, JpegKind::progressive}) {
      const std::string bytes = jpeg(waves({131, 173}, channels), kind);
      for (const int64_t eighths : {8, 6, 4, 3, 2, 1}) {
        const Extent least{50 * eighths / 8, 61 * eighths / 8};
        const Raster part = decode_image(bytes, "picture", box, least);
        const Raster all = decode(bytes, {131 * eighths / 8, 173 * eighths / 8});
        BOOST_TEST_REQUIRE(part.eighths == eighths);
        BOOST_TEST_REQUIRE(all.eighths == eighths);
        const auto floor = [&](double x) { return static_cast<int64_t>(std::floor(x)); };
        const int64_t top = floor(37.0 * static_cast<double>(eighths) / 8);
        const int64_t left = floor(45.0 * static_cast<double>(eighths) / 8);
        BOOST_TEST(floor(part.box.top) == 0);
        BOOST_TEST(part.box.height == box.height * static_cast<double>(eighths) / 8);
        int64_t different = 0;
        for (int64_t y = 0; y < part.size.height; ++y) {
          for (int64_t x = 0; x < floor(part.box.width); ++x) {
            for (int64_t c = 0; c < 3; ++c) {
              const int64_t here = (y * part.size.width + x + floor(part.box.left)) * 3 + c;
              const int64_t there = ((y + top) * all.size.width + x + left) * 3 + c;
              different +=
                  part.rgb[static_cast<size_t>(here)] != all.rgb[static_cast<size_t>(there)];
            }
          }
        }
        BOOST_TEST(different == 0,
                   fmt::format("{} channels, kind {}, {}/8: {} values differ", channels,
                               static_cast<int>(kind), eighths, different));
      }
    }
  }
}

// libjpeg itself would fill the missing part with grey, or end the program.
BOOST_AUTO_TEST_CASE(broken_files_are_named) {
  const std::string good = jpeg(waves({64, 64}));
  const auto message = [](const std::string& bytes) { return refusal([&] { decode(bytes); }); };
  for (const size_t length : {good.size() * 6 / 10, size_t{200}, size_t{20}}) {
    BOOST_TEST(message(good.substr(0, length)) ==
               fmt::format("picture: a JPEG that ends too early, after {} bytes", length));
  }
  BOOST_TEST(message(jpeg(waves({64, 64}), JpegKind::progressive).substr(0, 900)) ==
             "picture: a JPEG that ends too early, after 900 bytes");
  // Its frame header says twelve bits a sample.
  std::string deep = good;
  const size_t frame = deep.find("\xFF\xC0");
  BOOST_TEST_REQUIRE(frame != std::string::npos);
  deep[frame + 4] = 12;
  BOOST_TEST(message(deep).starts_with("picture: a broken JPEG: "));
  BOOST_TEST(message("") == "picture: an empty file; a JPEG expected");
  BOOST_TEST(message("GIF89a and more") ==
             "picture: begins with 47 49 46 38: neither a JPEG nor a PNG");
}

// Lossless, so every value is compared; rows and columns differ, so that swapping them shows.
BOOST_AUTO_TEST_CASE(a_png_is_decoded_whatever_its_name) {
  const Picture picture = waves({13, 29});
  const std::string bytes = png(picture);
  BOOST_TEST((image_extent(bytes, "picture") == Extent{13, 29}));
  const Box box{3, 4, 5, 6};
  const Raster raster = decode_image(bytes, "picture", box, {1, 1});
  BOOST_TEST((raster.size == Extent{13, 29}));
  BOOST_TEST((raster.box == box));
  BOOST_TEST((raster.rgb == picture.pixels));
  // Hidden colours come to light: nothing is mixed with a background.
  BOOST_TEST(distance(decode(png(flat({4, 5}, {200, 100, 50, 0}))), {200, 100, 50}) == 0);
  BOOST_TEST(refusal([&] {
               decode(bytes.substr(0, bytes.size() / 2));
             }).starts_with("picture: a broken PNG: "));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
