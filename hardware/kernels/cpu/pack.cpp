#include "hardware/kernels/cpu/kernel_table.hpp"
#include "hardware/kernels/cpu/layout.hpp"
#include "hardware/kernels/cpu/packed.hpp"
#include "hardware/kernels/cpu/tile_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <stdexcept>

namespace ticketbench::kernels {
namespace {

std::size_t at(int64_t index) {
  return static_cast<std::size_t>(index);
}

// A column of the weight as a matrix, and where its input value lies.
struct Column {
  int64_t index;
  int64_t channel;
  int64_t ky, kx;
  int32_t offset;
};

// The layer's columns, those left out that never meet a pixel of the map.
std::vector<Column> columns_of(const ConvShape& shape, int64_t border) {
  const BlockedShape input{kLanes, shape.in, shape.height, shape.width, border};
  const auto meets = [&](int64_t tap, int64_t pixels, int64_t outputs) {
    const int64_t first = tap - shape.padding;
    for (int64_t o = 0; o < outputs; ++o) {
      const int64_t pixel = first + o * shape.stride;
      if (pixel >= 0 && pixel < pixels) return true;
    }
    return false;
  };
  std::vector<Column> columns;
  for (int64_t c = 0; c < shape.in; ++c) {
    for (int64_t ky = 0; ky < shape.kernel; ++ky) {
      if (!meets(ky, shape.height, shape.out_height())) continue;
      for (int64_t kx = 0; kx < shape.kernel; ++kx) {
        if (!meets(kx, shape.width, shape.out_width())) continue;
        columns.push_back({(c * shape.kernel + ky) * shape.kernel + kx, c, ky, kx,
                           static_cast<int32_t>(c * input.channel_stride() +
                                                ky * input.row_stride() + kx * kLanes)});
      }
    }
  }
  return columns;
}

class Packer {
 public:
  Packer(const ConvShape& shape, std::span<const float> weights, int64_t border, const Plan& plan,
         Packing packing)
      : weights_(weights) {
    packed_.shape = shape;
    packed_.plan = plan;
    packed_.border = border;
    check_all(packing);
    columns_ = columns_of(shape, border);
  }

  // The columns of input channels [begin, end), those of a tap together if the border is skipped.
  std::vector<Column> block(int64_t begin, int64_t end) const {
    std::vector<Column> found;
    for (const Column& column : columns_) {
      if (column.channel >= begin && column.channel < end) found.push_back(column);
    }
    if (packed_.plan.skip_border) {
      std::stable_sort(found.begin(), found.end(), [](const Column& a, const Column& b) {
        return a.kx != b.kx ? a.kx < b.kx : a.ky < b.ky;
      });
    }
    return found;
  }

  // Adds a panel; `weight(row, column)` says what a cell holds.
  template <class Weight>
  void add(std::span<const int64_t> rows, std::span<const Column> columns, Weight&& weight) {
    Panel panel{.begin = static_cast<int64_t>(packed_.words.size()),
                .columns = static_cast<int32_t>(columns.size()),
                .rows = static_cast<int32_t>(rows.size()),
                .first_row = static_cast<int32_t>(packed_.panel_rows.size())};
    for (const int64_t row : rows) {
      packed_.panel_rows.push_back({.row = static_cast<int32_t>(row)});
    }
    std::array<uint16_t, kTaps> taps{};
    for (const Column& column : columns) {
      packed_.words.push_back(column.offset);
      for (const int64_t row : rows)
        packed_.words.push_back(std::bit_cast<int32_t>(weight(row, column.index)));
      if (packed_.plan.skip_border) ++taps[at(column.kx * 3 + column.ky)];
    }
    if (packed_.plan.skip_border) {
      std::partial_sum(taps.begin(), taps.end(), taps.begin());
      packed_.tap_ends.insert(packed_.tap_ends.end(), taps.begin(), taps.end());
    }
    packed_.kept += static_cast<int64_t>(rows.size() * columns.size());
    packed_.panels.push_back(panel);
  }

