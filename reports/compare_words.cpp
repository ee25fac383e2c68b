#include "reports/compare_words.hpp"

#include "reports/numbers.hpp"
#include "reports/statistics.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace ticketbench {
namespace {

Spread spread_of(const std::vector<SeedValue>& side) {
  std::vector<double> values;
  values.reserve(side.size());
  for (const SeedValue& one : side) values.push_back(one.value);
  return spread(values);
}

std::string side_remark(const char* name, const ComparedSide& side) {
  std::string text =
      fmt::format("{}: {}, {} {}", name, side.path, side.runs, side.runs == 1 ? "run" : "runs");
  if (side.probes > 0) {
    text += fmt::format(" and {} {} of times", side.probes, side.probes == 1 ? "file" : "files");
  }
  if (!side.revisions.empty()) text += fmt::format(" of {}", fmt::join(side.revisions, " and "));
  if (!side.machines.empty()) text += fmt::format(" on {}", fmt::join(side.machines, " and on "));
  return text + ".";
}

}  // namespace

std::string summary_words(const Comparison& comparison) {
  const std::size_t cells = comparison.cells.size();
  std::vector<std::string> counts;
  for (const Verdict verdict : {Verdict::worse, Verdict::ambiguous, Verdict::mistrusted,
                                Verdict::gone, Verdict::added, Verdict::better, Verdict::same}) {
    if (const int64_t count = comparison.count(verdict); count > 0) {
      counts.push_back(fmt::format("{} {}", count, verdict_name(verdict)));
    }
  }
  if (counts.empty()) {
    return "No cells to compare.";
  }
  return fmt::format("{} of {} {}.", fmt::join(counts, ", "), cells, cells == 1 ? "cell" : "cells");
}

std::string side_words(const std::vector<SeedValue>& side) {
  return side.empty() ? "" : plus_minus(spread_of(side));
}

std::string change_words(const ComparedCell& cell) {
  if (cell.evidence) {
    return plus_minus({.mean = cell.evidence->change, .sample_std = cell.evidence->half_width}, 2,
                      true);
  }
  if (cell.base.empty() || cell.now.empty()) {
    return "";
  }
  return plus_minus({.mean = spread_of(cell.now).mean - spread_of(cell.base).mean}, 2, true);
}

std::string p_words(const ComparedCell& cell) {
  if (!cell.evidence) {
    return "";
  }
  const double p = cell.evidence->p_adjusted;
  return p < 0.0001 ? "<0.0001" : fmt::format("{:.4f}", p);
}

std::string seeds_words(const ComparedCell& cell) {
  return cell.base.size() == cell.now.size()
             ? fmt::format("{}", cell.now.size())
             : fmt::format("{}/{}", cell.base.size(), cell.now.size());
}

std::string why_words(const ComparedCell& cell) {
  std::vector<std::string> words = cell.notes;
  words.insert(words.begin(), cell.reason);
  return fmt::format("{}", fmt::join(words, "; "));
}

std::vector<std::string> side_remarks(const Comparison& comparison) {
  std::vector<std::string> remarks = {side_remark("BASE", comparison.base),
                                      side_remark("NEW", comparison.now)};
  if (comparison.base.machines != comparison.now.machines) {
    remarks.emplace_back(
        "Not made on the same: sums are rounded otherwise there, so that runs of one seed differ "
        "as runs of two seeds do.");
  }
  return remarks;
}

std::vector<std::string> verdict_remarks(const Comparison& comparison) {
  std::vector<std::string> remarks;
  if (const int64_t suspects = std::count_if(comparison.cells.begin(), comparison.cells.end(),
                                             [](const ComparedCell& cell) { return cell.suspect; });
      suspects > 0) {
    remarks.push_back(
        fmt::format("{} worth more seeds, or another timing, before a verdict is believed: "
                    "--confirm prints the command.",
                    suspects == 1 ? "1 cell is" : fmt::format("{} cells are", suspects)));
  }
  const auto tested = [&](Quantity quantity) {
    return std::any_of(
        comparison.cells.begin(), comparison.cells.end(),
        [&](const ComparedCell& cell) { return cell.evidence && cell.quantity == quantity; });
  };
  if (tested(Quantity::accuracy)) {
    remarks.emplace_back(
        "BASE, NEW: top-1 percent of the test images, mean ± sample standard deviation over seeds. "
        "change: percentage points, with its 95 % interval.");
    remarks.push_back(
        fmt::format("p: of the change, adjusted for all tested cells by Holm's method. worse and "
                    "better take p <= {} and a change of at least {} points, same a change that is "
                    "surely smaller (TOST), or the same answers.",
                    comparison.gate.alpha, comparison.gate.margin));
  }
  if (tested(Quantity::speedup)) {
    remarks.push_back(fmt::format(
        "speed-up: how many times as fast as the best dense way of the same measurement, mean ± "
        "sample standard deviation over n repetitions, and the change of the median. worse and "
        "better take p (Mann and Whitney) among all cells, a change of at least {:g} % between the "
        "nearest sessions, and two sessions of NEW.",
        100 * comparison.gate.time_margin));
  }
  return remarks;
}

}  // namespace ticketbench
