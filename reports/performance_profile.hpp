// Methods compared across boards by performance profiles: Dolan and Moré, Mathematical Programming
// 91, 2002, arXiv:cs/0102001, section 2, with the share of wrong answers as the cost.

#pragma once

#include "reports/leaderboard.hpp"

#include <vector>

namespace ticketbench {

// A profile is shown up to this many times the errors of the best, and its area is taken there.
inline constexpr double kProfileEnd = 4;

// One profile for each budget of the boards. A problem is a group of a board in which at least two
// methods have a place; a method answers with its best row there, and one that has none counts as
// never solving it. An error below one test image counts as one image, so that no ratio is taken
// with zero. Budgets with fewer than two problems have no profile.
std::vector<PerformanceProfile> performance_profiles(const std::vector<Board>& boards);

}  // namespace ticketbench
