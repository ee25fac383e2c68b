// How the rows of a board rank: which may be compared, their places, and the Pareto fronts.

#pragma once

#include "reports/leaderboard.hpp"

#include <vector>

namespace ticketbench {

// The kept fraction that a budget limits: of the prunable weights, or of the multiply-adds.
double kept_fraction(const Row& row, Budget budget);

// Sorts the rows and gives them groups and places under this budget: the reference first, then from
// the densest group to the sparsest, in each by mean accuracy, older versions last.
//
// Rows whose kept fractions lie within 0.005 and within a tenth of the densest one's form a group.
// A settled row's place is one more than the number of settled rows in its group that are better by
// more than chance: those whose 95 % Student t interval lies wholly above its own. So rows whose
// intervals overlap can share a place, and no row without enough seeds moves one that has them. The
// place of a row that isn't settled is one more than the number of rows with a higher mean.
void rank(std::vector<Row>& rows, Budget budget);

// Marks the rows on the Pareto front of each budget: those of which no row that keeps less, or
// about as much, has at least (there: more than) their mean accuracy. Means decide.
void mark_fronts(std::vector<Row>& rows);

// Whether any two rows compete for places.
bool contested(const std::vector<Row>& rows);

}  // namespace ticketbench
