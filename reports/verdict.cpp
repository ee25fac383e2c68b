#include "reports/verdict.hpp"

#include "reports/difference.hpp"
#include "reports/mann_whitney.hpp"
#include "reports/multiplicity.hpp"
#include "reports/statistics.hpp"
#include "reports/variance_prior.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace ticketbench {
namespace {

// The values of two sides at the seeds that both have.
struct Shared {
  std::vector<double> base;
  std::vector<double> now;
  std::size_t computed_alike = 0;
};

Shared shared_values(const ComparedCell& cell) {
  Shared shared;
  for (const SeedValue& one : cell.now) {
    const auto other = std::find_if(cell.base.begin(), cell.base.end(),
                                    [&](const SeedValue& b) { return b.seed == one.seed; });
    if (other == cell.base.end()) {
      continue;
    }
    shared.base.push_back(other->value);
    shared.now.push_back(one.value);
    shared.computed_alike += !one.computed.empty() && one.computed == other->computed ? 1U : 0U;
  }
  return shared;
}

std::vector<double> values_of(const std::vector<SeedValue>& side) {
  std::vector<double> values;
  values.reserve(side.size());
  for (const SeedValue& one : side) values.push_back(one.value);
  return values;
}

// A cell that needs a test.
struct Tested {
  ComparedCell* cell;
  Shared shared;
  Spread base;
  Spread now;

