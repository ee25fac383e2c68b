#include "hardware/kernels/cpu/single.hpp"

#include "hardware/kernels/cpu/layout.hpp"
#include "hardware/kernels/cpu/pixel_planes.hpp"
#include "hardware/kernels/cpu/tile_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace ticketbench::kernels {
namespace {

// Panels of one piece of work: enough to be worth taking, few enough to share.
constexpr int64_t kPanels = 16;

void check_fits(const PackedConv& layer, const ConvShape& shape, std::span<const float> input,
                std::span<const float> output, const PlainEpilogue& epilogue) {
  check(shape);
  if (layer.plan.arrangement != Arrangement::pixels) {
    throw std::invalid_argument(fmt::format("running {}: packed by {}, expected a plan for pixels",
                                            to_string(shape), to_string(layer.plan)));
  }
  const auto expect = [&](const char* what, std::size_t found, int64_t expected) {
    if (found != static_cast<std::size_t>(expected)) {
      throw std::invalid_argument(fmt::format("running {}: the {} has {} values, expected {}",
                                              to_string(shape), what, found, expected));
    }
  };
  expect("input", input.size(), shape.input_size());
  expect("output", output.size(), shape.output_size());
  if (!epilogue.bias.empty()) expect("bias", epilogue.bias.size(), shape.out);
  if (!epilogue.residual.empty()) expect("residual", epilogue.residual.size(), shape.output_size());
}

// One channel of an image, padded.
void copy_planes(const ConvShape& shape, const PixelPlanes& planes, int64_t channel,
                 const float* map, float* to) {
  const int64_t size = planes.stride * planes.stride * planes.rows * planes.columns;
  std::fill_n(to + planes.plane(channel, 0, 0), size, 0.0F);
  for (int64_t y = 0; y < shape.height; ++y) {
    const int64_t row = y + shape.padding;
    // The first map columns of each remainder, then every stride-th.
    for (int64_t first = 0; first < std::min(planes.stride, shape.width); ++first) {
      float* target = to + planes.at(channel, row, first + shape.padding);
      const float* source = map + y * shape.width + first;
      const int64_t count = (shape.width - first + planes.stride - 1) / planes.stride;
      for (int64_t x = 0; x < count; ++x) target[x] = source[x * planes.stride];
    }
  }
}

// The outputs among values [from, begin + size) of a row of the weight, at their true place;
// `values` are those from `begin` on.
void store_outputs(const ConvShape& shape, const PixelPlanes& planes, const float* values,
                   int64_t begin, int64_t size, int64_t from, float bias, const float* residual,
                   bool relu, float* map) {
  const int64_t end = std::min(begin + size, planes.outputs);
  for (int64_t y = from / planes.columns; y * planes.columns < end; ++y) {
    const int64_t start = y * planes.columns;
    const int64_t first = std::max(from - start, int64_t{0});
    const int64_t last = std::min(end - start, shape.out_width());
    for (int64_t x = first; x < last; ++x) {
      const int64_t place = y * shape.out_width() + x;
      float value = values[start + x - begin] + bias;
      if (residual != nullptr) value += residual[place];
      map[place] = relu && !(value > 0) ? 0.0F : value;
    }
  }
}

}  // namespace

void run_single(const PackedConv& layer, int64_t batch, std::span<const float> input,
                std::span<float> output, const PlainEpilogue& epilogue, ThreadPool& pool) {
  ConvShape shape = layer.shape;
  shape.batch = batch;
  check_fits(layer, shape, input, output, epilogue);
  const PixelPlanes planes(shape);
  const TileGrid grid = tile_grid(layer.plan, {.height = 1, .width = planes.vectors()}, 1);
  const auto tiles = static_cast<int64_t>(grid.columns.size());
  const auto panel_count = static_cast<int64_t>(layer.panels.size());
  // Panels that add to the same rows have to follow each other.
  const bool apart = std::all_of(layer.panel_rows.begin(), layer.panel_rows.end(),
                                 [](const PanelRow& row) { return row.first && row.last; });
  const int64_t per_piece = apart ? kPanels : panel_count;
  const int64_t pieces = (panel_count + per_piece - 1) / per_piece;
  const int64_t map_size = shape.height * shape.width;
  const int64_t out_size = shape.out_height() * shape.out_width();
  float* image = pool.shared_scratch(planes.size());
  std::fill(image + planes.size() - 16 * planes.vectors(), image + planes.size(), 0.0F);

  for (int64_t n = 0; n < batch; ++n) {
    const float* maps = input.data() + n * shape.in * map_size;
    pool.run((shape.in + kPanels - 1) / kPanels, [&](int64_t, int64_t item) {
      const int64_t last = std::min((item + 1) * kPanels, shape.in);
      for (int64_t c = item * kPanels; c < last; ++c) {
        copy_planes(shape, planes, c, maps + c * map_size, image);
      }
    });
    pool.run(pieces * tiles, [&](int64_t worker, int64_t item) {
      const auto index = static_cast<std::size_t>(item % tiles);
      const Part& tile = grid.columns[index];
      // The last tile may overlap the one before, which another worker stores.
      const int64_t from =
          index == 0 ? 0 : grid.columns[index - 1].first + grid.columns[index - 1].size;
      const int64_t first = item / tiles * per_piece;
      const int64_t size = tile.size * kLanes;
      Ahead none;
      TileJob job;
      job.panels = layer.panels.data() + first;
      job.panel_count = std::min(per_piece, panel_count - first);
      job.panel_rows = layer.panel_rows.data();
      job.words = layer.words.data();
      job.input = image + tile.first * kLanes;
      job.output = pool.scratch(worker, 2 * shape.out * size);
      job.partial = job.output + shape.out * size;
      job.output_channel_stride = size;
      job.input_ahead = &none;
      job.output_ahead = &none;
      find_kernel(layer.plan.set, layer.plan.rows, 1, tile.size, 1)->run(job);
      for (int64_t p = 0; p < job.panel_count; ++p) {
        for (int64_t r = 0; r < job.panels[p].rows; ++r) {
          const PanelRow& panel_row = job.panel_rows[job.panels[p].first_row + r];
          if (!panel_row.last) continue;
          const int64_t row = panel_row.row;
          const int64_t place = (n * shape.out + row) * out_size;
          store_outputs(shape, planes, job.output + row * size, tile.first * kLanes, size,
                        from * kLanes,
                        epilogue.bias.empty() ? 0 : epilogue.bias[static_cast<std::size_t>(row)],
                        epilogue.residual.empty() ? nullptr : epilogue.residual.data() + place,
                        epilogue.relu, output.data() + place);
        }
      }
    });
  }
}

}  // namespace ticketbench::kernels
