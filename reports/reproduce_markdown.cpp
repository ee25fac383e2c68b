#include "reports/escape.hpp"
#include "reports/reproduce_render.hpp"
#include "reports/reproduce_words.hpp"

#include <fmt/format.h>

namespace ticketbench {
namespace {

std::string table_line(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += fmt::format(" {} |", escape_markdown(cell));
  return line + "\n";
}

std::string table_markdown(const ShownTable& shown) {
  std::vector<std::string> headers;
  std::string rule = "|";
  for (const ShownTable::Column& column : shown.columns) {
    headers.push_back(column.header);
    rule += column.right ? " ---: |" : " --- |";
  }
  std::string out = table_line(headers) + rule + "\n";
  for (const std::vector<std::string>& row : shown.rows) out += table_line(row);
  return out;
}

}  // namespace

std::string reproduction_markdown(const Reproduction& r) {
  std::string out =
      fmt::format("## {}\n\n{}\n\n", escape_markdown(title_of(r)), escape_markdown(origin_of(r)));
  for (const std::string& line : head_sentences(r)) out += escape_markdown(line) + "\n";
  const ShownTable shown = shown_table(r);
  out += "\n" + table_markdown(shown) + "\n";
  for (std::size_t i = 0; i < shown.notes.size(); ++i) {
    out += fmt::format("- \\[{}\\] {}\n", i + 1, escape_markdown(shown.notes[i]));
  }
  for (const std::string& line : remarks(r)) out += fmt::format("- {}\n", escape_markdown(line));
  if (const auto run = commands(r); !run.empty()) {
    const std::string cost = cost_words(r.remaining);
    out += cost.empty()
               ? "\nWhat the rest costs, and to run it:\n\n"
               : fmt::format("\nWhat the rest costs: {}. To run it:\n\n", escape_markdown(cost));
    for (const std::string& command : run) out += fmt::format("    {}\n", printable(command));
  }
  for (const Described& section : departures(r)) {
    out += fmt::format("\n{}:\n\n", section.name);
    for (const std::string& line : section.sentences) {
      out += fmt::format("- {}\n", escape_markdown(line));
    }
  }
  return out;
}

std::string reproduction_markdown(const Overview& overview) {
  std::vector<std::string> headers = {"table", "values"};
  std::string rule = "| --- | --- |";
  for (const std::string& header : count_headers()) {
    headers.push_back(header);
    rule += " ---: |";
  }
  std::string out =
      "## Published tables, and what has been run of them\n\n" + table_line(headers) + rule + "\n";
  for (const OverviewRow& row : overview_rows(overview)) {
    const bool sum = row.table.empty();
    std::string line =
        sum ? fmt::format("| **{}** | |",
                          row.paper.empty() ? "all papers" : escape_markdown(row.paper))
            : fmt::format("| {}/{} | {} |", escape_markdown(row.paper), escape_markdown(row.table),
                          escape_markdown(row.provenance));
    for (const std::string& count : count_words(row.counts)) {
      line += sum ? fmt::format(" **{}** |", count) : fmt::format(" {} |", count);
    }
    out += line + "\n";
  }
  VerdictCounts all;
  for (const Reproduction& r : overview.tables) all.add(r.counts);
  out += fmt::format("\n{}\n", summary(all));
  if (const std::string cost = cost_words(overview.remaining); !cost.empty()) {
    out += fmt::format("What the rest costs: {}.\n", escape_markdown(cost));
  }
  return out;
}

}  // namespace ticketbench
