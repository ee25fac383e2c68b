// What a run was made on: what its numbers may depend on beside its specification.

#pragma once

#include "reports/record.hpp"

#include <string>

namespace ticketbench {

// "Intel(R) Xeon(R) Processor, 1 thread, device cpu, eager engine, LibTorch 2.11.0"; what a record
// doesn't say is left out.
std::string machine_words(const Provenance& provenance);

}  // namespace ticketbench
