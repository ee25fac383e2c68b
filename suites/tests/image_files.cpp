#include "suites/tests/image_files.hpp"

#include <cmath>
#include <cstdio>  // jpeglib.h needs it before
#include <cstdlib>
#include <jpeglib.h>
#include <png.h>
#include <stdexcept>

namespace ticketbench {

Picture flat(const Extent& size, const std::vector<uint8_t>& colour) {
  Picture picture{.size = size, .channels = static_cast<int64_t>(colour.size())};
  for (int64_t p = 0; p < size.height * size.width; ++p)
    picture.pixels.insert(picture.pixels.end(), colour.begin(), colour.end());
  return picture;
}

Picture quadrants(const Extent& size, const std::array<Colour, 4>& colours) {
  Picture picture{.size = size};
  for (int64_t y = 0; y < size.height; ++y) {
    for (int64_t x = 0; x < size.width; ++x) {
      const Colour& colour =
          colours[(2 * y < size.height ? 0U : 2U) + (2 * x < size.width ? 0U : 1U)];
      picture.pixels.insert(picture.pixels.end(), colour.begin(), colour.end());
    }
  }
  return picture;
}

Picture waves(const Extent& size, int64_t channels) {
  Picture picture{.size = size, .channels = channels};
  for (int64_t y = 0; y < size.height; ++y) {
    for (int64_t x = 0; x < size.width; ++x) {
      for (int64_t c = 0; c < channels; ++c) {
        const double phase =
            0.11 * static_cast<double>(x * (c + 1)) + 0.07 * static_cast<double>(y);
        picture.pixels.push_back(static_cast<uint8_t>(128 + 100 * std::sin(phase)));
      }
    }
  }
  return picture;
}

std::string jpeg(const Picture& picture, JpegKind kind) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_height = static_cast<JDIMENSION>(picture.size.height);
  info.image_width = static_cast<JDIMENSION>(picture.size.width);
  info.input_components = static_cast<int>(picture.channels);
  info.in_color_space = picture.channels == 1   ? JCS_GRAYSCALE
                        : picture.channels == 3 ? JCS_RGB
                                                : JCS_CMYK;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 97, TRUE);
  if (kind == JpegKind::no_subsampling)
    info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = 1;
  if (kind == JpegKind::progressive) jpeg_simple_progression(&info);
  if (kind == JpegKind::ycck) jpeg_set_colorspace(&info, JCS_YCCK);
  if (kind == JpegKind::cmyk_without_adobe) info.write_Adobe_marker = FALSE;
  jpeg_start_compress(&info, TRUE);
  for (int64_t y = 0; y < picture.size.height; ++y) {
    auto* row = const_cast<uint8_t*>(picture.at(y, 0));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::string result(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return result;
}

std::string png(const Picture& picture) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.height = static_cast<png_uint_32>(picture.size.height);
  image.width = static_cast<png_uint_32>(picture.size.width);
  image.format = picture.channels == 4 ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
  png_alloc_size_t size = 0;
  if (png_image_write_to_memory(&image, nullptr, &size, 0, picture.pixels.data(), 0, nullptr) == 0)
    throw std::runtime_error(image.message);
  std::string result(size, '\0');
  if (png_image_write_to_memory(&image, result.data(), &size, 0, picture.pixels.data(), 0,
                                nullptr) == 0)
    throw std::runtime_error(image.message);
  result.resize(size);
  return result;
}

}  // namespace ticketbench
