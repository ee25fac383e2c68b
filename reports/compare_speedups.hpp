// What probes timed of the same thing on both sides, as cells of a comparison.

#pragma once

#include "reports/probe.hpp"
#include "reports/verdict.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace ticketbench {

// What a ticket's run is called among the records.
struct TicketOrigin {
  std::string board, label;
  int64_t seed = 0;
};

// A cell for each row with a sparse contender: of a ticket by its run and level, else by what was
// asked for. Its values are the best dense way's median over each repetition of the best sparse
// one, so that a machine that was slower as a whole changes nothing; each file is a session. A
// sparse way that gives wrong results now, or none, is broken. Rows that were timed on another
// machine, or give no ratio that is to be believed, are mistrusted. `origins`: by a run's hash.
std::vector<ComparedCell> compared_speedups(std::span<const ProbeFile> base,
                                            std::span<const ProbeFile> now,
                                            const std::map<std::string, TicketOrigin>& origins);

}  // namespace ticketbench
