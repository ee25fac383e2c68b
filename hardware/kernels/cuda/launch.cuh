// Which kernel a packed layer is computed by, and with how many blocks of threads. `launch(kernel,
// blocks, threads, arguments)` does it: on a GPU, or in the tests' emulation.
#pragma once

#include "hardware/kernels/cuda/group_kernel.cuh"
#include "hardware/kernels/cuda/row_kernel.cuh"

namespace ticketbench::kernels {

/// The arguments of a layer over `batch` images; the pointers are left to the caller.
template <class Value>
GroupArguments<Value> group_arguments(const PackedGroups& layer, int64_t batch) {
  ConvShape shape = layer.shape;
  shape.batch = batch;
  const int64_t images = input_layout(shape).padded_images();
  GroupArguments<Value> arguments{};
  arguments.tile_count = static_cast<int32_t>(layer.tiles.size());
  arguments.images = static_cast<int32_t>(images);
  arguments.total = static_cast<int32_t>(output_layout(shape).plane() * images);
  arguments.out_width = static_cast<int32_t>(shape.out_width());
  arguments.in_row = static_cast<int32_t>(input_layout(shape).row());
  arguments.stride = static_cast<int32_t>(shape.stride);
  return arguments;
}

inline RowArguments row_arguments(const PackedRows& layer, int64_t batch) {
  ConvShape shape = layer.shape;
  shape.batch = batch;
  RowArguments arguments{};
  arguments.images = static_cast<int32_t>(input_layout(shape).padded_images());
  arguments.in = static_cast<int32_t>(shape.in);
  arguments.in_height = static_cast<int32_t>(shape.height + 2 * shape.padding);
  arguments.in_width = static_cast<int32_t>(shape.width + 2 * shape.padding);
  arguments.out = static_cast<int32_t>(shape.out);
  arguments.out_height = static_cast<int32_t>(shape.out_height());
  arguments.out_width = static_cast<int32_t>(shape.out_width());
  arguments.kernel = static_cast<int32_t>(shape.kernel);
  arguments.channels = static_cast<int32_t>(layer.channels);
  return arguments;
}

template <class Math, class Launch>
void launch_groups(const GroupArguments<typename Math::Value>& arguments, Launch&& launch) {
  const int32_t pixel_tiles = tiles_for(arguments.total, kGroupPixels);
  launch(group_kernel<Math>, pixel_tiles * arguments.tile_count, kGroupThreads, arguments);
}

template <int kHeight, int kWidth, int kGroups, class Launch>
void launch_rows_tiled(const RowArguments& arguments, int64_t stride, Launch&& launch) {
  const RowGrid grid = row_grid<kHeight, kWidth, kGroups>(arguments);
  const int32_t blocks = grid.outs * grid.columns * grid.rows * grid.groups;
  if (stride == 1) {
    launch(row_kernel<1, kHeight, kWidth, kGroups>, blocks, kRowThreads, arguments);
  } else {
    launch(row_kernel<2, kHeight, kWidth, kGroups>, blocks, kRowThreads, arguments);
  }
}

template <class Launch>
void launch_rows(const RowArguments& arguments, const PackedRows& layer, Launch&& launch) {
  if (layer.tiling.groups == 1) {
    launch_rows_tiled<2, 4, 1>(arguments, layer.shape.stride, launch);
  } else {
    launch_rows_tiled<1, 1, 4>(arguments, layer.shape.stride, launch);
  }
}

}  // namespace ticketbench::kernels
