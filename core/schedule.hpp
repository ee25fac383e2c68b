// Schedules: how a quantity moves over a run. Values, not classes; t is progress in [0, 1],
// clamped.
#pragma once

#include "core/duration.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ticketbench {

double linear_schedule(double from, double to, double t);
/// Equal ratios in equal times: density of iterative pruning.
double exponential_schedule(double from, double to, double t);
/// Zhu and Gupta, arXiv:1710.01878, equation 1: to + (from - to) (1 - t)^3.
double cubic_schedule(double from, double to, double t);
/// Half a cosine from `from` to `to`.
double cosine_schedule(double from, double to, double t);

/// Every `period` iterations in (from, to): dynamic sparse training's updates.
struct Periodic {
  int64_t period = 1;
  int64_t from = 0;
  int64_t to = 0;
  [[nodiscard]] bool due(int64_t iteration) const {
    return iteration > from && iteration < to && iteration % period == 0;
  }
  /// And at `to` itself: for a schedule that must reach its end.
  [[nodiscard]] bool due_or_last(int64_t iteration) const {
    return due(iteration) || iteration == to;
  }
  /// Where `iteration` lies between the ends, in [0, 1].
  [[nodiscard]] double progress(int64_t iteration) const {
    return to > from
               ? std::clamp(static_cast<double>(iteration - from) / static_cast<double>(to - from),
                            0.0, 1.0)
               : 1.0;
  }
};

enum class RateKind { constant, multi_step, cosine, one_cycle };
constexpr auto enum_names(RateKind) {
  return std::to_array<std::string_view>({"constant", "multi_step", "cosine", "one_cycle"});
}

/// The learning rate over a phase, as a factor of its peak.
struct RateSchedule {
  RateKind kind = RateKind::cosine;
  std::vector<Duration> milestones;  ///< multi_step: multiplied by `gamma` from each on
  double gamma = 0.1;
  Duration warmup;  ///< linear from `warmup_start`, before the rest; one_cycle: its rising part
  double warmup_start = 0;
  double final_factor = 0;  ///< cosine and one_cycle end here

  template <class F>
  void fields(F& f) {
    f("kind", kind, "how the rate moves after the warm-up");
    f("milestones", milestones, "multi_step: where the rate is multiplied by gamma");
    f("gamma", gamma, {0, 1}, "multi_step: the factor at each milestone");
    f("warmup", warmup, "linear rise to the peak; one_cycle: its rising part");
    f("warmup_start", warmup_start, {0, 1}, "factor of the peak at iteration 0 of the warm-up");
    f("final_factor", final_factor, {0, 1}, "cosine, one_cycle: factor of the peak at the end");
  }

  /// Factor at `iteration` of a phase of `iterations`, in [0, 1]. One_cycle falls linearly after
  /// its warm-up.
  [[nodiscard]] double factor(int64_t iteration, int64_t iterations,
                              int64_t iterations_per_epoch) const;
};

}  // namespace ticketbench
