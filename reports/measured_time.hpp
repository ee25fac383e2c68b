// What tickets cost in time, as probes measured it on a named device.

#pragma once

#include "reports/probe.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ticketbench {

// The whole network of a ticket on one device, by the quickest right way: means over seeds.
struct MeasuredTime {
  std::string device;             // processor, threads and batch
  double seconds_per_image = 0;   // inference
  std::optional<double> speedup;  // over the best dense way; absent: no trusted ratio
  int64_t n = 0;                  // seeds behind it
};

// A ticket, by the run that made it and its level.
struct TicketName {
  std::string run;
  int64_t level = 0;
};

// By device. Of several measurements of one ticket on one device the newest counts; a row that is
// mistrusted or has nothing timed doesn't. Every ratio needs a seed's own verdict: one without
// makes the mean absent.
std::vector<MeasuredTime> measured_times(const std::vector<TicketName>& tickets,
                                         const std::vector<ProbeFile>& probes);

}  // namespace ticketbench
