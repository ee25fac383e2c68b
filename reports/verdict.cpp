#include "reports/verdict.hpp"

#include "reports/multiplicity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

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
          .change = difference,
          .p_changed = difference.p_two_sided(),
          .p_equivalent = difference.p_equivalent(margin)};
}

std::optional<Evidence> test(const Tested& tested, const Priors& priors, double margin) {
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
  const bool large = std::abs(evidence.change.estimate) >= gate.margin;
  if (evidence.p_adjusted <= gate.alpha && large) {
    cell.verdict = evidence.change.estimate < 0 ? Verdict::worse : Verdict::better;
    cell.reason = fmt::format("{}, p below {} among all cells", evidence.test, gate.alpha);
  } else if (evidence.p_equivalent <= gate.alpha) {
    cell.verdict = Verdict::same;
    cell.reason = fmt::format("{}, equivalent within {} points", evidence.test, gate.margin);
  } else {
    cell.verdict = Verdict::ambiguous;
    cell.reason = fmt::format("{}, may differ by more than {} points", evidence.test, gate.margin);
  }
  cell.suspect = cell.verdict == Verdict::worse ||
                 (cell.verdict == Verdict::ambiguous && evidence.change.estimate < 0 &&
                  evidence.p_changed <= gate.alpha);
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
    one.cell->evidence = test(one, priors, gate.margin);
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
