// Which tile kernels there are.
#pragma once

#include "hardware/kernels/cpu/plan.hpp"
#include "hardware/kernels/cpu/tile.hpp"

#include <span>

namespace ticketbench::kernels {

/// All of one instruction set.
std::span<const TileKernel> kernels_of(InstructionSet set);

/// The kernel for panels of at most `rows` and tiles of this size that skips most of `edges` and
/// nothing else; null where there is none.
const TileKernel* find_kernel(InstructionSet set, int64_t rows, int64_t height, int64_t width,
                              int64_t stride, const Edges& edges = {});

}  // namespace ticketbench::kernels
