// Whole studies of made-up records, for the tests of boards and pages.

#pragma once

#include "reports/leaderboard.hpp"
#include "reports/tests/sample.hpp"

#include <vector>

namespace ticketbench {

// An iterative method of four levels.
Sample sample_curve(int64_t seed);

// A study as it comes: several seeds of some rows and one of others, some that can't be told apart,
// levels, sources, an old version, a paper's run selected on test, runs that failed, another model
// with a source from this one.
std::vector<Record> sample_study();

// The study's boards, with times measured of the curve's tickets on two devices.
Leaderboard measured_study();

// What a stranger could write into a record to take over a page, a sheet or a terminal.
std::vector<Record> hostile_study();

}  // namespace ticketbench
