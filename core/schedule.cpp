#include "core/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ticketbench {

double linear_schedule(double from, double to, double t) {
  return from + (to - from) * std::clamp(t, 0.0, 1.0);
}

double exponential_schedule(double from, double to, double t) {
  return from * std::pow(to / from, std::clamp(t, 0.0, 1.0));
}

double cubic_schedule(double from, double to, double t) {
  return to + (from - to) * std::pow(1 - std::clamp(t, 0.0, 1.0), 3);
}

double cosine_schedule(double from, double to, double t) {
  return to + (from - to) * (1 + std::cos(std::numbers::pi * std::clamp(t, 0.0, 1.0))) / 2;
}

double RateSchedule::factor(int64_t iteration, int64_t iterations,
                            int64_t iterations_per_epoch) const {
  const int64_t rise = to_iterations(warmup, iterations, iterations_per_epoch);
  if (iteration < rise) {
    // The first step after the rise has the peak itself, so the last one of the rise lies just
    // below it.
    return linear_schedule(warmup_start, 1,
                           static_cast<double>(iteration) / static_cast<double>(rise));
  }
  const double progress = iterations > rise ? static_cast<double>(iteration - rise) /
                                                  static_cast<double>(iterations - rise)
                                            : 1;
  switch (kind) {
    case RateKind::constant:
      return 1;
    case RateKind::cosine:
      return cosine_schedule(1, final_factor, progress);
    case RateKind::one_cycle:
      return linear_schedule(1, final_factor, progress);
    case RateKind::multi_step:
      return std::pow(gamma,
                      std::count_if(milestones.begin(), milestones.end(), [&](const Duration& m) {
                        return iteration >= to_iterations(m, iterations, iterations_per_epoch);
                      }));
  }
  return 1;
}

}  // namespace ticketbench
