#include "reports/claim_verdict.hpp"

#include "reports/difference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace ticketbench {
namespace {

constexpr double kRounding = 1e-9;  // 94.3 - 94.0 is a little more than 0.3

// Two single runs whose scatter isn't known: a margin is about two standard deviations of a run, so
// their difference stays within two margins but for one pair in a hundred.
constexpr double kMarginsOfSingleRuns = 2;
// A published deviation of unknown n says how single runs scatter.
constexpr double kDeviations = 2;

constexpr std::string_view kInside = "inside the margin; that it stays there needs more seeds";
constexpr std::string_view kOutside = "outside the margin, by no more than chance does";

// What the two sides can be held against each other by. Absent where nothing is known to scatter.
struct Tests {
  std::optional<Difference> to_value;  // is our mean within the margin of the number?
  std::optional<Difference> to_runs;   // could the runs behind it be runs like ours?
};

bool knows_scatter(const Claim& claim) {
  return claim.std.has_value() && claim.n.value_or(0) > 1;
}

bool knows_scatter(const Spread& ours) {
  return ours.sample_std.has_value() && ours.n > 1;
}

void check(const Spread& ours, const Claim& claim) {
  for (const double number :
       {ours.mean, ours.sample_std.value_or(0), claim.value, claim.std.value_or(0)}) {
    if (!std::isfinite(number)) {
      throw std::invalid_argument(fmt::format("found {}, expected a finite number", number));
    }
  }
  if (std::min(ours.n, claim.n.value_or(1)) < 1) {
    throw std::invalid_argument("found no runs at all, expected n >= 1");
  }
  if (std::min({ours.sample_std.value_or(0), claim.std.value_or(0), claim.reading_error}) < 0) {
    throw std::invalid_argument("found a negative deviation, expected a number >= 0");
  }
}

std::optional<Difference> with_error(double estimate, double variance, int64_t runs) {
  if (!(variance > 0) || runs < 2) {
    return std::nullopt;
  }
  return Difference{.estimate = estimate,
                    .standard_error = std::sqrt(variance),
                    .degrees_of_freedom = static_cast<double>(runs - 1)};
}

Tests tests(const Spread& ours, const Claim& claim) {
  const double estimate = ours.mean - claim.value;
  const auto n = static_cast<double>(ours.n);
  if (knows_scatter(claim)) {
    const Spread published{
        .mean = claim.value, .sample_std = claim.std, .t_half_width = {}, .n = *claim.n};
    if (knows_scatter(ours)) {
      const std::optional<Difference> found = welch(ours, published);
      return {.to_value = found, .to_runs = found};
    }
    // Our run alone is taken as one more of theirs.
    const double variance = *claim.std * *claim.std * (1 + 1 / static_cast<double>(*claim.n));
    return {.to_value = {}, .to_runs = with_error(estimate, variance, *claim.n)};
  }
  if (!knows_scatter(ours)) {
    return {};
  }
  const double own = *ours.sample_std * *ours.sample_std;
  const double theirs =
      claim.std ? *claim.std * *claim.std : own / static_cast<double>(claim.n.value_or(1));
  return {.to_value = one_sample(ours, claim.value),
          .to_runs = with_error(estimate, own / n + theirs, ours.n)};
}

std::string assumption(const Spread& ours, const Claim& claim, const Margin& margin) {
  if (knows_scatter(claim) || margin.counted()) {
    return "";
  }
  if (claim.std) {
    return "n isn't published: the value is taken as that of one run, with the published deviation";
  }
  if (!knows_scatter(ours)) {
    return "no deviation is known on either side: up to two margins count as noise";
  }
  return claim.n ? "no deviation is published: the paper's runs are taken to scatter as ours do"
                 : "neither deviation nor n are published: the value is taken as that of one run "
                   "that scatters as ours do";
}

// Towards better results; 0 where neither side is better.
double side(Better better) {
  return better == Better::higher ? 1 : better == Better::lower ? -1 : 0;
}

// Further away than the margin, and not by chance.
void alarm(ClaimJudgement& judgement, double gain, bool beyond_margin) {
  judgement.verdict =
      gain > 0 && beyond_margin ? ClaimVerdict::too_good : ClaimVerdict::not_reproduced;
  if (judgement.verdict == ClaimVerdict::too_good) {
    judgement.reason =
        "better than published by more than the margin: look for test images in training or "
        "selection, or for a recipe that isn't the paper's";
  } else if (gain > 0) {
    judgement.reason = "better than published; that it is by more than the margin isn't shown";
  } else if (gain < 0) {
    judgement.reason = "worse than published";
  } else {
    judgement.reason = "another count than published";
  }
}

// 20 % a round, of the weights that are left.
double level_of(double percent_pruned) {
  if (!(percent_pruned >= 0 && percent_pruned < 100)) {
    throw std::invalid_argument(
        fmt::format("found {} % pruned, expected a number >= 0 and < 100", percent_pruned));
  }
  return std::log(1 - percent_pruned / 100) / std::log(0.8);
}

}  // namespace

