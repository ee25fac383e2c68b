#include "hardware/kernels/cpu/run.hpp"

#include "hardware/kernels/cpu/tile_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace ticketbench::kernels {
namespace {

void check_fits(const PackedConv& layer, const ConstBlockedView& input, const BlockedView& output,
                const Epilogue& epilogue) {
  const ConvShape& shape = layer.shape;
  const auto refuse = [&](const char* what, int64_t found, int64_t expected) {
    throw std::invalid_argument(
        fmt::format("running {}: {} is {}, expected {}", to_string(shape), what, found, expected));
  };
  const auto expect = [&](const char* what, int64_t found, int64_t expected) {
    if (found != expected) refuse(what, found, expected);
  };
  if (layer.plan.arrangement != Arrangement::images) {
    throw std::invalid_argument(fmt::format("running {}: packed by {}, expected a plan for images",
                                            to_string(shape), to_string(layer.plan)));
  }
  check(input, "input");
  check(output, "output");
  expect("the input's channels", input.shape.channels, shape.in);
  expect("the input's height", input.shape.height, shape.height);
  expect("the input's width", input.shape.width, shape.width);
  expect("the input's border", input.shape.border, layer.border);
  const auto expect_output = [&](const BlockedShape& found, const std::string& role) {
    expect((role + "'s images").c_str(), found.images, input.shape.images);
    expect((role + "'s channels").c_str(), found.channels, shape.out);
    expect((role + "'s height").c_str(), found.height, shape.out_height());
    expect((role + "'s width").c_str(), found.width, shape.out_width());
  };
  expect_output(output.shape, "the output");
  if (epilogue.residual) {
    check(*epilogue.residual, "residual");
    expect_output(epilogue.residual->shape, "the residual");
  }
  if (!epilogue.bias.empty()) {
    expect("the bias's size", static_cast<int64_t>(epilogue.bias.size()), shape.out);
  }
}

// Where a tile's pixels lie in a tensor.
struct Place {
  int64_t group_stride;
  int64_t row_stride;
  int64_t first;

  Place(const BlockedShape& shape, const TileArea& area)
      : group_stride(area.of_groups ? 0 : shape.group_stride()),
        row_stride(area.of_groups ? shape.group_stride() : shape.row_stride()),
        first(shape.first_pixel()) {}

  [[nodiscard]] int64_t at(int64_t group, int64_t row, int64_t column) const {
    return group * group_stride + row * row_stride + column * kLanes + first;
  }
};

Edges edges_of(const Part& rows, const Part& columns, const TileArea& area,
               const ConvShape& shape) {
  // At stride 2 the last row and column of the kernel may lie inside of the map.
  const bool far = shape.stride == 1;
  return {.top = rows.first == 0,
          .bottom = far && rows.first + rows.size == area.height,
          .left = columns.first == 0,
          .right = far && columns.first + columns.size == area.width};
}

// Rows [first, last) of all channels, border included, spread over `visits` panels. Nothing where
// these are too few: then memory is the limit, and asking costs more than it saves.
Ahead ahead(const ConstBlockedView& view, int64_t group, int64_t first, int64_t last,
            int64_t visits) {
  constexpr int64_t most_per_panel = 8;
  Ahead found;
  if (first >= last) return found;
  found.piece = view.data + group * view.shape.group_stride() + first * view.shape.row_stride();
  found.lines = (last - first) * view.shape.row_stride() / kLanes;
  found.stride = view.shape.channel_stride();
  const int64_t lines = found.lines * view.shape.channels;
  found.per_panel = (lines + visits - 1) / visits;
  if (found.per_panel <= most_per_panel) found.left = lines;
  return found;
}

}  // namespace

