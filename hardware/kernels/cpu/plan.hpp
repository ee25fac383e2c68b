// How a layer is cut into pieces: a value, so that a caller can time several.
#pragma once

#include "hardware/kernels/cpu/instruction_set.hpp"
#include "hardware/kernels/shape.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ticketbench::kernels {

/// How weights are grouped in a packed layer.
enum class Packing {
  rows,    ///< each output channel has columns of its own: unstructured, N:M
  panels,  ///< a few output channels share columns: dense, group-wise, block
};

struct Plan {
  InstructionSet set = InstructionSet::portable;
  int64_t rows = 1;           ///< output channels that share columns: 1, or at most this many
  int64_t tile_height = 1;    ///< output pixels whose sums are in registers together
  int64_t tile_width = 1;     ///< (of a linear layer: groups of sixteen images)
  int64_t channel_block = 1;  ///< input channels that are read before the next output channel
  bool skip_border = false;   ///< zeros of the border aren't multiplied where a kernel can

  bool operator==(const Plan&) const = default;
};

/// "avx512, 1 row, 4x4, 16 channels, border skipped".
std::string to_string(const Plan& plan);

/// Plans worth timing for a layer of this shape and density, the likeliest first; never empty.
/// Throws std::invalid_argument where the shape is bad or the machine lacks `set`.
std::vector<Plan> plans(const ConvShape& shape, Packing packing, double density,
                        InstructionSet set = best_instruction_set());

}  // namespace ticketbench::kernels
