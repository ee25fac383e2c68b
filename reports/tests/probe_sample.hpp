// Made-up probes of whole networks.

#pragma once

#include "reports/probe.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ticketbench {

// Nine times around `middle`, from 1 - 4 step to 1 + 4 step of it.
std::vector<double> times_around(double middle, double step);

// A right one in float32, its times between 0.996 and 1.004 of `seconds`.
Contender timed(const std::string& name, ContenderRole role, double seconds);

// A ticket's whole network, 100 images on two threads. 1 GFLOP dense by `libtorch`; at its 10 ms
// that is 100 GFLOP/s, all that the machine can do. `sparse_network` takes `sparse_seconds`.
ProbeFile network_probe(const std::string& run, int64_t level, double sparse_seconds,
                        const std::string& finished);

}  // namespace ticketbench
