// A packed layer over single images: for a batch too small to fill sixteen lanes with images.
#pragma once

#include "hardware/kernels/cpu/packed.hpp"
#include "hardware/kernels/cpu/thread_pool.hpp"
#include "hardware/kernels/reference.hpp"

#include <span>

namespace ticketbench::kernels {

/// output = epilogue(convolution of input), plain tensors [batch, channels, rows, columns], for a
/// layer packed with a plan for pixels. Each image is copied with its padding first (at stride 2
/// even and odd rows and columns apart), so that sixteen neighbouring pixels lie together for every
/// weight; where a row ends, a few of the sixteen are computed in vain. Gives the same bits
/// whatever the pool's size. Throws std::invalid_argument where sizes don't fit.
void run_single(const PackedConv& layer, int64_t batch, std::span<const float> input,
                std::span<float> output, const PlainEpilogue& epilogue, ThreadPool& pool);

}  // namespace ticketbench::kernels
