// A comparison written down, one .cpp file for each format. The same bytes for the same comparison.

#pragma once

#include "reports/compare.hpp"

#include <string>
#include <string_view>

namespace ticketbench {

enum class CompareFormat { text, markdown, json, junit, github };

// "text", "md", "json", "junit" or "github"; throws std::invalid_argument for any other word.
CompareFormat parse_compare_format(std::string_view word);

std::string render(const Comparison& comparison, CompareFormat format);

// The commands that run more seeds of the suspect cells, one a line.
std::string rerun_commands(const Comparison& comparison);

// For a terminal of 100 columns; the summary is its last line.
std::string compare_text(const Comparison& comparison);

// For a comment on a pull request: the summary, what isn't the same, the rest folded.
std::string compare_markdown(const Comparison& comparison);

// "ticketbench/comparison", version 1; numbers in full precision.
std::string compare_json(const Comparison& comparison);

// JUnit's XML: a test case for each cell, of which only `worse` is a failure and `mistrusted` and
// `gone` are skipped.
std::string compare_junit(const Comparison& comparison);

// Workflow commands of GitHub Actions: an error for each worse cell, warnings for suspect,
// mistrusted and gone ones, and the summary as a notice.
std::string compare_github(const Comparison& comparison);

}  // namespace ticketbench
