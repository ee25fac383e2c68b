#include "hardware/kernels/cpu/run.hpp"

#include "hardware/kernels/cpu/tile_grid.hpp"

#include <fmt/format.h>

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
  if (!epilogue.bias.empty())
    expect("the bias's size", static_cast<int64_t>(epilogue.bias.size()), shape.out);
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

}  // namespace

void run(const PackedConv& layer, const ConstBlockedView& input, const BlockedView& output,
         const Epilogue& epilogue, ThreadPool& pool) {
  check_fits(layer, input, output, epilogue);
  const ConvShape& shape = layer.shape;
  const Plan& plan = layer.plan;
  const int64_t groups = input.shape.groups();
  const TileArea area = tile_area(shape, groups);
  const TileGrid grid = tile_grid(plan, area, shape.stride);
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
  pool.run((area.of_groups ? 1 : groups) * row_count, [&](int64_t worker, int64_t item) {
    const int64_t group = item / row_count;
    const Part& rows = grid.rows[static_cast<std::size_t>(item % row_count)];
    TileJob job = common;
    job.partial = pool.scratch(worker, scratch);
    for (const Part& columns : grid.columns) {
      const Edges edges = plan.skip_border ? edges_of(rows, columns, area, shape) : Edges{};
      const TileKernel* kernel =
          find_kernel(plan.set, plan.rows, rows.size, columns.size, shape.stride, edges);
      job.input = corner + group * from.group_stride + rows.first * common.input_row_stride +
                  columns.first * shape.stride * kLanes + from.first;
      job.output = output.data + to.at(group, rows.first, columns.first);
      if (residual.data != nullptr)
        job.residual = residual.data + beside.at(group, rows.first, columns.first);
      kernel->run(job);
    }
  });
}

}  // namespace ticketbench::kernels
