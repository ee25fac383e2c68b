// A packed layer over a batch.
#pragma once

#include "hardware/kernels/cpu/layout.hpp"
#include "hardware/kernels/cpu/packed.hpp"
#include "hardware/kernels/cpu/thread_pool.hpp"

#include <optional>
#include <span>

namespace ticketbench::kernels {

/// What happens to the sums before they are stored: relu(sum + bias[out] + residual).
struct Epilogue {
  std::span<const float> bias;                 ///< [out], or empty; a folded batch norm's shift
  std::optional<ConstBlockedView> residual{};  ///< as the output, with any border
  bool relu = false;
};

/// output = epilogue(convolution of input). The input has the border that the layer was packed for,
/// zeros in it; the output may have any, which isn't touched. The output overlaps neither input nor
/// residual; it may be the residual itself, with one border, where TileGrid::overlaps() is false.
/// Gives the same bits whatever the pool's size. Throws std::invalid_argument where shapes don't
/// fit and where a residual would be added twice.
void run(const PackedConv& layer, const ConstBlockedView& input, const BlockedView& output,
         const Epilogue& epilogue, ThreadPool& pool);

}  // namespace ticketbench::kernels
