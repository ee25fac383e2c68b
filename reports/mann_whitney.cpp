#include "reports/mann_whitney.hpp"

#include "reports/statistics.hpp"

#include <boost/math/distributions/complement.hpp>
#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace ticketbench {
namespace {

// Chance of each value of U, 0 to few * many, where all orders are equally likely. The largest
// value belongs to either sample: U(m, n) is U(m - 1, n) + n, or U(m, n - 1).
std::vector<double> distribution(std::size_t few, std::size_t many) {
  std::vector<std::vector<double>> chance(few + 1);
  for (std::size_t m = 0; m <= few; ++m) {
    chance[m].assign(m * many + 1, 0);
    chance[m][0] = 1;
  }
  for (std::size_t n = 1; n <= many; ++n) {
    for (std::size_t m = 1; m <= few; ++m) {
      const double largest = static_cast<double>(m) / static_cast<double>(m + n);
      for (std::size_t u = m * n + 1; u-- > 0;) {
        chance[m][u] =
            (1 - largest) * chance[m][u] + (u >= n ? largest * chance[m - 1][u - n] : 0.0);
      }
    }
  }
  return chance[few];
}

struct Ranks {
  double u = 0;
  double tie_sum = 0;  // of t^3 - t over the groups of t equal values
};

Ranks ranks_of(std::span<const double> first, std::span<const double> second) {
  std::vector<std::pair<double, bool>> values;
  for (const double value : first) values.emplace_back(value, true);
  for (const double value : second) values.emplace_back(value, false);
  std::sort(values.begin(), values.end());
  Ranks ranks;
  double smaller = 0;  // values of the second sample before this group
  for (auto begin = values.begin(); begin != values.end();) {
    const auto end = std::find_if(begin, values.end(),
                                  [&](const auto& value) { return value.first != begin->first; });
    const auto size = static_cast<double>(end - begin);
    const auto mine = static_cast<double>(
        std::count_if(begin, end, [](const auto& value) { return value.second; }));
    const double theirs = size - mine;
    ranks.u += mine * (smaller + theirs / 2);
    ranks.tie_sum += size * size * size - size;
    smaller += theirs;
    begin = end;
  }
  return ranks;
}

}  // namespace

MannWhitney mann_whitney(std::span<const double> first, std::span<const double> second,
                         std::size_t exact_size) {
  check_sample(first);
  check_sample(second);
  const auto [u, tie_sum] = ranks_of(first, second);
  const std::size_t few = std::min(first.size(), second.size());
  const std::size_t many = std::max(first.size(), second.size());
  const double pairs = static_cast<double>(few) * static_cast<double>(many);
  MannWhitney result{.u = u, .exact = tie_sum == 0 && few <= exact_size};
  if (result.exact) {
    const std::vector<double> chance = distribution(few, many);
    const auto at_least = [&](double count) {
      return std::accumulate(chance.begin() + static_cast<std::ptrdiff_t>(count), chance.end(),
                             0.0);
    };
    result.p_greater = std::min(1.0, at_least(u));
    result.p_less = std::min(1.0, at_least(pairs - u));  // the distribution is symmetric
  } else {
    const auto n = static_cast<double>(first.size() + second.size());
    const double deviation = std::sqrt(pairs / 12 * (n + 1 - tie_sum / (n * (n - 1))));
    if (!(deviation > 0)) {
      return result;
    }
    const auto at_least = [&](double count) {
      return cdf(
          boost::math::complement(boost::math::normal(), (count - pairs / 2 - 0.5) / deviation));
    };
    result.p_greater = at_least(u);
    result.p_less = at_least(pairs - u);
  }
  result.p_two_sided = std::min(1.0, 2 * std::min(result.p_less, result.p_greater));
  return result;
}

}  // namespace ticketbench
