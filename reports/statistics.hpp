// Statistics of a few repeated runs. All functions throw std::invalid_argument for values that are
// not finite, for a NaN in a mean would spread over a whole board, and but for the first one for an
// empty sample.

#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace ticketbench {

// These two do nothing else.
void check_finite(std::span<const double> values);
void check_sample(std::span<const double> values);

double mean(std::span<const double> values);

// Square root of the sum of squared deviations over n - 1. One value has none.
std::optional<double> sample_std(std::span<const double> values);

// The middle value; of an even number, the mean of the two middle ones.
double median(std::span<const double> values);

// The value that the fraction `q` of the sample, in [0, 1], lies below: between two values of the
// sample by linear interpolation, 0 the smallest and 1 the largest (Hyndman, Fan, Am. Stat. 50,
// 1996, definition 7; NumPy's default).
double quantile(std::span<const double> values, double q);

// Half the width of the two-sided Student t interval of the mean, t(n - 1) * sample_std / sqrt(n).
// One value has none. `confidence` lies in (0, 1).
std::optional<double> t_half_width(std::span<const double> values, double confidence = 0.95);

struct Spread {
  double mean = 0;
  std::optional<double> sample_std;
  std::optional<double> t_half_width;  // 95 %
  int64_t n = 0;
};

Spread spread(std::span<const double> values);

}  // namespace ticketbench
