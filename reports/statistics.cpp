#include "reports/statistics.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <boost/math/statistics/univariate_statistics.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <vector>

namespace ticketbench {

void check_finite(std::span<const double> values) {
  for (const double value : values) {
    if (!std::isfinite(value)) {
      throw std::invalid_argument(
          fmt::format("found the value {}, expected finite numbers", value));
    }
  }
}

void check_sample(std::span<const double> values) {
  if (values.empty()) throw std::invalid_argument("found no values, expected at least one");
  check_finite(values);
}

double mean(std::span<const double> values) {
  check_sample(values);
  return boost::math::statistics::mean(values.begin(), values.end());
}

std::optional<double> sample_std(std::span<const double> values) {
  check_sample(values);
  if (values.size() == 1) {
    return std::nullopt;
  }
  return std::sqrt(boost::math::statistics::sample_variance(values.begin(), values.end()));
}

double median(std::span<const double> values) {
  check_sample(values);
  std::vector<double> reordered(values.begin(), values.end());
  return boost::math::statistics::median(reordered.begin(), reordered.end());
}

double quantile(std::span<const double> values, double q) {
  check_sample(values);
  if (!(q >= 0 && q <= 1)) {
    throw std::invalid_argument(
        fmt::format("found the quantile {}, expected a number in [0, 1]", q));
  }
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

std::optional<double> t_half_width(std::span<const double> values, double confidence) {
  if (!(confidence > 0 && confidence < 1)) {
    throw std::invalid_argument(
        fmt::format("found the confidence {}, expected a number > 0 and < 1", confidence));
  }
  const std::optional<double> deviation = sample_std(values);
  if (!deviation) {
    return std::nullopt;
  }
  const auto n = static_cast<double>(values.size());
  const boost::math::students_t distribution(n - 1);
  return boost::math::quantile(distribution, (1 + confidence) / 2) * *deviation / std::sqrt(n);
}

Spread spread(std::span<const double> values) {
  return {.mean = mean(values),
          .sample_std = sample_std(values),
          .t_half_width = t_half_width(values),
          .n = static_cast<int64_t>(values.size())};
}

}  // namespace ticketbench
