// Student t tests of a difference of two means, and of their equivalence (two one-sided tests,
// TOST: Schuirmann, J. Pharmacokinet. Biopharm. 15, 1987).

#pragma once

#include "reports/statistics.hpp"
#include "reports/variance_prior.hpp"

#include <optional>
#include <span>

namespace ticketbench {

// An estimate with its uncertainty: (estimate - truth) / standard_error follows Student's t.
struct Difference {
  double estimate = 0;            // first minus second
  double standard_error = 0;      // > 0
  double degrees_of_freedom = 0;  // > 0, for Welch's test no whole number

  // Half the width of the two-sided interval; `confidence` lies in (0, 1).
  [[nodiscard]] double half_width(double confidence = 0.95) const;

  // p value of "the truth is 0", against any other.
  [[nodiscard]] double p_two_sided() const;
  // p value of "the truth is `bound` or more": small where the first is clearly less than that.
  [[nodiscard]] double p_less(double bound = 0) const;
  // p value of "the truth is `bound` or less".
  [[nodiscard]] double p_greater(double bound = 0) const;
  // p value of "the truth is at least `margin` away from 0" (TOST); `margin` > 0. Not small for
  // want of data: that nothing has been found is no equivalence.
  [[nodiscard]] double p_equivalent(double margin) const;
};

// The functions below find no difference, rather than invent a number, where there is no
// uncertainty to hold it against: a standard deviation that is missing (n = 1), and deviations that
// are all 0 or no more than rounding. They throw std::invalid_argument for what is not finite, a
// negative deviation, and n < 1.

// Welch's test, unequal variances. Of two Spreads, as made by spread() or from published mean,
// deviation and n; both need a deviation, of which one may be 0. `prior`: of a sample's variance.
std::optional<Difference> welch(const Spread& first, const Spread& second,
                                const VariancePrior& prior = {});

// A mean against a number that is taken as exact, such as one published without a deviation.
std::optional<Difference> one_sample(const Spread& first, double second);

// Of values that belong together one by one, such as those of one seed. Throws
// std::invalid_argument also for samples of different length. `prior`: of the variance of the
// differences between the two values of a pair.
std::optional<Difference> paired(std::span<const double> first, std::span<const double> second,
                                 const VariancePrior& prior = {});

}  // namespace ticketbench
