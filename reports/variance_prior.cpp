#include "reports/variance_prior.hpp"

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace ticketbench {
namespace {

constexpr std::size_t kFewestSamples = 10;

// The x > 0 whose trigamma is y > 0; trigamma falls from infinity to 0.
double inverse_trigamma(double y) {
  boost::uintmax_t iterations = 200;
  const auto [low, high] = boost::math::tools::bracket_and_solve_root(
      [y](double x) { return boost::math::trigamma(x) - y; }, 0.5 + 1 / y, 2.0, false,
      boost::math::tools::eps_tolerance<double>(50), iterations);
  return low + (high - low) / 2;
}

}  // namespace

SampleVariance VariancePrior::with(const SampleVariance& own) const {
  if (degrees_of_freedom == 0) {
    return own;
  }
  const double all = degrees_of_freedom + own.degrees_of_freedom;
  const double shrunken =
      std::isinf(degrees_of_freedom)
          ? variance
          : (degrees_of_freedom * variance + own.degrees_of_freedom * own.variance) / all;
  return {.variance = std::max(own.variance, shrunken), .degrees_of_freedom = std::min(all, limit)};
}

VariancePrior variance_prior(std::span<const SampleVariance> samples) {
  std::vector<double> logarithms;  // each without what chance alone adds to it on average
  double chance = 0;               // of their variance, what chance alone gives, on average
  double limit = 0;
  for (const auto& [variance, degrees_of_freedom] : samples) {
    if (!(variance >= 0 && std::isfinite(variance))) {
      throw std::invalid_argument(
          fmt::format("found the variance {}, expected a finite number >= 0", variance));
    }
    if (variance == 0 || !(degrees_of_freedom > 0)) {
      continue;
    }
    const double half = degrees_of_freedom / 2;
    logarithms.push_back(std::log(variance) - boost::math::digamma(half) + std::log(half));
    chance += boost::math::trigamma(half);
    limit += degrees_of_freedom;
  }
  if (logarithms.size() < kFewestSamples) {
    return {};
  }
  const auto n = static_cast<double>(logarithms.size());
  double sum = 0;
  for (const double logarithm : logarithms) sum += logarithm;
  const double mean = sum / n;
  double scatter = 0;
  for (const double logarithm : logarithms) scatter += (logarithm - mean) * (logarithm - mean);
  const double excess = scatter / (n - 1) - chance / n;
  if (excess <= 0) {
    return {.variance = std::exp(mean),
            .degrees_of_freedom = std::numeric_limits<double>::infinity(),
            .limit = limit};
  }
  const double half = inverse_trigamma(excess);
  return {.variance = std::exp(mean + boost::math::digamma(half) - std::log(half)),
          .degrees_of_freedom = 2 * half,
          .limit = limit};
}

}  // namespace ticketbench
