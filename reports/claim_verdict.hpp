// Whether a published value has been reproduced: the verdict on one cell, from numbers alone.
#pragma once

#include "reports/margin.hpp"
#include "reports/statistics.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ticketbench {

enum class ClaimVerdict {
  reproduced,        // shown to lie inside the margin
  within_noise,      // neither that nor a difference beyond the margin is shown
  not_reproduced,    // another value, and further away than the margin
  too_good,          // clearly better than published by more than the margin: a warning
  protocol_differs,  // run, under something else than the paper's recipe: no verdict
  not_run,
};
inline constexpr std::array kClaimVerdicts = {
    ClaimVerdict::reproduced, ClaimVerdict::within_noise,     ClaimVerdict::not_reproduced,
    ClaimVerdict::too_good,   ClaimVerdict::protocol_differs, ClaimVerdict::not_run};

// "within noise".
std::string_view claim_verdict_word(ClaimVerdict verdict);

// Fewer seeds than this make a verdict provisional.
inline constexpr int64_t kFirmSeeds = 3;
// Level of each test.
inline constexpr double kClaimAlpha = 0.05;

// A published value, as far as the paper says.
struct Claim {
  double value = 0;
  std::optional<double> std;
  std::optional<int64_t> n;
  double reading_error = 0;  // of a digitised value; widens the margin
};

struct ClaimJudgement {
  ClaimVerdict verdict = ClaimVerdict::not_run;
  bool provisional = false;
  std::optional<double> difference;    // ours minus published, in the cell's unit
  std::optional<double> margin;        // reading error included, in the margin's scale
  std::optional<double> p_equivalent;  // TOST; absent where nothing scatters or scatter is unknown
  std::optional<double> p_different;   // two-sided
  std::string reason;                  // empty: the verdict's word says it all
  std::string assumed;                 // of what the paper doesn't say; empty: nothing
};

// Ours against a claim of accuracy, or of a count. Throws std::invalid_argument for what isn't
// finite, a negative deviation, and n < 1.
ClaimJudgement judge_claim(const Spread& ours, const Claim& claim, const Margin& margin);

// Shares of weights pruned, in percent, at which the sparsest winning tickets were found by `n`
// seeds together; absent: none was. No deviation is known: they are compared by level.
ClaimJudgement judge_winning_ticket(std::optional<double> ours, int64_t n,
                                    std::optional<double> published, const Margin& margin);

}  // namespace ticketbench
