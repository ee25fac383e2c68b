// JPEG through the classic interface of libjpeg-turbo, PNG through libpng's simplified one.

#include "suites/harness/image_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it before
#include <jerror.h>
#include <jpeglib.h>
#include <png.h>
#include <stdexcept>

namespace ticketbench {
namespace {

[[noreturn]] void refuse(const std::string& name, std::string_view what) {
  throw std::invalid_argument(fmt::format("{}: {}", name, what));
}

// First and last pixel (one past it) of an axis that [from, from + length) touches.
struct Pixels {
  int64_t first;
  int64_t end;
};
Pixels touched(double from, double length, int64_t size) {
  const auto first = std::clamp<int64_t>(static_cast<int64_t>(std::floor(from)), 0, size - 1);
  return {first,
          std::clamp<int64_t>(static_cast<int64_t>(std::ceil(from + length)), first + 1, size)};
}

struct JpegErrors {
  jpeg_error_mgr manager;  // first: libjpeg hands out its address
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

// libjpeg's default ends the program. An exception must not pass through C, so this jumps back
// into JpegReader::guarded.
[[noreturn]] void give_up(j_common_ptr info) {
  auto* const errors = reinterpret_cast<JpegErrors*>(info->err);
  errors->manager.format_message(info, errors->message);
  std::longjmp(errors->jump, 1);
}

// Of warnings (-1), an early end is an error; libjpeg would fill the rest with grey. The others
// (stray bytes between markers, damaged blocks) are in files that everyone trains on.
void on_message(j_common_ptr info, int level) {
  if (level == -1 && info->err->msg_code == JWRN_JPEG_EOF) give_up(info);
}

class JpegReader {
 public:
  JpegReader(std::string_view bytes, const std::string& name) : name_(name), bytes_(bytes.size()) {
    info_.err = jpeg_std_error(&errors_.manager);
    errors_.manager.error_exit = give_up;
    errors_.manager.emit_message = on_message;
    guarded([&] {
      jpeg_create_decompress(&info_);
      jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
      jpeg_read_header(&info_, TRUE);
    });
  }
  ~JpegReader() { jpeg_destroy_decompress(&info_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  [[nodiscard]] Extent extent() const { return {info_.image_height, info_.image_width}; }
  Raster decode(const Box& box, const Extent& least);

 private:
  // `step` calls libjpeg, which may jump out of it: it must own nothing.
  template <class Step>
  void guarded(const Step& step) {
    if (setjmp(errors_.jump) != 0) {
      jpeg_destroy_decompress(&info_);
      if (errors_.manager.msg_code == JWRN_JPEG_EOF)
        refuse(name_, fmt::format("a JPEG that ends too early, after {} bytes", bytes_));
      refuse(name_, fmt::format("a broken JPEG: {}", errors_.message));
    }
    step();
  }

  const std::string& name_;
  size_t bytes_;
  JpegErrors errors_{};
  jpeg_decompress_struct info_{};
};

// A share of white light for each of the inks. Adobe's files hold what is left white, 255 - ink.
void cmyk_to_rgb(const std::vector<uint8_t>& inks, bool inverted, std::vector<uint8_t>& rgb) {
  const auto light = [inverted](uint8_t ink) { return inverted ? ink : 255 - ink; };
  for (size_t from = 0, to = 0; from < inks.size(); from += 4) {
    const int black = light(inks[from + 3]);
    for (size_t c = 0; c < 3; ++c)
      rgb[to++] = static_cast<uint8_t>((light(inks[from + c]) * black + 127) / 255);
  }
}

Raster JpegReader::decode(const Box& box, const Extent& least) {
  Raster result;
  for (result.eighths = 1; result.eighths < 8; ++result.eighths) {
    const double scale = static_cast<double>(result.eighths) / 8;
    if (box.height * scale >= static_cast<double>(least.height) &&
        box.width * scale >= static_cast<double>(least.width))
      break;
  }
  const bool inks = info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
  guarded([&] {
    info_.out_color_space = inks ? JCS_CMYK : JCS_RGB;
    info_.scale_num = static_cast<unsigned>(result.eighths);
    info_.scale_denom = 8;
    jpeg_start_decompress(&info_);
  });

  const double scale = static_cast<double>(result.eighths) / 8;
  const Pixels rows = touched(box.top * scale, box.height * scale, info_.output_height);
  const Pixels columns = touched(box.left * scale, box.width * scale, info_.output_width);
  // Colour is interpolated over the neighbours of a pixel, which at the edge of what is decoded are
  // missing.
  constexpr int64_t kMargin = 2;
  const int64_t from = std::max<int64_t>(0, columns.first - kMargin);
  auto left = static_cast<JDIMENSION>(from);
  auto width =
      static_cast<JDIMENSION>(std::min<int64_t>(info_.output_width, columns.end + kMargin) - from);
  guarded([&] {
    jpeg_crop_scanline(&info_, &left, &width);  // moves both to the edges of blocks
    if (rows.first > 0) jpeg_skip_scanlines(&info_, static_cast<JDIMENSION>(rows.first));
  });

  result.size = {rows.end - rows.first, width};
  result.box = {box.top * scale - static_cast<double>(rows.first), box.left * scale - left,
                box.height * scale, box.width * scale};
  const auto pixels = static_cast<size_t>(result.size.height * result.size.width);
  result.rgb.resize(3 * pixels);
  std::vector<uint8_t> separate(inks ? 4 * pixels : 0);
  uint8_t* row = inks ? separate.data() : result.rgb.data();
  const size_t row_bytes = (inks ? 4U : 3U) * width;
  guarded([&] {
    for (int64_t y = rows.first; y < rows.end; ++y, row += row_bytes)
      jpeg_read_scanlines(&info_, &row, 1);
  });
  if (inks) cmyk_to_rgb(separate, info_.saw_Adobe_marker != 0, result.rgb);
  return result;
}

class PngReader {
 public:
  PngReader(std::string_view bytes, const std::string& name) : name_(name) {
    image_.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_memory(&image_, bytes.data(), bytes.size()) == 0) fail();
  }
  ~PngReader() { png_image_free(&image_); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  [[nodiscard]] Extent extent() const { return {image_.height, image_.width}; }

  Raster decode(const Box& box) {
    image_.format = PNG_FORMAT_RGBA;
    std::vector<uint8_t> rgba(PNG_IMAGE_SIZE(image_));
    if (png_image_finish_read(&image_, nullptr, rgba.data(), 0, nullptr) == 0) fail();
    Raster result{.size = extent(), .box = box};
    for (size_t i = 0; i < rgba.size(); i += 4)
      result.rgb.insert(result.rgb.end(), {rgba[i], rgba[i + 1], rgba[i + 2]});
    return result;
  }

 private:
  [[noreturn]] void fail() const { refuse(name_, fmt::format("a broken PNG: {}", image_.message)); }

  const std::string& name_;
  png_image image_{};
};

// ImageNet holds a PNG that is called .JPEG: what counts is how a file begins.
bool is_png(std::string_view bytes, const std::string& name) {
  if (bytes.starts_with("\xFF\xD8\xFF")) return false;
  if (bytes.starts_with("\x89PNG\r\n\x1A\n")) return true;
  std::string found;
  for (const char c : bytes.substr(0, 4))
    found += fmt::format(" {:02X}", static_cast<unsigned char>(c));
  refuse(name, found.empty() ? std::string("an empty file; a JPEG expected")
                             : fmt::format("begins with{}: neither a JPEG nor a PNG", found));
}

}  // namespace

Extent image_extent(std::string_view bytes, const std::string& name) {
  return is_png(bytes, name) ? PngReader(bytes, name).extent() : JpegReader(bytes, name).extent();
}

Raster decode_image(std::string_view bytes, const std::string& name, const Box& box,
                    const Extent& least) {
  if (is_png(bytes, name)) return PngReader(bytes, name).decode(box);
  return JpegReader(bytes, name).decode(box, least);
}

}  // namespace ticketbench