  // Rows without a panel get an empty one; each row learns which is its first and its last.
  PackedConv finish() {
    const int64_t most_rows = packed_.plan.rows;
    std::vector<int64_t> empty;
    std::vector<int64_t> last(at(packed_.shape.out), -1);
    const auto number = [&] {
      std::fill(last.begin(), last.end(), -1);
      for (std::size_t i = 0; i < packed_.panel_rows.size(); ++i)
        last[at(packed_.panel_rows[i].row)] = static_cast<int64_t>(i);
    };
    number();
    for (int64_t row = 0; row < packed_.shape.out; ++row) {
      if (last[at(row)] < 0) empty.push_back(row);
    }
    for (std::size_t i = 0; i < empty.size(); i += at(most_rows)) {
      const std::size_t count = std::min(at(most_rows), empty.size() - i);
      add(std::span(empty).subspan(i, count), {}, [](int64_t, int64_t) { return 0.0F; });
    }
    number();
    std::vector<bool> seen(at(packed_.shape.out));
    for (std::size_t i = 0; i < packed_.panel_rows.size(); ++i) {
      PanelRow& row = packed_.panel_rows[i];
      row.first = !seen[at(row.row)];
      row.last = last[at(row.row)] == static_cast<int64_t>(i);
      seen[at(row.row)] = true;
    }
    return std::move(packed_);
  }

  [[nodiscard]] const PackedConv& packed() const { return packed_; }

 private:
  void check_all(Packing packing) const {
    const ConvShape& shape = packed_.shape;
    const Plan& plan = packed_.plan;
    check(shape);
    check(plan.set);
    const auto refuse = [&](const std::string& what) {
      throw std::invalid_argument(
          fmt::format("packing {} ({}): {}", to_string(shape), to_string(plan), what));
    };
    if (weights_.size() != at(shape.weights()))
      refuse(fmt::format("{} weights, expected {}", weights_.size(), shape.weights()));
    if (packed_.border < shape.padding || packed_.border > 127)
      refuse(fmt::format("the input's border is {}, expected {} (the padding) to 127",
                         packed_.border, shape.padding));
    const BlockedShape input{kLanes, shape.in, shape.height, shape.width, packed_.border};
    if (input.group_stride() >= int64_t{1} << 31)
      refuse("sixteen padded images have 2^31 values or more");
    if ((plan.rows == 1) != (packing == Packing::rows))
      refuse(packing == Packing::rows ? "expected a plan for rows" : "expected a plan for panels");
    if (find_kernel(plan.set, plan.rows, plan.tile_height, plan.tile_width, shape.stride) ==
        nullptr)
      refuse("no kernel has tiles of this size and stride");
    const TileArea area = tile_area(shape, plan.tile_height);
    if (plan.tile_height > area.height || plan.tile_width > area.width)
      refuse("its tiles are larger than the output map");
    const int64_t most = 65535 / (shape.kernel * shape.kernel);
    if (plan.channel_block < 1 || plan.channel_block > most)
      refuse(fmt::format("expected blocks of 1 to {} channels", most));
    if (plan.skip_border && (shape.kernel != 3 || shape.padding != 1 || plan.rows != 1))
      refuse("only a 3x3 kernel with padding 1, packed by rows, skips the border");
  }

  PackedConv packed_;
  std::span<const float> weights_;
  std::vector<Column> columns_;
};

}  // namespace

int64_t PackedConv::bytes() const {
  return static_cast<int64_t>(panels.size() * sizeof(Panel) + panel_rows.size() * sizeof(PanelRow) +
                              words.size() * sizeof(int32_t) + tap_ends.size() * sizeof(uint16_t));
}

PackedConv pack_rows(const ConvShape& shape, std::span<const float> weights,
                     std::span<const uint8_t> mask, int64_t border, const Plan& plan) {
  Packer packer(shape, weights, border, plan, Packing::rows);
  if (mask.size() != weights.size())
    throw std::invalid_argument(fmt::format("packing {}: the mask has {} values, expected {}",
                                            to_string(shape), mask.size(), weights.size()));
  std::vector<Column> kept;
  for (int64_t begin = 0; begin < shape.in; begin += plan.channel_block) {
    const std::vector<Column> columns = packer.block(begin, begin + plan.channel_block);
    for (int64_t row = 0; row < shape.out; ++row) {
      const std::span<const uint8_t> row_mask =
          mask.subspan(at(row * shape.columns()), at(shape.columns()));
      kept.clear();
      for (const Column& column : columns) {
        if (row_mask[at(column.index)] != 0) kept.push_back(column);
      }
      if (kept.empty()) continue;
      packer.add(std::span(&row, 1), kept, [&](int64_t r, int64_t column) {
        return weights[at(r * shape.columns() + column)];
      });
    }
  }
  return packer.finish();
}

PackedConv pack_blocks(const ConvShape& shape, std::span<const float> weights,
                       std::span<const DenseBlock> blocks, int64_t border, const Plan& plan) {
  Packer packer(shape, weights, border, plan, Packing::panels);

  // Which block counts a cell that several hold: the first.
  std::vector<int32_t> owner(at(shape.weights()), -1);
  std::vector<std::vector<bool>> has_column;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    has_column.emplace_back(at(shape.columns()));
    const auto refuse = [&](const char* what, int64_t index, int64_t size) {
      throw std::invalid_argument(fmt::format("packing {}: block {} has {} {}, expected 0 to {}",
                                              to_string(shape), b, what, index, size - 1));
    };
    for (const int64_t column : blocks[b].columns) {
      if (column < 0 || column >= shape.columns()) refuse("column", column, shape.columns());
      has_column[b][at(column)] = true;
    }
    for (const int64_t row : blocks[b].rows) {
      if (row < 0 || row >= shape.out) refuse("row", row, shape.out);
      for (const int64_t column : blocks[b].columns) {
        int32_t& cell = owner[at(row * shape.columns() + column)];
        if (cell < 0) cell = static_cast<int32_t>(b);
      }
    }
  }

