// What this machine can do at best, and in what state it is.
#pragma once

#include "reports/probe.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace ticketbench {

/// Measured now, on that many threads: fused multiply-adds of the best instruction set between
/// registers, and the bandwidth of a[i] = b[i] + s * c[i] over 192 MiB (McCalpin's STREAM triad).
Calibration calibrate(int64_t threads);

/// affinity (numbers of the cores this process may use), governor and mhz of the first of them
/// (null where the system doesn't say), instruction_set.
nlohmann::json machine_state();

/// Runnable processes, the mean of the last minute.
double load_average();

}  // namespace ticketbench
