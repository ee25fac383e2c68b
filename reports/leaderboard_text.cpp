#include "reports/escape.hpp"
#include "reports/leaderboard_render.hpp"
#include "reports/leaderboard_words.hpp"
#include "reports/numbers.hpp"
#include "reports/text_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace ticketbench {
namespace {

constexpr std::size_t kWidth = 100;

// Paragraphs, each with the lines after its first one indented.
std::string paragraphs(const std::vector<std::string>& texts) {
  std::string result;
  for (const std::string& text : texts) {
    result += fmt::format("{}\n", fmt::join(wrap(printable(text), kWidth - 2), "\n  "));
  }
  return result;
}

// With room for the deviation where other rows have one, so that the means stand below each other.
std::string aligned(const Spread& spread, bool sign, bool any_deviation) {
  std::string text = plus_minus(spread, 2, sign);
  if (!spread.sample_std && any_deviation) {
    text += "       ";
  }
  return text;
}

std::string marks(const Row& row) {
  std::string text;
  for (const RowNote& note : front_notes(row)) text += note.mark;
  for (const RowNote& note : row_notes(row)) text += note.mark;
  return text;
}

std::string rows_text(const Board& board) {
  const auto any = [&](const auto& has) {
    return std::any_of(board.rows.begin(), board.rows.end(), has);
  };
  const bool deviation = any([](const Row& row) { return row.top1.sample_std.has_value(); });
  const bool vs_deviation =
      any([](const Row& row) { return row.vs_dense && row.vs_dense->sample_std; });
  TextTable table({{.header = "#", .right = true},
                   {.header = "run", .shrinks = true},
                   {.header = "density", .right = true},
                   {.header = "MACs", .right = true},
                   {.header = "top-1 %", .right = true},
                   {.header = "95 %", .right = true},
                   {.header = "vs dense", .right = true},
                   {.header = "n", .right = true},
                   {.header = "train MACs", .right = true},
                   {.header = "time", .right = true},
                   {.header = "note"}});
  const Row* before = nullptr;
  for (const Row& row : board.rows) {
    if (before != nullptr && before->group != row.group) {
      table.add_gap();
    }
    before = &row;
    table.add_row({place_words(row), printable(row.label), fmt::format("{:.4f}", row.density.mean),
                   macs_ratio(row), aligned(row.top1, false, deviation), interval_words(row),
                   row.vs_dense ? aligned(*row.vs_dense, true, vs_deviation) : "",
                   fmt::format("{}", row.top1.n), with_prefix(row.total.macs),
                   row.total.seconds ? duration(*row.total.seconds) : "", marks(row)});
  }
  return table.render(kWidth);
}

std::string legend(const Board& board) {
  std::map<char, std::string> kinds;
  for (const Row& row : board.rows) {
    for (const RowNote& note : front_notes(row)) kinds.emplace(note.mark, note.kind);
    for (const RowNote& note : row_notes(row)) kinds.emplace(note.mark, note.kind);
  }
  std::vector<std::string> lines;
  lines.reserve(kinds.size());
  for (const auto& [mark, kind] : kinds) lines.push_back(fmt::format("{} {}", mark, kind));
  return paragraphs(lines);
}

std::string unranked_text(const Board& board) {
  TextTable table({{.header = "not ranked", .shrinks = true},
                   {.header = "seed", .right = true},
                   {.header = "status"},
                   {.header = "reason", .shrinks = true}});
  for (const UnrankedRun& run : board.unranked) {
    table.add_row({printable(run.label), fmt::format("{}", run.seed),
                   std::string(status_name(run.status)), printable(run.reason)});
  }
  return table.render(kWidth);
}

// A table of these lines, the header first; so many columns of words, then numbers.
std::string lines_text(const std::vector<std::vector<std::string>>& lines, std::size_t words) {
  std::vector<TextTable::Column> columns;
  for (const std::string& header : lines.front()) {
    const bool number = columns.size() >= words;
    columns.push_back({.header = header, .right = number, .shrinks = !number});
  }
  TextTable table(columns);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::vector<std::string> cells;
    for (const std::string& cell : lines[i]) cells.push_back(printable(cell));
    table.add_row(cells);
  }
  return table.render(kWidth);
}

std::string board_text(const Board& board) {
  const std::string title = printable(board_title(board));
  std::string text = paragraphs({title});
  if (board.rows.empty()) {
    text += "No run with status ok: nothing to rank.\n";
  } else {
    text += "\n" + rows_text(board) + "\n" + legend(board);
  }
  text += paragraphs(board_remarks(board));
  if (any_measured(board) && board.budget == Budget::parameters) {
    text += "\n" + lines_text(measured_table(board), 2);
  }
  if (!board.unranked.empty()) {
    text += "\n" + unranked_text(board);
  }
  return text;
}

std::string profile_text(const PerformanceProfile& profile) {
  return profile_title(profile) + "\n\n" + lines_text(profile_table(profile), 1) + "\n" +
         paragraphs(profile_remarks(profile));
}

}  // namespace

std::string leaderboard_text(const Leaderboard& leaderboard) {
  std::string text;
  for (const Board& board : leaderboard.boards) text += board_text(board) + "\n";
  for (const PerformanceProfile& profile : leaderboard.profiles) {
    text += profile_text(profile) + "\n";
  }
  text += paragraphs(column_words(leaderboard));
  return text + paragraphs(leaderboard_remarks(leaderboard));
}

}  // namespace ticketbench
