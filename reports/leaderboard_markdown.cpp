#include "reports/escape.hpp"
#include "reports/leaderboard_render.hpp"
#include "reports/leaderboard_words.hpp"
#include "reports/numbers.hpp"

#include <fmt/format.h>

namespace ticketbench {
namespace {

std::string table_line(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

std::string rows_markdown(const Board& board) {
  const bool measured = any_measured(board);
  std::vector<std::string> header{
      "#",    "run",      "method", "density",      "pruned",     "MACs", "top-1 %",
      "95 %", "vs dense", "n",      "train images", "train MACs", "time"};
  std::string rule =
      "| ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ";
  if (measured) {
    header.emplace_back("measured");
    rule += "---: | ";
  }
  header.insert(header.end(), {"front", "note"});
  std::string text = table_line(header) + rule + "--- | --- |\n";
  for (const Row& row : board.rows) {
    std::vector<std::string> cells{
        place_words(row),
        escape_markdown(row.label),
        escape_markdown(row.title),
        fmt::format("{:.4f}", row.density.mean),
        pruned_words(row),
        fmt::format("{} ({})", with_prefix(row.kept_macs.mean), macs_ratio(row)),
        plus_minus(row.top1),
        interval_words(row),
        row.vs_dense ? plus_minus(*row.vs_dense, 2, true) : "",
        fmt::format("{}", row.top1.n),
        with_prefix(row.total.examples),
        with_prefix(row.total.macs),
        row.total.seconds ? duration(*row.total.seconds) : ""};
    if (measured) cells.push_back(measured_words(row));
    cells.insert(cells.end(), {front_words(row), row_note_words(row)});
    text += table_line(cells);
  }
  return text;
}

std::string unranked_markdown(const Board& board) {
  std::string text = table_line({"not ranked", "seed", "status", "reason", "again by"});
  text += "| --- | ---: | --- | --- | --- |\n";
  for (const UnrankedRun& run : board.unranked) {
    text += table_line({escape_markdown(run.label), fmt::format("{}", run.seed),
                        std::string(status_name(run.status)), escape_markdown(run.reason),
                        escape_markdown(run.command)});
  }
  return text;
}

std::string list(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) text += "- " + escape_markdown(sentence) + "\n";
  return text.empty() ? text : text + "\n";
}

std::string profile_markdown(const PerformanceProfile& profile) {
  std::string text = fmt::format("## {}\n\n", escape_markdown(profile_title(profile)));
  for (const std::vector<std::string>& line : profile_table(profile)) {
    std::vector<std::string> cells;
    cells.reserve(line.size());
    for (const std::string& cell : line) cells.push_back(escape_markdown(cell));
    const bool header = text.back() == '\n' && text.find('|') == std::string::npos;
    text += table_line(cells);
    if (header) {
      cells.assign(cells.size(), "---:");
      cells.front() = "---";
      text += table_line(cells);
    }
  }
  return text + "\n" + list(profile_remarks(profile));
}

}  // namespace

std::string leaderboard_markdown(const Leaderboard& leaderboard) {
  std::string text = "# Leaderboard\n\n";
  for (const Board& board : leaderboard.boards) {
    text += fmt::format("## {}\n\n", escape_markdown(board_title(board)));
    text += board.rows.empty() ? "No run with status ok: nothing to rank.\n" : rows_markdown(board);
    text += "\n" + list(board_remarks(board));
    if (!board.unranked.empty()) {
      text += unranked_markdown(board) + "\n";
    }
  }
  for (const PerformanceProfile& profile : leaderboard.profiles) text += profile_markdown(profile);
  const std::vector<std::string> words = column_words(leaderboard);
  if (!words.empty()) {
    text += "What the columns mean:\n\n" + list(words);
  }
  text += list(leaderboard_remarks(leaderboard));
  text.erase(text.find_last_not_of('\n') + 2);
  return text;
}

}  // namespace ticketbench
