// The Mann-Whitney U test, which asks only for the order of the values (Mann, Whitney, Ann. Math.
// Stat. 18, 1947).

#pragma once

#include <cstddef>
#include <span>

namespace ticketbench {

struct MannWhitney {
  double u = 0;        // pairs whose first value is the greater, ties counted half
  bool exact = false;  // else by the normal approximation
  double p_two_sided = 1;
  double p_less = 1;     // small where the first sample's values are clearly the smaller ones
  double p_greater = 1;  // small where they are clearly the greater ones
};

// Exact where no two values are equal and the smaller sample has at most `exact_size`, 8 by SciPy's
// rule; else the normal approximation, corrected for ties and continuity. Where all values are
// equal every p is 1: no order speaks against chance. Throws std::invalid_argument for an empty
// sample and for values that are not finite.
MannWhitney mann_whitney(std::span<const double> first, std::span<const double> second,
                         std::size_t exact_size = 8);

}  // namespace ticketbench