  // The same seeds on both sides: nothing is to be had beyond the pairs.
  [[nodiscard]] bool pairs_only() const {
    return shared.now.size() == cell->base.size() && shared.now.size() == cell->now.size();
  }
};

struct Priors {
  VariancePrior pair;    // of the differences within pairs
  VariancePrior sample;  // of one side
};

void add_variance(std::vector<SampleVariance>& variances, const Spread& spread) {
  if (spread.sample_std) {
    variances.push_back({.variance = *spread.sample_std * *spread.sample_std,
                         .degrees_of_freedom = static_cast<double>(spread.n - 1)});
  }
}

Priors priors_of(const std::vector<Tested>& tested) {
  std::vector<SampleVariance> pairs;
  std::vector<SampleVariance> samples;
  for (const Tested& one : tested) {
    if (one.cell->quantity != Quantity::accuracy) continue;
    if (!one.shared.now.empty()) {
      std::vector<double> differences;
      for (std::size_t i = 0; i < one.shared.now.size(); ++i) {
        differences.push_back(one.shared.now[i] - one.shared.base[i]);
      }
      add_variance(pairs, spread(differences));
    }
    add_variance(samples, one.base);
    add_variance(samples, one.now);
  }
  return {.pair = variance_prior(pairs), .sample = variance_prior(samples)};
}

Evidence evidence_of(const Difference& difference, const char* test, double margin) {
  return {.test = test,
          .change = difference.estimate,
          .half_width = difference.half_width(),
          .p_changed = difference.p_two_sided(),
          .p_equivalent = difference.p_equivalent(margin)};
}

// In the cell's own quantity.
double margin_of(const ComparedCell& cell, const Gate& gate) {
  return cell.quantity == Quantity::accuracy ? gate.margin
                                             : gate.time_margin * median(values_of(cell.base));
}

// "0.3 points"; "10 %" of a speed-up.
std::string margin_words(const ComparedCell& cell, const Gate& gate) {
  return cell.quantity == Quantity::accuracy ? fmt::format("{} points", gate.margin)
                                             : fmt::format("{:g} %", 100 * gate.time_margin);
}

std::vector<double> shifted(std::vector<double> values, double by) {
  for (double& value : values) value += by;
  return values;
}

// By session.
std::vector<double> session_medians(const std::vector<SeedValue>& side) {
  std::map<int64_t, std::vector<double>> sessions;
  for (const SeedValue& one : side) sessions[one.seed].push_back(one.value);
  std::vector<double> medians;
  medians.reserve(sessions.size());
  for (const auto& [session, values] : sessions) medians.push_back(median(values));
  return medians;
}

// From the nearest session of BASE to the nearest of NEW; 0 where they overlap.
double sure_change(const ComparedCell& cell) {
  const std::vector<double> base = session_medians(cell.base);
  const std::vector<double> now = session_medians(cell.now);
  const auto [base_least, base_most] = std::minmax_element(base.begin(), base.end());
  const auto [now_least, now_most] = std::minmax_element(now.begin(), now.end());
  if (*now_most < *base_least) return *now_most - *base_least;
  return *now_least > *base_most ? *now_least - *base_most : 0.0;
}

// Up to so many the exact test is made: the approximation has no small p values.
constexpr std::size_t kExactRepetitions = 60;

Evidence test_speedups(const ComparedCell& cell, double margin) {
  const std::vector<double> base = values_of(cell.base);
  const std::vector<double> now = values_of(cell.now);
  return {.test = "Mann-Whitney",
          .change = median(now) - median(base),
          .half_width = std::nullopt,
          .p_changed = mann_whitney(now, base, kExactRepetitions).p_two_sided,
          .p_equivalent =
              std::max(mann_whitney(now, shifted(base, -margin), kExactRepetitions).p_greater,
                       mann_whitney(now, shifted(base, margin), kExactRepetitions).p_less)};
}

std::optional<Evidence> test(const Tested& tested, const Priors& priors, double margin) {
  if (tested.cell->quantity == Quantity::speedup) return test_speedups(*tested.cell, margin);
  std::vector<Evidence> found;
  if (tested.shared.now.size() > 1) {
    if (const auto pairs = paired(tested.shared.now, tested.shared.base, priors.pair)) {
      found.push_back(evidence_of(*pairs, "paired", margin));
    }
  }
  if (!tested.pairs_only()) {
    if (const auto all = welch(tested.now, tested.base, priors.sample)) {
      found.push_back(evidence_of(*all, "Welch", margin));
    }
  }
  if (found.empty()) {
    return std::nullopt;
  }
  if (found.size() == 1) {
    return found.front();
  }
  Evidence both = found[0].p_changed <= found[1].p_changed ? found[0] : found[1];
  both.test = "paired and Welch";
  both.p_changed = std::min(1.0, 2 * both.p_changed);
  both.p_equivalent = std::min(1.0, 2 * std::min(found[0].p_equivalent, found[1].p_equivalent));
  return both;
}

std::string seeds_words(std::size_t n) {
  return n == 1 ? "1 seed" : fmt::format("{} seeds", n);
}

void decide_untested(const Tested& tested, const Gate& gate) {
  ComparedCell& cell = *tested.cell;
  const bool one_seed = std::min(cell.base.size(), cell.now.size()) == 1;
  cell.verdict = Verdict::ambiguous;
  cell.reason = one_seed ? "one seed tells nothing about the spread, so no test is possible"
                         : "the differences have no spread, so no test is possible";
  cell.suspect = tested.now.mean - tested.base.mean <= -gate.margin;
}

void decide(ComparedCell& cell, const Gate& gate) {
  const Evidence& evidence = *cell.evidence;
  const bool timed = cell.quantity == Quantity::speedup;
  const double change = timed ? sure_change(cell) : evidence.change;
  const bool large = std::abs(change) >= margin_of(cell, gate);
  if (large && timed && session_medians(cell.now).size() < 2) {
    cell.verdict = Verdict::ambiguous;
    cell.reason = "timed in one session, whose place in memory may be what differs";
  } else if (evidence.p_adjusted <= gate.alpha && large) {
    cell.verdict = evidence.change < 0 ? Verdict::worse : Verdict::better;
    cell.reason = fmt::format("{}, p below {} among all cells", evidence.test, gate.alpha);
  } else if (evidence.p_equivalent <= gate.alpha) {
    cell.verdict = Verdict::same;
    cell.reason = fmt::format("{}, equivalent within {}", evidence.test, margin_words(cell, gate));
  } else {
    cell.verdict = Verdict::ambiguous;
    cell.reason =
        fmt::format("{}, may differ by more than {}", evidence.test, margin_words(cell, gate));
  }
  cell.suspect = cell.verdict == Verdict::worse ||
                 (cell.verdict == Verdict::ambiguous && evidence.change < 0 &&
                  evidence.p_changed <= gate.alpha && (!timed || large));
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  constexpr std::array<std::string_view, 7> names = {"worse", "ambiguous", "mistrusted", "gone",
                                                     "new",   "better",    "same"};
  return names.at(static_cast<std::size_t>(verdict));
}

void judge(std::vector<ComparedCell>& cells, const Gate& gate) {
  std::vector<Tested> tested;
  for (ComparedCell& cell : cells) {
    if (!cell.broken.empty()) {
      cell.verdict = Verdict::worse;
      cell.reason = fmt::format("{}", fmt::join(cell.broken, "; "));
      continue;
    }
    if (cell.base.empty() || cell.now.empty()) {
      continue;
    }
    Shared shared = shared_values(cell);
    if (!shared.now.empty() && shared.computed_alike == shared.now.size()) {
      cell.verdict = Verdict::same;
      cell.reason = fmt::format("the same answers at {}", seeds_words(shared.now.size()));
      continue;
    }
    tested.push_back({.cell = &cell,
                      .shared = std::move(shared),
                      .base = spread(values_of(cell.base)),
                      .now = spread(values_of(cell.now))});
  }
  const Priors priors = priors_of(tested);
  std::vector<double> p_values;
  for (const Tested& one : tested) {
    one.cell->evidence = test(one, priors, margin_of(*one.cell, gate));
    if (one.cell->evidence) {
      p_values.push_back(one.cell->evidence->p_changed);
    } else {
      decide_untested(one, gate);
    }
  }
  const std::vector<double> adjusted = holm(p_values);
  auto next = adjusted.begin();
  for (const Tested& one : tested) {
    if (one.cell->evidence) {
      one.cell->evidence->p_adjusted = *next++;
      decide(*one.cell, gate);
    }
  }
}

}  // namespace ticketbench
