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

SampleVariance variance_of(const Spread& spread, const VariancePrior& prior) {
  return prior.with({.variance = *spread.sample_std * *spread.sample_std,
                     .degrees_of_freedom = static_cast<double>(spread.n - 1)});
}

// `size` is the largest number the deviations were computed from.
std::optional<Difference> unless_constant(const Difference& difference, double size) {
  if (!(difference.standard_error > kRounding * size)) {
    return std::nullopt;
  }
  return difference;
}

std::optional<Difference> one_mean(const Spread& first, double second, double size,
                                   const VariancePrior& prior) {
  if (!has_deviation(first)) {
    return std::nullopt;
  }
  const auto [variance, degrees_of_freedom] = variance_of(first, prior);
  return unless_constant({.estimate = first.mean - second,
                          .standard_error = std::sqrt(variance / static_cast<double>(first.n)),
                          .degrees_of_freedom = degrees_of_freedom},
                         size);
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

std::optional<Difference> welch(const Spread& first, const Spread& second,
                                const VariancePrior& prior) {
  check(first);
  check(second);
  if (!has_deviation(first) || !has_deviation(second)) {
    return std::nullopt;
  }
  const SampleVariance one = variance_of(first, prior);
  const SampleVariance two = variance_of(second, prior);
  const double error_one = one.variance / static_cast<double>(first.n);
  const double error_two = two.variance / static_cast<double>(second.n);
  const double sum = error_one + error_two;
  // Welch-Satterthwaite, of the shares so that small deviations don't underflow when squared.
  const double share_one = error_one / sum;
  const double share_two = error_two / sum;
  return unless_constant(
      {.estimate = first.mean - second.mean,
       .standard_error = std::sqrt(sum),
       .degrees_of_freedom = 1 / (share_one * share_one / one.degrees_of_freedom +
                                  share_two * share_two / two.degrees_of_freedom)},
      std::max(std::abs(first.mean), std::abs(second.mean)));
}

std::optional<Difference> one_sample(const Spread& first, double second) {
  check(first);
  check_finite(second, "value");
  return one_mean(first, second, std::abs(first.mean), {});
}

std::optional<Difference> paired(std::span<const double> first, std::span<const double> second,
                                 const VariancePrior& prior) {
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
  return one_mean(spread(differences), 0, size, prior);
}

}  // namespace ticketbench
