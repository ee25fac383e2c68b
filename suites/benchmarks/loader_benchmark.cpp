// What the input path costs: images a second on one thread, from memory and from JPEG files. Where
// TICKETBENCH_SLICES names a folder with imagenette2-224-10x50 and imagenet-original-100, their
// real files as well.

#include "core/files.hpp"
#include "suites/harness/image_folder.hpp"
#include "suites/harness/loader.hpp"
#include "suites/machine.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdio>  // jpeglib.h needs it before
#include <cstdlib>
#include <jpeglib.h>

namespace ticketbench {
namespace {

namespace fs = std::filesystem;

const Augmentation kPadded{};
const Augmentation kRandomResized{.crop = Crop::random_resized};
const Augmentation kCentre{.padding = 0, .flip = false, .test_resize = 256};

void load(benchmark::State& state, const Images& images, const Augmentation& augmentation) {
  const auto channels = static_cast<size_t>(images.input().channels);
  Loader loader({.images = images,
                 .mean = std::vector<double>(channels, 0.5),
                 .deviation = std::vector<double>(channels, 0.25),
                 .augmentation = augmentation,
                 .batch_size = 100,
                 .workers = 1},
                Stream(1, "order"), Stream(1, "augment"));
  int64_t iteration = 0;
  int64_t count = 0;
  for (auto _ : state) count += loader.at(iteration++).labels.size(0);
  state.SetItemsProcessed(count);
}

Images in_memory(int64_t count, int64_t side) {
  const torch::Tensor pixels = torch::arange(count * side * side * 3).remainder(251);
  return {pixels.to(torch::kUInt8).view({count, side, side, 3}),
          torch::zeros({count}, torch::kInt64)};
}

Images files_of(const fs::path& folder) {
  std::vector<LabelledFile> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back({fs::relative(entry, folder).string(), 0});
  }
  return as_files(folder, files, {3, 224, 224});
}

// A picture of ImageNet's usual size, waves with noise that make it as rough as a photograph: some
// 90 kB.
std::string made_jpeg() {
  constexpr int64_t kHeight = 375;
  constexpr int64_t kWidth = 500;
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_height = kHeight;
  info.image_width = kWidth;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 95, TRUE);
  jpeg_start_compress(&info, TRUE);
  Rng noise = Stream(1, "noise").at(0);
  std::vector<uint8_t> row(3 * kWidth);
  for (int64_t y = 0; y < kHeight; ++y) {
    for (size_t v = 0; v < row.size(); ++v) {
      const double phase = 0.04 * static_cast<double>(v) + 0.07 * static_cast<double>(y);
      row[v] =
          static_cast<uint8_t>(128 + 90 * std::sin(phase) + static_cast<double>(noise.below(21)));
    }
    JSAMPROW line = row.data();
    jpeg_write_scanlines(&info, &line, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::string result(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return result;
}

// 100 of it, in a folder that the system throws away.
Images made_files() {
  const fs::path folder = fs::temp_directory_path() / "ticketbench-loader-benchmark";
  fs::create_directories(folder);
  const std::string bytes = made_jpeg();
  for (int i = 0; i < 100; ++i) write_atomically(folder / fmt::format("{}.JPEG", i), bytes);
  return files_of(folder);
}

void add(const std::string& name, const Images& images, const Augmentation& augmentation) {
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    load(state, images, augmentation);
  })->Unit(benchmark::kMillisecond);
}

void add_all() {
  add("memory_32/padded", in_memory(5000, 32), kPadded);
  add("memory_64/padded", in_memory(2000, 64), kPadded);
  add("memory_64/random_resized", in_memory(2000, 64), kRandomResized);
  const auto add_files = [](const std::string& name, const Images& images) {
    add(name + "/random_resized", images, kRandomResized);
    add(name + "/centre", images, kCentre);
  };
  add_files("made_500x375", made_files());
  if (const char* const slices = std::getenv("TICKETBENCH_SLICES")) {
    for (const std::string name : {"imagenette2-224-10x50", "imagenet-original-100"})
      add_files(name, files_of(fs::path(slices) / name));
  }
}

}  // namespace
}  // namespace ticketbench

int main(int argc, char** argv) {
  ticketbench::keep_freed_memory();  // as the program does
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  ticketbench::add_all();
  benchmark::RunSpecifiedBenchmarks();
}