std::string_view claim_verdict_word(ClaimVerdict verdict) {
  switch (verdict) {
    case ClaimVerdict::reproduced:
      return "reproduced";
    case ClaimVerdict::within_noise:
      return "within noise";
    case ClaimVerdict::not_reproduced:
      return "not reproduced";
    case ClaimVerdict::too_good:
      return "too good";
    case ClaimVerdict::protocol_differs:
      return "protocol differs";
    case ClaimVerdict::not_run:
      break;
  }
  return "not run";
}

ClaimJudgement judge_claim(const Spread& ours, const Claim& claim, const Margin& margin) {
  check(ours, claim);
  const Tests found = tests(ours, claim);
  const double estimate = ours.mean - claim.value;
  const double limit = margin.around(claim.value) + claim.reading_error;
  const double gain = side(margin.better) * estimate;
  const bool inside = std::abs(estimate) <= limit * (1 + kRounding);

  ClaimJudgement judgement;
  judgement.difference = estimate;
  judgement.margin = limit;
  judgement.provisional = ours.n < kFirmSeeds && !margin.counted();
  judgement.assumed = assumption(ours, claim, margin);
  if (found.to_value && limit > 0) judgement.p_equivalent = found.to_value->p_equivalent(limit);
  if (found.to_runs) judgement.p_different = found.to_runs->p_two_sided();

  const bool constant = !found.to_value && (knows_scatter(ours) || margin.counted());
  if (judgement.p_equivalent.value_or(1) <= kClaimAlpha || (constant && inside)) {
    judgement.verdict = ClaimVerdict::reproduced;
    return judgement;
  }
  judgement.verdict = ClaimVerdict::within_noise;
  judgement.reason = inside ? kInside : kOutside;
  if (inside) {
    return judgement;
  }
  if (found.to_runs) {
    if (*judgement.p_different <= kClaimAlpha) {
      const double p_beyond =
          estimate > 0 ? found.to_runs->p_greater(limit) : found.to_runs->p_less(-limit);
      alarm(judgement, gain, p_beyond <= kClaimAlpha);
    }
    return judgement;
  }
  const double noise = constant    ? limit
                       : claim.std ? std::max(limit, kDeviations * *claim.std)
                                   : kMarginsOfSingleRuns * limit;
  if (std::abs(estimate) > noise * (1 + kRounding)) {
    alarm(judgement, gain, /*beyond_margin=*/true);
  } else {
    judgement.reason = "one seed, and no deviation to hold it against";
  }
  return judgement;
}

ClaimJudgement judge_winning_ticket(std::optional<double> ours, int64_t n,
                                    std::optional<double> published, const Margin& margin) {
  ClaimJudgement judgement;
  judgement.margin = margin.width;
  judgement.provisional = n < kFirmSeeds;
  if (ours && published) judgement.difference = *ours - *published;
  // None found: the dense network, level 0.
  const double levels = level_of(ours.value_or(0)) - level_of(published.value_or(0));
  if (std::abs(levels) <= margin.width * (1 + kRounding)) {
    judgement.verdict = ClaimVerdict::reproduced;
  } else if (std::abs(levels) <= (margin.width + 1) * (1 + kRounding)) {
    judgement.verdict = ClaimVerdict::within_noise;
    judgement.reason = "one level apart: whether a mean reaches the dense one's can turn on a seed";
  } else {
    alarm(judgement, levels, /*beyond_margin=*/true);
  }
  return judgement;
}

}  // namespace ticketbench