  std::vector<Column> kept;
  for (int64_t begin = 0; begin < shape.in; begin += plan.channel_block) {
    const std::vector<Column> columns = packer.block(begin, begin + plan.channel_block);
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      kept.clear();
      for (const Column& column : columns) {
        if (has_column[b][at(column.index)]) kept.push_back(column);
      }
      if (kept.empty()) continue;
      // Panels of about equal size: one of a single row would have too few sums to be fast.
      const std::span<const int64_t> rows(blocks[b].rows);
      const int64_t count = static_cast<int64_t>(rows.size());
      const int64_t panels = (count + plan.rows - 1) / plan.rows;
      for (int64_t i = 0; i < panels; ++i) {
        const int64_t first = i * count / panels;
        packer.add(rows.subspan(at(first), at((i + 1) * count / panels - first)), kept,
                   [&](int64_t row, int64_t column) {
                     const int64_t cell = row * shape.columns() + column;
                     return owner[at(cell)] == static_cast<int32_t>(b) ? weights[at(cell)] : 0.0F;
                   });
      }
    }
  }
  return packer.finish();
}

PackedConv pack_dense(const ConvShape& shape, std::span<const float> weights, int64_t border,
                      const Plan& plan) {
  check(shape);
  DenseBlock all;
  all.rows.resize(at(shape.out));
  all.columns.resize(at(shape.columns()));
  std::iota(all.rows.begin(), all.rows.end(), 0);
  std::iota(all.columns.begin(), all.columns.end(), 0);
  return pack_blocks(shape, weights, std::span(&all, 1), border, plan);
}

std::vector<DenseBlock> tiles_of(const ConvShape& shape, std::span<const uint8_t> mask,
                                 int64_t rows, int64_t columns) {
  check(shape);
  if (mask.size() != at(shape.weights()) || rows < 1 || columns < 1)
    throw std::invalid_argument(fmt::format(
        "tiles of {}: a mask of {} values in tiles of {} x {}, expected {} values and sizes from 1",
        to_string(shape), mask.size(), rows, columns, shape.weights()));
  std::vector<DenseBlock> found;
  for (int64_t first = 0; first < shape.out; first += rows) {
    DenseBlock strip;
    for (int64_t row = first; row < std::min(first + rows, shape.out); ++row)
      strip.rows.push_back(row);
    for (int64_t begin = 0; begin < shape.columns(); begin += columns) {
      const int64_t end = std::min(begin + columns, shape.columns());
      const bool kept = std::any_of(strip.rows.begin(), strip.rows.end(), [&](int64_t row) {
        const auto cell = mask.begin() + row * shape.columns();
        return std::any_of(cell + begin, cell + end, [](uint8_t m) { return m != 0; });
      });
      if (!kept) continue;
      for (int64_t column = begin; column < end; ++column) strip.columns.push_back(column);
    }
    if (!strip.columns.empty()) found.push_back(std::move(strip));
  }
  return found;
}

}  // namespace ticketbench::kernels
