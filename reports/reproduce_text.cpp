#include "reports/escape.hpp"
#include "reports/numbers.hpp"
#include "reports/reproduce_render.hpp"
#include "reports/reproduce_words.hpp"
#include "reports/text_table.hpp"

#include <fmt/format.h>

#include <utility>

namespace ticketbench {
namespace {

constexpr std::size_t kWidth = 100;

std::string paragraph(const std::string& text, std::string_view indent = "") {
  std::string out;
  for (const std::string& line : wrap(printable(text), kWidth - indent.size())) {
    out += fmt::format("{}{}\n", indent, line);
  }
  return out;
}

std::string table_text(const ShownTable& shown) {
  std::vector<TextTable::Column> headers;
  for (const ShownTable::Column& column : shown.columns) {
    const bool shrinks = !column.right && column.header != "verdict" && column.header != "note";
    headers.push_back({column.header, column.right, shrinks});
  }
  TextTable table(std::move(headers));
  for (const std::vector<std::string>& row : shown.rows) {
    std::vector<std::string> cells;
    cells.reserve(row.size());
    for (const std::string& cell : row) cells.push_back(printable(cell));
    table.add_row(std::move(cells));
  }
  return table.render(kWidth);
}

}  // namespace

std::string reproduction_text(const Reproduction& r) {
  std::string out = paragraph(title_of(r)) + paragraph(origin_of(r)) + "\n";
  for (const std::string& line : head_sentences(r)) out += paragraph(line);
  const ShownTable shown = shown_table(r);
  out += "\n" + table_text(shown) + "\n";
  for (std::size_t i = 0; i < shown.notes.size(); ++i) {
    out += paragraph(fmt::format("[{}] {}", i + 1, shown.notes[i]));
  }
  for (const std::string& line : remarks(r)) out += paragraph(line);
  if (const auto run = commands(r); !run.empty()) {
    const std::string cost = cost_words(r.remaining);
    out += cost.empty()
               ? "\nWhat the rest costs, and to run it:\n"
               : "\n" + paragraph(fmt::format("What the rest costs: {}. To run it:", cost));
    for (const std::string& command : run) out += fmt::format("  {}\n", printable(command));
  }
  for (const Described& section : departures(r)) {
    out += fmt::format("\n{}:\n", section.name);
    for (const std::string& line : section.sentences) out += paragraph(line, "  ");
  }
  return out;
}

std::string reproduction_text(const Overview& overview) {
  TextTable table({{"table"},
                   {"values", false, true},
                   {"run", true},
                   {"reproduced", true},
                   {"noise", true},
                   {"not", true},
                   {"too good", true},
                   {"protocol", true}});
  const auto count = [](std::size_t cells) {
    return cells == 0 ? std::string("·") : fmt::format("{}", cells);
  };
  for (const OverviewRow& row : overview_rows(overview)) {
    const VerdictCounts& counts = row.counts;
    table.add_row(
        {printable(row_name(row)), printable(row.provenance),
         counts.comparable == 0 ? "·" : fmt::format("{}/{}", counts.run(), counts.comparable),
         count(counts[ClaimVerdict::reproduced]), count(counts[ClaimVerdict::within_noise]),
         count(counts[ClaimVerdict::not_reproduced]), count(counts[ClaimVerdict::too_good]),
         count(counts[ClaimVerdict::protocol_differs])});
    if (row.table.empty()) table.add_gap();
  }
  std::string out = "Published tables, and what has been run of them\n\n" + table.render(kWidth);
  VerdictCounts all;
  for (const Reproduction& r : overview.tables) all.add(r.counts);
  out += paragraph(summary(all));
  if (const std::string cost = cost_words(overview.remaining); !cost.empty()) {
    out += paragraph(fmt::format("What the rest costs: {}.", cost));
  }
  return out +
         "\nrun: cells that have been run under the paper's recipe / cells that can be compared. "
         "noise: within\nnoise. not: not reproduced. protocol: run, but under another recipe.\n"
         "One table, cell by cell: ticketbench reproduce PAPER/TABLE\n";
}

}  // namespace ticketbench
