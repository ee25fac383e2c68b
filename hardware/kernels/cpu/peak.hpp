// The multiply-adds that one core can do.
#pragma once

#include "hardware/kernels/cpu/instruction_set.hpp"

namespace ticketbench::kernels {

/// Floating-point operations a second of one thread, two for a multiply-add, between registers:
/// the best of some short trials.
double peak_flops(InstructionSet set);

}  // namespace ticketbench::kernels
