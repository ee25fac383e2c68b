// What the written forms of a comparison have in common, as plain words, not yet escaped for any
// format.

#pragma once

#include "reports/compare.hpp"

#include <string>
#include <vector>

namespace ticketbench {

// "1 of 20 cells is worse; 2 ambiguous, 17 same."
std::string summary_words(const Comparison& comparison);

// "91.30 ± 0.12", mean and sample standard deviation; empty without values.
std::string side_words(const std::vector<SeedValue>& side);

// "-0.80 ± 0.15", the change and its 95 % interval; without a test the change alone.
std::string change_words(const ComparedCell& cell);

// The adjusted p value, "0.0312" or "<0.0001"; empty without a test.
std::string p_words(const ComparedCell& cell);

// "5", or "5/10" where the sides differ.
std::string seeds_words(const ComparedCell& cell);

// Reason and notes.
std::string why_words(const ComparedCell& cell);

// Sentences about both sides: what they ran on, and what can't be compared.
std::vector<std::string> side_remarks(const Comparison& comparison);

// Sentences that say how the verdicts came about.
std::vector<std::string> verdict_remarks(const Comparison& comparison);

}  // namespace ticketbench
