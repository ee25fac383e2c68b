// The leaderboard written down, one .cpp file for each format. The same bytes for the same boards.

#pragma once

#include "reports/format.hpp"
#include "reports/leaderboard.hpp"

#include <string>

namespace ticketbench {

std::string render(const Leaderboard& leaderboard, Format format);

// For a terminal of 100 columns.
std::string leaderboard_text(const Leaderboard& leaderboard);

std::string leaderboard_markdown(const Leaderboard& leaderboard);

// One page that needs nothing else, not even a network: its style, its script and Chart.js are in
// it. Without scripts there are no charts and no filter, but all tables.
std::string leaderboard_html(const Leaderboard& leaderboard);

// One line for each row and each unranked run of all boards; numbers in full precision.
std::string leaderboard_csv(const Leaderboard& leaderboard);

// "ticketbench/leaderboard", version 2: everything the boards hold, numbers in full precision.
std::string leaderboard_json(const Leaderboard& leaderboard);

// Tables and lists to be pasted into a paper; the packages they need are named in the first line.
std::string leaderboard_latex(const Leaderboard& leaderboard);

}  // namespace ticketbench
