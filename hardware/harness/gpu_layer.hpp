// A layer made ready for our GPU kernels. Built only where a CUDA toolkit was found.
#pragma once

#include "hardware/harness/probe.hpp"
#include "hardware/kernels/cuda/device.hpp"

#include <memory>

namespace ticketbench {

/// Dense blocks, in the problem's type.
std::unique_ptr<PreparedProbe> prepare_gpu_groups(const Problem& problem,
                                                  const std::vector<kernels::DenseBlock>& blocks);

/// Single weights, in float32 whatever the problem's type.
std::unique_ptr<PreparedProbe> prepare_gpu_rows(const Problem& problem);

}  // namespace ticketbench
