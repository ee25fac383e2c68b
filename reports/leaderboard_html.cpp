#include "reports/escape.hpp"
#include "reports/leaderboard_render.hpp"
#include "reports/leaderboard_words.hpp"
#include "reports/numbers.hpp"

#include <fmt/format.h>

namespace ticketbench {
namespace {

// Nothing may be loaded or run, whatever a record holds. On a narrow screen each row of a table
// becomes a block with the column's name before each value.
constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>ticketbench leaderboard</title>
<style>
:root { color-scheme: light dark; --ink: #1c2127; --soft: #5b6570; --line: #d8dde3; --paper: #ffffff;
  --band: #f3f5f7; --mark: #8a4b00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ec; --soft: #9aa5b1; --line: #333b44; --paper: #14181c; --band: #1d2329; --mark: #f0b35f; }
}
body { margin: 0 auto; padding: 1.5rem; max-width: 80rem; color: var(--ink); background: var(--paper);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.15rem; margin-top: 2.5rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; text-align: right; vertical-align: top; }
th { color: var(--soft); font-weight: 600; font-size: .85rem; border-bottom: 2px solid var(--line);
  overflow-wrap: normal; }
td { white-space: nowrap; }
.words { text-align: left; white-space: normal; }
td.words { min-width: 8rem; }
.method, .note, li { color: var(--soft); font-size: .875rem; }
.method { display: block; }
.note { color: var(--mark); }
tr.first td { border-top: 1px solid var(--line); }
tr.reference td { background: var(--band); }
.badge { color: var(--mark); border: 1px solid; border-radius: .25rem; padding: 0 .4rem; font-size: .8rem; }
code { font-size: .85rem; }
ul { padding-left: 1.2rem; }
@media (max-width: 48rem) {
  body { padding: 1rem; }
  table, tbody, tr, td { display: block; }
  thead { display: none; }
  tr { border-top: 1px solid var(--line); padding: .5rem 0; }
  tr.first { border-top: 3px solid var(--line); }
  tr.first td { border-top: 0; }
  td, td.words { display: flex; justify-content: space-between; gap: 1rem; padding: .1rem .4rem;
    text-align: right; white-space: normal; }
  td::before { content: attr(data-name); color: var(--soft); white-space: nowrap; }
  td:empty { display: none; }
}
</style>
</head>
<body>
<h1>Leaderboard</h1>
)";

struct Cell {
  std::string name;
  std::string html;
  bool words = false;
};

std::string head_html(const std::vector<Cell>& cells) {
  std::string html = "<thead><tr>";
  for (const Cell& cell : cells) {
    html +=
        fmt::format("<th scope=\"col\"{}>{}</th>", cell.words ? " class=\"words\"" : "", cell.name);
  }
  return html + "</tr></thead>\n";
}

std::string row_html(const std::vector<Cell>& cells, const std::string& classes) {
  std::string html = classes.empty() ? "<tr>" : fmt::format("<tr class=\"{}\">", classes);
  for (const Cell& cell : cells) {
    html += fmt::format("<td{} data-name=\"{}\">{}</td>", cell.words ? " class=\"words\"" : "",
                        cell.name, cell.html);
  }
  return html + "</tr>\n";
}

std::vector<Cell> cells_of(const Row& row) {
  return {{"#", place_words(row)},
          {"run",
           fmt::format("<span>{}<span class=\"method\">{}</span></span>", escape_html(row.label),
                       escape_html(row.title)),
           true},
          {"density", fmt::format("{:.4f}", row.density.mean)},
          {"pruned", pruned_words(row)},
          {"MACs", fmt::format("{} ({})", with_prefix(row.kept_macs.mean), macs_ratio(row))},
          {"top-1 %", plus_minus(row.top1)},
          {"vs dense", row.vs_dense ? plus_minus(*row.vs_dense, 2, true) : ""},
          {"n", fmt::format("{}", row.top1.n)},
          {"train images", with_prefix(row.total.examples)},
          {"train MACs", with_prefix(row.total.macs)},
          {"time", row.total.seconds ? duration(*row.total.seconds) : ""},
          {"note",
           row_notes(row).empty()
               ? ""
               : fmt::format("<span class=\"note\">{}</span>", escape_html(row_note_words(row))),
           true}};
}

std::string rows_html(const Board& board) {
  std::string html = "<table>\n" + head_html(cells_of(board.rows.front())) + "<tbody>\n";
  const Row* before = nullptr;
  for (const Row& row : board.rows) {
    const bool first = before != nullptr && before->group != row.group;
    html += row_html(cells_of(row), row.reference ? "reference" : first ? "first" : "");
    before = &row;
  }
  return html + "</tbody>\n</table>\n";
}

std::vector<Cell> cells_of(const UnrankedRun& run) {
  return {{"not ranked", escape_html(run.label), true},
          {"seed", fmt::format("{}", run.seed)},
          {"status", std::string(status_name(run.status)), true},
          {"reason", fmt::format("<span>{}</span>", escape_html(run.reason)), true},
          {"again by", fmt::format("<code>{}</code>", escape_html(run.command)), true}};
}

std::string unranked_html(const Board& board) {
  std::string html = "<table>\n" + head_html(cells_of(board.unranked.front())) + "<tbody>\n";
  for (const UnrankedRun& run : board.unranked) html += row_html(cells_of(run), "");
  return html + "</tbody>\n</table>\n";
}

std::string list(const std::vector<std::string>& sentences) {
  if (sentences.empty()) {
    return "";
  }
  std::string html = "<ul>\n";
  for (const std::string& sentence : sentences) {
    html += fmt::format("<li>{}</li>\n", escape_html(sentence));
  }
  return html + "</ul>\n";
}

std::string contents(const Leaderboard& leaderboard) {
  if (leaderboard.boards.size() < 2) {
    return "";
  }
  std::string html = "<ul>\n";
  for (std::size_t i = 0; i < leaderboard.boards.size(); ++i) {
    html += fmt::format("<li><a href=\"#board-{}\">{}</a></li>\n", i + 1,
                        escape_html(board_title(leaderboard.boards[i])));
  }
  return html + "</ul>\n";
}

std::string board_html(const Board& board, std::size_t number) {
  std::string html = fmt::format(
      "<section id=\"board-{}\">\n<h2>{}{}</h2>\n", number, escape_html(board_title(board)),
      board.provisional() ? " <span class=\"badge\">provisional</span>" : "");
  html +=
      board.rows.empty() ? "<p>No run with status ok: nothing to rank.</p>\n" : rows_html(board);
  html += list(board_remarks(board));
  if (!board.unranked.empty()) {
    html += unranked_html(board);
  }
  return html + "</section>\n";
}

}  // namespace

std::string leaderboard_html(const Leaderboard& leaderboard) {
  std::string html(kHead);
  html += contents(leaderboard);
  for (std::size_t i = 0; i < leaderboard.boards.size(); ++i) {
    html += board_html(leaderboard.boards[i], i + 1);
  }
  const std::vector<std::string> words = column_words(leaderboard);
  if (!words.empty()) {
    html += "<h2>What the columns mean</h2>\n" + list(words);
  }
  html += list(leaderboard_remarks(leaderboard));
  return html + "</body>\n</html>\n";
}

}  // namespace ticketbench
