#include "reports/escape.hpp"
#include "reports/reproduce_render.hpp"
#include "reports/reproduce_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ticketbench {
namespace {

// Nothing may be loaded or run, whatever a record holds. On a narrow screen tables scroll sideways.
constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>ticketbench reproduce</title>
<style>
:root { color-scheme: light dark; --ink: #1c2127; --soft: #5b6570; --line: #d8dde3; --paper: #ffffff;
  --band: #f3f5f7; --good: #1b6e3c; --bad: #a3262a; --mark: #8a4b00; --link: #0b57a4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ec; --soft: #9aa5b1; --line: #333b44; --paper: #14181c; --band: #1d2329;
    --good: #7fd19b; --bad: #ff9a94; --mark: #f0b35f; --link: #8ebcf0; }
}
body { margin: 0 auto; padding: 1.5rem; max-width: 80rem; color: var(--ink); background: var(--paper);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.25rem; margin-top: 3rem; }
h3 { font-size: 1.05rem; margin-top: 2.5rem; }
a { color: var(--link); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { padding: .25rem .6rem; text-align: right; vertical-align: top; }
td { white-space: nowrap; }
th { color: var(--soft); font-weight: 600; font-size: .85rem; border-bottom: 2px solid var(--line); }
tbody tr:hover td { background: var(--band); }
.words { text-align: left; white-space: normal; }
.sum td { font-weight: 600; border-top: 1px solid var(--line); }
.reproduced { color: var(--good); }
.not_reproduced, .too_good { color: var(--bad); }
.within_noise, .protocol_differs { color: var(--mark); }
.soft, .zero, li { color: var(--soft); font-size: .875rem; }
pre { background: var(--band); padding: .6rem; overflow-x: auto; font-size: .85rem; }
ul { padding-left: 1.2rem; }
</style>
</head>
<body id="top">
)";

constexpr std::string_view kTail = "</body>\n</html>\n";

std::string class_of(ClaimVerdict verdict) {
  std::string name(claim_verdict_word(verdict));
  for (char& c : name) c = c == ' ' ? '_' : c;
  return name;
}

std::string paragraph(const std::string& text, std::string_view classes = "") {
  return fmt::format("<p{}>{}</p>\n", classes.empty() ? "" : fmt::format(" class=\"{}\"", classes),
                     escape_html(text));
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

std::string header_html(const std::vector<ShownTable::Column>& columns) {
  std::string html = "<div class=\"wide\"><table>\n<thead><tr>";
  for (const ShownTable::Column& column : columns) {
    html += fmt::format("<th scope=\"col\"{}>{}</th>", column.right ? "" : " class=\"words\"",
                        escape_html(column.header));
  }
  return html + "</tr></thead>\n<tbody>\n";
}

constexpr std::string_view kTableEnd = "</tbody>\n</table></div>\n";

// A verdict has its colour.
std::string cells_html(const Reproduction& r, const ShownTable& shown) {
  std::string html = header_html(shown.columns);
  for (std::size_t i = 0; i < shown.rows.size(); ++i) {
    html += "<tr>";
    for (std::size_t k = 0; k < shown.columns.size(); ++k) {
      const ShownTable::Column& column = shown.columns[k];
      std::string classes = column.right ? "" : "words";
      if (column.header == "verdict") {
        classes += " " + (r.cells[i].cell.comparable() ? class_of(r.cells[i].judgement.verdict)
                                                       : std::string("soft"));
      }
      html +=
          fmt::format("<td{}>{}</td>", classes.empty() ? "" : fmt::format(" class=\"{}\"", classes),
                      escape_html(shown.rows[i][k]));
    }
    html += "</tr>\n";
  }
  return html + std::string(kTableEnd);
}

std::string body_of(const Reproduction& r) {
  std::string html;
  for (const std::string& line : head_sentences(r)) html += paragraph(line, "soft");
  const ShownTable shown = shown_table(r);
  html += cells_html(r, shown);
  std::vector<std::string> below;
  for (std::size_t i = 0; i < shown.notes.size(); ++i) {
    below.push_back(fmt::format("[{}] {}", i + 1, shown.notes[i]));
  }
  html += list(below) + list(remarks(r));
  if (const auto run = commands(r); !run.empty()) {
    const std::string cost = cost_words(r.remaining);
    html += paragraph(cost.empty() ? "What the rest costs, and to run it:"
                                   : fmt::format("What the rest costs: {}. To run it:", cost));
    std::vector<std::string> lines;
    lines.reserve(run.size());
    for (const std::string& command : run) lines.push_back(escape_html(command));
    html += fmt::format("<pre>{}</pre>\n", fmt::join(lines, "\n"));
  }
  for (const Described& section : departures(r)) {
    html += paragraph(section.name + ":") + list(section.sentences);
  }
  return html;
}

// An anchor; keys are words of letters, digits and _.
std::string anchor(const std::string& paper, const std::string& table = "") {
  return escape_html(table.empty() ? paper : paper + "-" + table);
}

std::string overview_html(const Overview& overview) {
  std::vector<ShownTable::Column> columns = {{"table", false}, {"values", false}};
  for (const std::string& header : count_headers()) columns.push_back({header, true});
  std::string html = header_html(columns);
  for (const OverviewRow& row : overview_rows(overview)) {
    const std::string name = escape_html(row_name(row));
    html += fmt::format("<tr{}><td class=\"words\">{}</td><td class=\"words\">{}</td>",
                        row.table.empty() ? " class=\"sum\"" : "",
                        row.paper.empty() ? name
                                          : fmt::format("<a href=\"#{}\">{}</a>",
                                                        anchor(row.paper, row.table), name),
                        escape_html(row.provenance));
    for (const std::string& count : count_words(row.counts)) {
      html += fmt::format("<td{}>{}</td>", count == "0" ? " class=\"zero\"" : "", count);
    }
    html += "</tr>\n";
  }
  return html + std::string(kTableEnd);
}

}  // namespace

std::string reproduction_html(const Reproduction& r) {
  return std::string(kHead) + fmt::format("<h1>{}</h1>\n", escape_html(title_of(r))) +
         paragraph(origin_of(r)) + body_of(r) + std::string(kTail);
}

std::string reproduction_html(const Overview& overview) {
  std::string html =
      std::string(kHead) + "<h1>Published tables, and what has been run of them</h1>\n";
  VerdictCounts all;
  for (const Reproduction& r : overview.tables) all.add(r.counts);
  html += paragraph(summary(all));
  if (const std::string cost = cost_words(overview.remaining); !cost.empty()) {
    html += paragraph(fmt::format("What the rest costs: {}.", cost));
  }
  html += overview_html(overview);
  std::string paper;
  for (const Reproduction& r : overview.tables) {
    if (r.paper.key != paper) {
      paper = r.paper.key;
      html += fmt::format("<h2 id=\"{}\">{}</h2>\n", anchor(paper), escape_html(paper)) +
              paragraph(origin_of(r), "soft");
    }
    html += fmt::format(
        "<section id=\"{}\">\n<h3>{}</h3>\n{}<p><a href=\"#top\">All tables</a> · "
        "<a href=\"#{}\">{}</a></p>\n</section>\n",
        anchor(r.paper.key, r.table.key), escape_html(title_of(r)), body_of(r), anchor(paper),
        escape_html(paper));
  }
  return html + std::string(kTail);
}

}  // namespace ticketbench
