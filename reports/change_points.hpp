// Where a series of values shifts. E-divisive (Matteson, James, J. Am. Stat. Assoc. 109, 2014,
// arXiv:1306.4933) finds the places; Student's t test, instead of random permutations, says which
// of them count, as in Hunter (Fleming et al., ICPE 2023, arXiv:2301.03034): the same series always
// has the same change points.

#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ticketbench {

struct ChangePoint {
  std::size_t at = 0;  // the first value after the shift
  double before = 0;   // mean since the change point before
  double after = 0;    // mean up to the next one
  double p = 1;        // of the t test, times the number of values; 0 between constants
};

// In order. A shift counts where the test of the values between its neighbours has p <= `p_max`; p
// is multiplied by the number of values because the place was chosen among so many. One value after
// the shift is enough, two in all are not. Throws std::invalid_argument for values that are not
// finite.
std::vector<ChangePoint> change_points(std::span<const double> values, double p_max = 0.02);

}  // namespace ticketbench
