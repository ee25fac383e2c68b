#include "reports/escape.hpp"
#include "reports/reproduce_render.hpp"
#include "reports/reproduce_words.hpp"
#include "reports/text_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace ticketbench {
namespace {

std::string table_line(const std::vector<std::string>& cells) {
  std::vector<std::string> escaped;
  escaped.reserve(cells.size());
  for (const std::string& cell : cells) escaped.push_back(escape_latex(cell));
  return fmt::format("{} \\\\\n", fmt::join(escaped, " & "));
}

// Words longer than this are set in lines of a column of fixed width.
constexpr std::size_t kLongWords = 24;
// More than fit on a page that nothing else stands on.
constexpr std::size_t kRowsOfPage = 30;
constexpr std::size_t kColumnsOfPage = 6;

// "lp{3cm}rr"
std::string column_types(const ShownTable& shown) {
  std::string types;
  for (std::size_t k = 0; k < shown.columns.size(); ++k) {
    const bool wide = std::any_of(shown.rows.begin(), shown.rows.end(), [&](const auto& row) {
      return display_width(row[k]) > kLongWords;
    });
    types += shown.columns[k].right ? "r" : wide ? "p{3cm}" : "l";
  }
  return types;
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
  for (const ShownTable::Column& column : shown.columns) headers.push_back(column.header);
  std::string caption = fmt::format("{}. {}.", title_of(r), origin_of(r));
  for (const std::string& line : head_sentences(r)) caption += " " + line;
  const std::string types = column_types(shown);
  const bool many_rows = shown.rows.size() > kRowsOfPage;
  const std::string size =
      shown.columns.size() > kColumnsOfPage ? "\\scriptsize" : "\\footnotesize";
  std::string body;
  for (const std::vector<std::string>& row : shown.rows) body += table_line(row);
  std::string below;
  for (std::size_t i = 0; i < shown.notes.size(); ++i) {
    below +=
        fmt::format("\n\\par {}\n", escape_latex(fmt::format("[{}] {}", i + 1, shown.notes[i])));
  }
  const std::string title =
      fmt::format("\\caption{{{}}}\\label{{tab:{}}}", escape_latex(caption), label_of(r));
  std::string text =
      many_rows ? fmt::format(
                      "% needs \\usepackage{{booktabs}} and \\usepackage{{longtable}}\n"
                      "{{{}\\setlength{{\\tabcolsep}}{{3pt}}\n\\begin{{longtable}}{{{}}}\n"
                      "{} \\\\\n\\toprule\n{}\\midrule\n\\endhead\n\\bottomrule\n\\endfoot\n"
                      "{}\\end{{longtable}}\n{}}}\n",
                      size, types, title, table_line(headers), body, below)
                : fmt::format(
                      "% needs \\usepackage{{booktabs}}\n\\begin{{table}}\n\\centering\n{}\n"
                      "{}\\setlength{{\\tabcolsep}}{{3pt}}\n\\begin{{tabular}}{{{}}}\n"
                      "\\toprule\n{}\\midrule\n{}\\bottomrule\n\\end{{tabular}}\n{}"
                      "\\end{{table}}\n",
                      title, size, types, table_line(headers), body, below);
  // What a paper may want to say in its own words.
  text += comments(remarks(r));
  for (const Described& section : departures(r)) {
    text += comments({section.name + ":"}) + comments(section.sentences);
  }
  return text;
}

}  // namespace ticketbench
