#include "reports/difference.hpp"

#include <boost/math/distributions/complement.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace ticketbench {
namespace {

using boost::math::complement;
using boost::math::students_t;

// Differences of equal numbers, such as 91.3 - 91.2 and 90.3 - 90.2, differ by a few ulps.
constexpr double kRounding = 1e-13;

void check_finite(double value, const char* what) {
  if (!std::isfinite(value)) {
    throw std::invalid_argument(
        fmt::format("found the {} {}, expected a finite number", what, value));
  }
}

void check(const Spread& spread) {
  check_finite(spread.mean, "mean");
  if (spread.n < 1) {
    throw std::invalid_argument(fmt::format("found n = {}, expected at least 1", spread.n));
  }
  if (spread.sample_std) {
    check_finite(*spread.sample_std, "standard deviation");
    if (*spread.sample_std < 0) {
      throw std::invalid_argument(fmt::format(
          "found the standard deviation {}, expected a number >= 0", *spread.sample_std));
    }
  }
}

bool has_deviation(const Spread& spread) {
  return spread.sample_std.has_value() && spread.n > 1;
}

// Square of the standard error of the mean.
double error_squared(const Spread& spread) {
  return *spread.sample_std * *spread.sample_std / static_cast<double>(spread.n);
}

// `size` is the largest number the deviations were computed from.
std::optional<Difference> unless_constant(const Difference& difference, double size) {
  if (!(difference.standard_error > kRounding * size)) {
    return std::nullopt;
  }
  return difference;
}

}  // namespace

double Difference::half_width(double confidence) const {
  if (!(confidence > 0 && confidence < 1)) {
    throw std::invalid_argument(
        fmt::format("found the confidence {}, expected a number > 0 and < 1", confidence));
  }
  return quantile(complement(students_t(degrees_of_freedom), (1 - confidence) / 2)) *
         standard_error;
}

double Difference::p_two_sided() const {
  return 2 * cdf(students_t(degrees_of_freedom), -std::abs(estimate / standard_error));
}

double Difference::p_less(double bound) const {
  return cdf(students_t(degrees_of_freedom), (estimate - bound) / standard_error);
}

double Difference::p_greater(double bound) const {
  return cdf(complement(students_t(degrees_of_freedom), (estimate - bound) / standard_error));
}

double Difference::p_equivalent(double margin) const {
  if (!(margin > 0)) {
    throw std::invalid_argument(fmt::format("found the margin {}, expected a number > 0", margin));
  }
  return std::max(p_less(margin), p_greater(-margin));
}

std::optional<Difference> welch(const Spread& first, const Spread& second) {
  check(first);
  check(second);
  if (!has_deviation(first) || !has_deviation(second)) {
    return std::nullopt;
  }
  const double one = error_squared(first);
  const double two = error_squared(second);
  const double sum = one + two;
  // Welch-Satterthwaite, of the shares so that small deviations don't underflow when squared.
  const double share_one = one / sum;
  const double share_two = two / sum;
  return unless_constant(
      {.estimate = first.mean - second.mean,
       .standard_error = std::sqrt(sum),
       .degrees_of_freedom = 1 / (share_one * share_one / static_cast<double>(first.n - 1) +
                                  share_two * share_two / static_cast<double>(second.n - 1))},
      std::max(std::abs(first.mean), std::abs(second.mean)));
}

std::optional<Difference> one_sample(const Spread& first, double second) {
  check(first);
  check_finite(second, "value");
  if (!has_deviation(first)) {
    return std::nullopt;
  }
  return unless_constant({.estimate = first.mean - second,
                          .standard_error = std::sqrt(error_squared(first)),
                          .degrees_of_freedom = static_cast<double>(first.n - 1)},
                         std::abs(first.mean));
}

std::optional<Difference> paired(std::span<const double> first, std::span<const double> second) {
  if (first.size() != second.size()) {
    throw std::invalid_argument(fmt::format("found {} and {} values, expected as many on each side",
                                            first.size(), second.size()));
  }
  std::vector<double> differences;
  double size = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    differences.push_back(first[i] - second[i]);
    size = std::max({size, std::abs(first[i]), std::abs(second[i])});
  }
  const std::optional<Difference> found = one_sample(spread(differences), 0);
  return found ? unless_constant(*found, size) : std::nullopt;
}

}  // namespace ticketbench
