#include "core/structure.hpp"

#include <stdexcept>

namespace ticketbench {

torch::Tensor unit_index(torch::IntArrayRef shape, const Structure& structure) {
  const int64_t out = shape[0];
  const int64_t in = shape.size() > 1 ? shape[1] : 1;
  int64_t numel = 1;
  for (const int64_t extent : shape) numel *= extent;
  const int64_t kernel = numel / (out * in);
  const auto rows = torch::arange(out).view({out, 1, 1});
  const auto inputs = torch::arange(in).view({1, in, 1});
  const auto taps = torch::arange(kernel).view({1, 1, kernel});
  torch::Tensor unit;
  switch (structure.kind) {
    case StructureKind::unstructured:
      unit = (rows * in + inputs) * kernel + taps;
      break;
    case StructureKind::filter:
      unit = rows + 0 * inputs + 0 * taps;
      break;
    case StructureKind::channel:
      unit = 0 * rows + inputs + 0 * taps;
      break;
    case StructureKind::block: {
      const int64_t columns = in * kernel;
      const int64_t tiles = (columns + structure.block_columns - 1) / structure.block_columns;
      const auto column = inputs * kernel + taps;
      unit = rows.div(structure.block_rows, "floor") * tiles +
             column.div(structure.block_columns, "floor");
      break;
    }
    case StructureKind::n_m: {
      const int64_t sets = (in + structure.m - 1) / structure.m;
      unit = (rows * sets + inputs.div(structure.m, "floor")) * kernel + taps;
      break;
    }
    case StructureKind::group:
      throw std::invalid_argument("dense groups are made by regrouping a mask, not by selection");
  }
  return unit.contiguous().view(shape);
}

}  // namespace ticketbench