void run(const PackedConv& layer, const ConstBlockedView& input, const BlockedView& output,
         const Epilogue& epilogue, ThreadPool& pool) {
  check_fits(layer, input, output, epilogue);
  const ConvShape& shape = layer.shape;
  const Plan& plan = layer.plan;
  const int64_t groups = input.shape.groups();
  const TileArea area = tile_area(shape, groups);
  const TileGrid grid = tile_grid(plan, area, shape.stride);
  if (epilogue.residual && epilogue.residual->data == output.data &&
      (grid.overlaps() || !(epilogue.residual->shape == output.shape))) {
    throw std::invalid_argument(fmt::format(
        "running {}: the residual lies where the output goes, but {}", to_string(shape),
        grid.overlaps() ? fmt::format("tiles of {} x {} compute pixels twice", plan.tile_height,
                                      plan.tile_width)
                        : fmt::format("its border is {}, expected the output's {}",
                                      epilogue.residual->shape.border, output.shape.border)));
  }
  const Place from(input.shape, area);
  const Place to(output.shape, area);
  const ConstBlockedView residual = epilogue.residual.value_or(ConstBlockedView());
  const Place beside(residual.shape, area);

  // The pixel under the kernel's corner, for output pixel (0, 0).
  const float* corner = input.data - shape.padding * (input.shape.row_stride() + kLanes);

  TileJob common;
  common.panels = layer.panels.data();
  common.panel_count = static_cast<int64_t>(layer.panels.size());
  common.panel_rows = layer.panel_rows.data();
  common.words = layer.words.data();
  common.tap_ends = layer.tap_ends.data();
  common.input_row_stride = from.row_stride * (area.of_groups ? 1 : shape.stride);
  common.output_row_stride = to.row_stride;
  common.output_channel_stride = output.shape.channel_stride();
  common.residual_row_stride = beside.row_stride;
  common.residual_channel_stride = residual.shape.channel_stride();
  common.bias = epilogue.bias.empty() ? nullptr : epilogue.bias.data();
  common.relu = epilogue.relu;

  const int64_t scratch = shape.out * grid.rows[0].size * grid.columns[0].size * kLanes;
  const auto row_count = static_cast<int64_t>(grid.rows.size());
  const int64_t visits = common.panel_count * static_cast<int64_t>(grid.columns.size());
  const auto rows_after = [&](int64_t item) -> const Part* {
    if (area.of_groups || item + 1 >= groups * row_count) return nullptr;
    return &grid.rows[static_cast<std::size_t>((item + 1) % row_count)];
  };
  const auto run_band = [&](int64_t worker, int64_t item) {
    const int64_t group = item / row_count;
    const Part& rows = grid.rows[static_cast<std::size_t>(item % row_count)];
    TileJob job = common;
    const Part* next = rows_after(item);
    const int64_t next_group = (item + 1) / row_count;
    Ahead input_ahead;
    Ahead output_ahead;
    if (next != nullptr) {
      // Of the input, what this band of rows doesn't read itself; all of it for another group.
      const int64_t above = input.shape.border - shape.padding;
      const auto end = [&](const Part& band) {
        return std::min(above + (band.first + band.size - 1) * shape.stride + shape.kernel,
                        input.shape.height + 2 * input.shape.border);
      };
      input_ahead =
          ahead(input, next_group, next_group == group ? end(rows) : above, end(*next), visits);
      const int64_t first = output.shape.border + next->first;
      output_ahead = ahead(output, next_group, first, first + next->size, visits);
    }
    job.input_ahead = &input_ahead;
    job.output_ahead = &output_ahead;
    job.partial = pool.scratch(worker, scratch);
    for (const Part& columns : grid.columns) {
      const Edges edges = plan.skip_border ? edges_of(rows, columns, area, shape) : Edges{};
      const TileKernel* kernel =
          find_kernel(plan.set, plan.rows, rows.size, columns.size, shape.stride, edges);
      job.input = corner + group * from.group_stride + rows.first * common.input_row_stride +
                  columns.first * shape.stride * kLanes + from.first;
      job.output = output.data + to.at(group, rows.first, columns.first);
      if (residual.data != nullptr) {
        job.residual = residual.data + beside.at(group, rows.first, columns.first);
      }
      kernel->run(job);
    }
  };
  // Bands that overlap write the same pixels: the last two of a map then are one piece of work.
  const bool overlap = grid.rows_overlap();
  const int64_t pieces = overlap ? row_count - 1 : row_count;
  pool.run((area.of_groups ? 1 : groups) * pieces, [&](int64_t worker, int64_t piece) {
    const int64_t item = piece / pieces * row_count + piece % pieces;
    run_band(worker, item);
    if (overlap && piece % pieces == pieces - 1) run_band(worker, item + 1);
  });
}

}  // namespace ticketbench::kernels
