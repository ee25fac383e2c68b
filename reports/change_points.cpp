#include "reports/change_points.hpp"

#include "reports/statistics.hpp"

#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace ticketbench {
namespace {

// A place is kept in view with a p value so much larger, until its neighbours are known.
constexpr double kInView = 10;

constexpr double kRounding = 1e-13;

class Divider {
 public:
  Divider(std::span<const double> values, double p_max)
      : values_(values), p_max_(p_max), within_((values.size() + 1) * (values.size() + 1)) {
    for (std::size_t end = 1; end <= values.size(); ++end) {
      double to_last = 0;
      for (std::size_t begin = end - 1; begin-- > 0;) {
        to_last += std::abs(values[begin] - values[end - 1]);
        within_[index(begin, end)] = within(begin, end - 1) + to_last;
      }
    }
  }

  std::vector<ChangePoint> divide() {
    split(0, values_.size());
    std::sort(places_.begin(), places_.end());
    // The weakest goes first: its neighbours' segments grow.
    while (true) {
      std::vector<ChangePoint> points = described();
      const auto weakest =
          std::max_element(points.begin(), points.end(),
                           [](const ChangePoint& a, const ChangePoint& b) { return a.p < b.p; });
      if (weakest == points.end() || weakest->p <= p_max_) {
        return points;
      }
      places_.erase(places_.begin() + (weakest - points.begin()));
    }
  }

 private:
  [[nodiscard]] std::size_t index(std::size_t begin, std::size_t end) const {
    return begin * (values_.size() + 1) + end;
  }
  // Sum of the distances between all pairs of values in [begin, end).
  [[nodiscard]] double within(std::size_t begin, std::size_t end) const {
    return within_[index(begin, end)];
  }

  // The energy distance of two neighbouring samples, scaled by their sizes: equations 5 to 7 of
  // Matteson and James, with alpha = 1.
  [[nodiscard]] double divergence(std::size_t begin, std::size_t at, std::size_t end) const {
    const auto m = static_cast<double>(at - begin);
    const auto n = static_cast<double>(end - at);
    const double left = within(begin, at);
    const double right = within(at, end);
    const double between = within(begin, end) - left - right;
    const auto mean_within = [](double sum, double count) {
      return count > 1 ? 2 * sum / (count * (count - 1)) : 0.0;
    };
    return m * n / (m + n) * (2 * between / (m * n) - mean_within(left, m) - mean_within(right, n));
  }

  // Student's t test with a common variance, which one value on one side is enough for.
  [[nodiscard]] ChangePoint described(std::size_t begin, std::size_t at, std::size_t end) const {
    const auto mean = [&](std::size_t from, std::size_t to) {
      double sum = 0;
      for (std::size_t i = from; i < to; ++i) sum += values_[i] - values_[from];
      return values_[from] + sum / static_cast<double>(to - from);
    };
    ChangePoint point{.at = at, .before = mean(begin, at), .after = mean(at, end)};
    double squares = 0;
    double size = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const double deviation = values_[i] - (i < at ? point.before : point.after);
      squares += deviation * deviation;
      size = std::max(size, std::abs(values_[i]));
    }
    const auto m = static_cast<double>(at - begin);
    const auto n = static_cast<double>(end - at);
    const double degrees_of_freedom = m + n - 2;
    if (degrees_of_freedom < 1 || std::abs(point.after - point.before) <= kRounding * size) {
      return point;
    }
    const double error = std::sqrt(squares / degrees_of_freedom * (1 / m + 1 / n));
    const double t = (point.after - point.before) / error;  // infinite between constants
    point.p = std::min(1.0, 2 * cdf(boost::math::students_t(degrees_of_freedom), -std::abs(t)) *
                                static_cast<double>(values_.size()));
    return point;
  }

  [[nodiscard]] std::vector<ChangePoint> described() const {
    std::vector<ChangePoint> points;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      points.push_back(described(i == 0 ? 0 : places_[i - 1], places_[i],
                                 i + 1 == places_.size() ? values_.size() : places_[i + 1]));
    }
    return points;
  }

  // The later sample may end early: else a shift back would hide the shift before it.
  void split(std::size_t begin, std::size_t end) {
    double best = 0;
    std::optional<ChangePoint> found;
    for (std::size_t at = begin + 1; at < end; ++at) {
      for (std::size_t until = at + 1; until <= end; ++until) {
        if (const double q = divergence(begin, at, until); q > best) {
          best = q;
          found = described(begin, at, until);
        }
      }
    }
    if (!found || found->p > kInView * p_max_) {
      return;
    }
    places_.push_back(found->at);
    split(begin, found->at);
    split(found->at, end);
  }

  std::span<const double> values_;
  double p_max_;
  std::vector<double> within_;
  std::vector<std::size_t> places_;
};

}  // namespace

std::vector<ChangePoint> change_points(std::span<const double> values, double p_max) {
  check_finite(values);
  return Divider(values, p_max).divide();
}

}  // namespace ticketbench
