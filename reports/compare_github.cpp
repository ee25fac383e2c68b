#include "reports/compare_render.hpp"
#include "reports/compare_words.hpp"
#include "reports/escape.hpp"

#include <fmt/format.h>

namespace ticketbench {
namespace {

std::string annotation(const ComparedCell& cell, const char* kind) {
  std::string message = cell.label;
  if (const std::string change = change_words(cell); !change.empty()) {
    message += fmt::format(" {}{} ({} -> {}, n {})", change,
                           cell.quantity == Quantity::accuracy ? " points" : "x",
                           side_words(cell.base), side_words(cell.now), seeds_words(cell));
  }
  return fmt::format(
      "::{} title={}::{}\n", kind,
      escape_github_property(fmt::format("{}: {}", verdict_name(cell.verdict), cell.label)),
      escape_github(message + ": " + why_words(cell)));
}

}  // namespace

std::string compare_github(const Comparison& comparison) {
  std::string text;
  for (const ComparedCell& cell : comparison.cells) {
    if (cell.verdict == Verdict::worse) {
      text += annotation(cell, "error");
    } else if (cell.suspect || cell.verdict == Verdict::mistrusted ||
               cell.verdict == Verdict::gone) {
      text += annotation(cell, "warning");
    }
  }
  return text + fmt::format("::notice title=ticketbench compare::{}\n",
                            escape_github(summary_words(comparison)));
}

}  // namespace ticketbench
