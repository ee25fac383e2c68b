// What the GPU can do at best.
#pragma once

#include "hardware/harness/problem.hpp"
#include "reports/probe.hpp"

namespace ticketbench {

/// The current GPU's, measured now: a product of large matrices of this type, and copies of 1 GiB,
/// both through LibTorch.
Calibration calibrate_gpu(ComputeType type);

}  // namespace ticketbench
