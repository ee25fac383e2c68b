#include "reports/compare_render.hpp"
#include "reports/compare_words.hpp"
#include "reports/escape.hpp"
#include "reports/text_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace ticketbench {
namespace {

constexpr std::size_t kWidth = 100;

std::string paragraph(const std::string& text) {
  return fmt::format("{}\n", fmt::join(wrap(printable(text), kWidth - 2), "\n  "));
}

std::string paragraphs(const std::vector<std::string>& texts) {
  std::string result;
  for (const std::string& text : texts) result += paragraph(text);
  return result;
}

bool one_board(const Comparison& comparison) {
  return std::all_of(
      comparison.cells.begin(), comparison.cells.end(),
      [&](const ComparedCell& cell) { return cell.board == comparison.cells.front().board; });
}

// With a column for the board where there are several.
std::string cells_text(const Comparison& comparison) {
  const bool boards = !one_board(comparison);
  TextTable table({{.header = "verdict"},
                   {.header = "board", .shrinks = true},
                   {.header = "run", .shrinks = true},
                   {.header = "BASE", .right = true},
                   {.header = "NEW", .right = true},
                   {.header = "change", .right = true},
                   {.header = "p", .right = true},
                   {.header = "n", .right = true},
                   {.header = "why", .shrinks = true}});
  const ComparedCell* before = nullptr;
  for (const ComparedCell& cell : comparison.cells) {
    if (before != nullptr && before->verdict != cell.verdict) {
      table.add_gap();
    }
    before = &cell;
    table.add_row({std::string(verdict_name(cell.verdict)), boards ? printable(cell.board) : "",
                   printable(cell.label), side_words(cell.base), side_words(cell.now),
                   change_words(cell), p_words(cell), seeds_words(cell),
                   printable(why_words(cell))});
  }
  return table.render(kWidth);
}

}  // namespace

std::string compare_text(const Comparison& comparison) {
  std::string text = paragraphs(side_remarks(comparison)) + "\n";
  if (!comparison.cells.empty()) {
    if (one_board(comparison)) {
      text += paragraph(comparison.cells.front().board) + "\n";
    }
    text += cells_text(comparison) + "\n";
  }
  const std::vector<std::string> remarks = verdict_remarks(comparison);
  if (!remarks.empty()) {
    text += paragraphs(remarks) + "\n";
  }
  return text + summary_words(comparison) + "\n";
}

}  // namespace ticketbench
