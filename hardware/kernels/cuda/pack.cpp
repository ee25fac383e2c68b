#include "hardware/kernels/cuda/pack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <stdexcept>

namespace ticketbench::kernels {
namespace {

std::size_t at(int64_t index) {
  return static_cast<std::size_t>(index);
}

void check_sizes(const ConvShape& shape, std::size_t weights, std::size_t mask) {
  check(shape);
  if (weights != at(shape.weights()) || mask != at(shape.weights())) {
    throw std::invalid_argument(fmt::format("{} has {} weights, found {} and a mask of {}",
                                            to_string(shape), shape.weights(), weights, mask));
  }
}

// The columns of each row, sorted; rows without any are there too.
std::vector<std::vector<int64_t>> columns_by_row(const ConvShape& shape,
                                                 std::span<const DenseBlock> blocks) {
  std::vector<std::vector<int64_t>> found(at(shape.out));
  for (const DenseBlock& block : blocks) {
    for (const int64_t column : block.columns) {
      if (column < 0 || column >= shape.columns()) {
        throw std::invalid_argument(fmt::format("{}: a block has column {}, expected 0 to {}",
                                                to_string(shape), column, shape.columns() - 1));
      }
    }
    for (const int64_t row : block.rows) {
      if (row < 0 || row >= shape.out) {
        throw std::invalid_argument(fmt::format("{}: a block has row {}, expected 0 to {}",
                                                to_string(shape), row, shape.out - 1));
      }
      auto& columns = found[at(row)];
      columns.insert(columns.end(), block.columns.begin(), block.columns.end());
    }
  }
  for (auto& columns : found) {
    std::sort(columns.begin(), columns.end());
    columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  }
  return found;
}

int64_t rounded_up(int64_t value, int64_t step) {
  return (value + step - 1) / step * step;
}

}  // namespace

ImagesLast input_layout(const ConvShape& s) {
  return {s.batch, s.in, s.height, s.width, s.padding};
}

ImagesLast output_layout(const ConvShape& s) {
  return {s.batch, s.out, s.out_height(), s.out_width(), 0};
}

PackedGroups pack_groups(const ConvShape& shape, std::span<const float> weights,
                         std::span<const DenseBlock> blocks) {
  check_sizes(shape, weights.size(), weights.size());
  std::map<std::vector<int64_t>, std::vector<int64_t>> rows_by_columns;
  const auto columns_of = columns_by_row(shape, blocks);
  for (int64_t row = 0; row < shape.out; ++row) {
    rows_by_columns[columns_of[at(row)]].push_back(row);
  }

  PackedGroups packed{.shape = shape, .tiles = {}, .rows = {}, .columns = {}, .weights = {}};
  const ImagesLast input = input_layout(shape);
  const int64_t taps = shape.kernel * shape.kernel;
  for (const auto& [columns, rows] : rows_by_columns) {
    const auto first_column = static_cast<int32_t>(packed.columns.size());
    for (const int64_t column : columns) {
      const int64_t tap = column % taps;
      packed.columns.push_back(static_cast<int32_t>(
          column / taps * input.plane() + tap / shape.kernel * input.row() + tap % shape.kernel));
    }
    const auto depth = static_cast<int64_t>(columns.size());
    for (std::size_t begin = 0; begin < rows.size(); begin += at(kGroupRows)) {
      const std::size_t count = std::min(at(kGroupRows), rows.size() - begin);
      const auto first_weight = static_cast<int64_t>(packed.weights.size());
      packed.weights.resize(packed.weights.size() +
                            at(rounded_up(depth, kGroupDepth) * kGroupRows));
      packed.tiles.push_back({.first_row = static_cast<int32_t>(packed.rows.size()),
                              .rows = static_cast<int32_t>(count),
                              .first_column = first_column,
                              .columns = static_cast<int32_t>(depth),
                              .first_weight = first_weight});
      for (std::size_t r = 0; r < count; ++r) {
        const int64_t row = rows[begin + r];
        packed.rows.push_back(static_cast<int32_t>(row));
        for (std::size_t k = 0; k < columns.size(); ++k) {
          packed.weights[at(first_weight) + k * at(kGroupRows) + r] =
              weights[at(row * shape.columns() + columns[k])];
        }
      }
    }
  }
  std::stable_sort(packed.tiles.begin(), packed.tiles.end(),
                   [](const GroupTile& a, const GroupTile& b) { return a.columns > b.columns; });
  return packed;
}

std::vector<uint16_t> to_bf16(std::span<const float> values) {
  std::vector<uint16_t> found;
  found.reserve(values.size());
  for (const float value : values) {
    const auto bits = std::bit_cast<uint32_t>(value);
    const bool nan = value != value;
    const uint32_t rounded = nan ? bits | 0x400000U : bits + 0x7FFFU + (bits >> 16U & 1U);
    found.push_back(static_cast<uint16_t>(rounded >> 16U));
  }
  return found;
}

RowTiling row_tiling(const ConvShape& shape) {
  if (shape.out_height() * shape.out_width() == 1) return {1, 1, 4};
  return {2, 4, 1};
}

PackedRows pack_gpu_rows(const ConvShape& shape, std::span<const float> weights,
                         std::span<const uint8_t> mask) {
  check_sizes(shape, weights.size(), mask.size());
  const RowTiling tiling = row_tiling(shape);
  const int64_t height = (tiling.height - 1) * shape.stride + shape.kernel;
  const int64_t width = (tiling.width - 1) * shape.stride + shape.kernel;
  const int64_t channel = tiling.groups * height * width * ImagesLast::kWarp;
  if (channel > kRowShared) {
    throw std::invalid_argument(
        fmt::format("{}: one input channel's {} x {} pixels take {} floats of shared memory, "
                    "expected at most {}",
                    to_string(shape), height, width, channel, kRowShared));
  }
  PackedRows packed{.shape = shape,
                    .tiling = tiling,
                    .channels = std::min(shape.in, kRowShared / channel),
                    .begins = {0},
                    .entries = {}};
  for (int64_t first_out = 0; first_out < shape.out; first_out += kRowOuts) {
    for (int64_t first_in = 0; first_in < shape.in; first_in += packed.channels) {
      for (int64_t out = first_out; out < first_out + kRowOuts; ++out) {
        const int64_t end = out < shape.out ? std::min(first_in + packed.channels, shape.in) : 0;
        for (int64_t in = first_in; in < end; ++in) {
          for (int64_t ky = 0; ky < shape.kernel; ++ky) {
            for (int64_t kx = 0; kx < shape.kernel; ++kx) {
              const int64_t cell = ((out * shape.in + in) * shape.kernel + ky) * shape.kernel + kx;
              if (mask[at(cell)] == 0) continue;
              const int64_t offset =
                  (in - first_in) * channel + (ky * width + kx) * ImagesLast::kWarp;
              packed.entries.push_back({weights[at(cell)], static_cast<int32_t>(offset)});
            }
          }
        }
        packed.begins.push_back(static_cast<int32_t>(packed.entries.size()));
      }
    }
  }
  return packed;
}

}  // namespace ticketbench::kernels
