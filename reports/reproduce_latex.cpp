#include "reports/escape.hpp"
#include "reports/reproduce_render.hpp"
#include "reports/reproduce_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace ticketbench {
namespace {

std::string table_line(const std::vector<std::string>& cells) {
  std::vector<std::string> escaped;
  escaped.reserve(cells.size());
  for (const std::string& cell : cells) escaped.push_back(escape_latex(cell));
  return fmt::format("    {} \\\\\n", fmt::join(escaped, " & "));
}

// "tab:bip-table-1": no character that a label or a reference could stumble over.
std::string label_of(const Reproduction& r) {
  std::string label = r.paper.key + "-" + r.table.key;
  std::replace(label.begin(), label.end(), '_', '-');
  return label;
}

std::string comments(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += fmt::format("% {}\n", printable(line));
  return text;
}

}  // namespace

std::string reproduction_latex(const Reproduction& r) {
  const ShownTable shown = shown_table(r);
  std::vector<std::string> headers;
  std::string columns;
  for (const ShownTable::Column& column : shown.columns) {
    headers.push_back(column.header);
    columns += column.right ? 'r' : 'l';
  }
  std::string caption = fmt::format("{}. {}.", title_of(r), origin_of(r));
  for (const std::string& line : head_sentences(r)) caption += " " + line;
  std::string text = fmt::format(
      "% needs \\usepackage{{booktabs}}\n\\begin{{table}}\n  \\centering\n  \\caption{{{}}}\n"
      "  \\label{{tab:{}}}\n  \\footnotesize\n  \\begin{{tabular}}{{{}}}\n    \\toprule\n{}"
      "    \\midrule\n",
      escape_latex(caption), label_of(r), columns, table_line(headers));
  for (const std::vector<std::string>& row : shown.rows) text += table_line(row);
  text += "    \\bottomrule\n  \\end{tabular}\n";
  std::vector<std::string> below;
  for (std::size_t i = 0; i < shown.notes.size(); ++i) {
    below.push_back(fmt::format("[{}] {}", i + 1, shown.notes[i]));
  }
  for (const std::string& line : below) text += fmt::format("\n  \\par {}\n", escape_latex(line));
  text += "\\end{table}\n";
  // What a paper may want to say in its own words.
  text += comments(remarks(r));
  for (const Described& section : departures(r)) {
    text += comments({section.name + ":"}) + comments(section.sentences);
  }
  return text;
}

}  // namespace ticketbench
