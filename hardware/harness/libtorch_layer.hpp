// A layer made ready for LibTorch.
#pragma once

#include "hardware/harness/probe.hpp"

#include <memory>

namespace ticketbench {

/// The dense convolution, a linear layer for 1x1 maps, without autograd, on as many threads as
/// LibTorch is set to. Input and weight are in this memory format and type beforehand.
std::unique_ptr<PreparedProbe> prepare_libtorch(const Problem& problem, torch::MemoryFormat format,
                                                torch::ScalarType dtype);

}  // namespace ticketbench
