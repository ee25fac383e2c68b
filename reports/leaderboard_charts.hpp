// A leaderboard's charts as Chart.js takes them: type, data and options. page.js adds what a
// configuration can't say: colours of the theme, tooltips, clicks, filters.

#pragma once

#include "reports/leaderboard.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ticketbench {

// How the points of a method look, the same in all charts of a page.
struct Marker {
  std::string_view colour;
  std::string_view shape;  // a point style of Chart.js
  std::string_view glyph;  // the same shape as a character
};

std::map<std::string, Marker> markers(const Leaderboard& leaderboard);

struct Chart {
  std::string id;
  std::string title;
  nlohmann::json config;
};

// The id of a row's element on the page; boards and rows count from 1 on.
std::string row_id(std::size_t board, std::size_t row);

// Accuracy over what the budget limits, with the Pareto front; on a board of fixed parameters also
// over training MACs, over seconds (where they are known), over measured times of the tickets, with
// their speed-ups over density (for each device), and by epoch. None for a board without rows.
// Points of older versions of a method are left out.
std::vector<Chart> board_charts(const Board& board, std::size_t number,
                                const std::map<std::string, Marker>& markers);

Chart profile_chart(const PerformanceProfile& profile, std::size_t number,
                    const std::map<std::string, Marker>& markers);

}  // namespace ticketbench
