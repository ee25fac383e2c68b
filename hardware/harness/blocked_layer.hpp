// A layer made ready for our CPU kernels.
#pragma once

#include "hardware/harness/probe.hpp"
#include "hardware/kernels/cpu/packed.hpp"
#include "hardware/kernels/cpu/plan.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace ticketbench {

using Packer = std::function<kernels::PackedConv(const kernels::Plan&)>;

/// The quickest of the plans for this packing and density, found by a short timing, with the input
/// in blocked layout; of few images also plans that take pixels of one image together. Throws
/// std::invalid_argument where the layer can't be packed.
std::unique_ptr<PreparedProbe> prepare_blocked(const Problem& problem, kernels::Packing packing,
                                               double density, const Packer& pack,
                                               kernels::ThreadPool& pool);

/// The weights of a problem as the kernels take them.
std::span<const float> weights_of(const Problem& problem);
std::span<const uint8_t> mask_of(const Problem& problem);

}  // namespace ticketbench
