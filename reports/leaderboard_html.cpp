#include "reports/escape.hpp"
#include "reports/leaderboard_charts.hpp"
#include "reports/leaderboard_render.hpp"
#include "reports/leaderboard_words.hpp"
#include "reports/numbers.hpp"
#include "reports/page.hpp"

#include <fmt/format.h>

#include <cctype>
#include <iterator>
#include <map>
#include <set>

namespace ticketbench {
namespace {

constexpr std::string_view kHexadecimal = "0123456789abcdef";

// The bytes of hexadecimal digits as base64, which a content security policy names a script by.
std::string base64_of(std::string_view digits) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  // Three digits are twelve bits, which are two of base64's.
  for (std::size_t i = 0; i < digits.size(); i += 3) {
    std::size_t bits = 0;
    for (std::size_t k = i; k < i + 3; ++k) {
      bits = bits * 16 + (k < digits.size() ? kHexadecimal.find(digits[k]) : 0);
    }
    result += alphabet[bits / 64];
    result += alphabet[bits % 64];
  }
  // SHA-256 has 64 digits: one stands alone at the end, and base64 has 43 characters and "=".
  result.back() = '=';
  return result;
}

// Nothing may be loaded, and no script run but the page's own two, whatever a record holds.
std::string head_of_page(bool scripts) {
  std::string policy = "default-src 'none'; base-uri 'none'; style-src 'unsafe-inline'";
  if (scripts) {
    policy += fmt::format("; script-src 'sha256-{}' 'sha256-{}'", base64_of(kChartScript.sha256),
                          base64_of(kPageScript.sha256));
  }
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
      "<title>ticketbench leaderboard</title>\n<style>\n{}</style>\n</head>\n<body>\n"
      "<h1>Leaderboard</h1>\n",
      policy, kPageStyle);
}

struct Cell {
  std::string name;
  std::string html;
  std::string classes;
  std::string value = {};  // what the column is sorted by, where that isn't the text
};

std::string attribute(std::string_view name, const std::string& value) {
  return value.empty() ? "" : fmt::format(" {}=\"{}\"", name, escape_html(value));
}

// On a narrow screen the table scrolls by itself, also by the keyboard.
std::string table_html(const std::string& label, const std::vector<Cell>& header,
                       const std::string& rows, bool sortable) {
  std::string html =
      fmt::format("<div class=\"table\" role=\"region\" tabindex=\"0\"{}>\n<table{}>\n<thead><tr>",
                  attribute("aria-label", label), sortable ? " data-sortable" : "");
  for (const Cell& cell : header) {
    html += fmt::format("<th scope=\"col\"{}>{}</th>", attribute("class", cell.classes), cell.name);
  }
  return html + "</tr></thead>\n<tbody>\n" + rows + "</tbody>\n</table>\n</div>\n";
}

std::string row_html(const std::vector<Cell>& cells, const std::string& attributes) {
  std::string html = "<tr" + attributes + ">";
  for (const Cell& cell : cells) {
    html += fmt::format("<td{}{}>{}</td>", attribute("class", cell.classes),
                        attribute("data-value", cell.value), cell.html);
  }
  return html + "</tr>\n";
}

// A relative address can't be taken for one with a scheme: it begins with "./" or "/".
std::string address(const std::string& file) {
  constexpr std::string_view plain_signs = "/-._~";
  std::string result = file.starts_with('/') ? "" : "./";
  for (const char c : file) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        byte < 0x80 && (std::isalnum(byte) != 0 || plain_signs.find(c) != plain_signs.npos);
    result += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return result;
}

// The seeds behind a row, each with its record and the command that repeats it.
std::string runs_html(const Row& row) {
  std::string html = "<ul>\n";
  for (const SeedResult& one : row.results) {
    const std::string record = one.file.empty() ? escape_html(one.hash.substr(0, 8))
                                                : fmt::format("<a href=\"{}\">record {}</a>",
                                                              escape_html(address(one.file)),
                                                              escape_html(one.hash.substr(0, 8)));
    html += fmt::format("<li>seed {}: {:.2f} %, {}<br><code>{}</code></li>\n", one.seed,
                        one.percent(), record, escape_html(one.command));
  }
  return html + "</ul>";
}

std::string sorted_by(double number) {
  return fmt::format("{}", number);
}

std::vector<Cell> cells_of(const Row& row, std::size_t position, bool measured) {
  std::vector<Cell> cells{
      {"#", place_words(row), "", sorted_by(static_cast<double>(position))},
      {"run",
       fmt::format("<details><summary>{}</summary>{}{}</details>", escape_html(row.label),
                   escape_html(row.title), runs_html(row)),
       "words run", ""},
      {"density", fmt::format("{:.4f}", row.density.mean), "", sorted_by(row.density.mean)},
      {"pruned", pruned_words(row), "", sorted_by(-row.density.mean)},
      {"MACs", fmt::format("{} ({})", with_prefix(row.kept_macs.mean), macs_ratio(row)), "",
       sorted_by(row.kept_macs.mean)},
      {"top-1 %", plus_minus(row.top1), "", sorted_by(row.top1.mean)},
      {"95 %", interval_words(row), "",
       row.top1.t_half_width ? sorted_by(*row.top1.t_half_width) : ""},
      {"vs dense", row.vs_dense ? plus_minus(*row.vs_dense, 2, true) : "", "",
       row.vs_dense ? sorted_by(row.vs_dense->mean) : ""},
      {"n", fmt::format("{}", row.top1.n), "", sorted_by(static_cast<double>(row.top1.n))},
      {"train images", with_prefix(row.total.examples), "", sorted_by(row.total.examples)},
      {"train MACs", with_prefix(row.total.macs), "", sorted_by(row.total.macs)},
      {"time", row.total.seconds ? duration(*row.total.seconds) : "", "",
       row.total.seconds ? sorted_by(*row.total.seconds) : ""}};
  if (measured) {
    cells.push_back(
        {"measured", escape_html(measured_words(row)), "",
         row.measured.empty() ? "" : sorted_by(row.measured.front().seconds_per_image)});
  }
  const std::vector<Cell> words{
      {"front", front_words(row), "front", ""},
      {"note",
       row_notes(row).empty()
           ? ""
           : fmt::format("<span class=\"note\">{}</span>", escape_html(row_note_words(row))),
       "words", ""}};
  cells.insert(cells.end(), words.begin(), words.end());
  return cells;
}

// In lower case as far as ASCII goes, for the filter.
std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

std::string rows_html(const Board& board, std::size_t number) {
  std::string rows;
  const Row* before = nullptr;
  for (std::size_t i = 0; i < board.rows.size(); ++i) {
    const Row& row = board.rows[i];
    const bool first = before != nullptr && before->group != row.group;
    const bool front =
        board.budget == Budget::parameters ? row.on_density_front : row.on_macs_front;
    rows +=
        row_html(cells_of(row, i, any_measured(board)),
                 attribute("id", row_id(number, i + 1)) +
                     attribute("class", row.reference ? "reference"
                                        : first       ? "first"
                                                      : "") +
                     attribute("data-method", row.method) +
                     attribute("data-seeds", fmt::format("{}", row.top1.n)) +
                     attribute("data-front", front ? "yes" : "") +
                     attribute("data-words", lower(row.label + " " + row.title + " " + row.paper)));
    before = &row;
  }
  return table_html(board_title(board), cells_of(board.rows.front(), 0, any_measured(board)), rows,
                    true);
}

std::vector<Cell> cells_of(const UnrankedRun& run) {
  return {{"not ranked", escape_html(run.label), "words run"},
          {"seed", fmt::format("{}", run.seed), ""},
          {"status", std::string(status_name(run.status)), "words"},
          {"reason", escape_html(run.reason), "words"},
          {"again by", fmt::format("<code>{}</code>", escape_html(run.command)), "words"}};
}

std::string unranked_html(const Board& board) {
  std::string rows;
  for (const UnrankedRun& run : board.unranked) rows += row_html(cells_of(run), "");
  return table_html("not ranked", cells_of(board.unranked.front()), rows, false);
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
  std::string html = "<nav aria-label=\"Boards\">\n<ul>\n";
  const auto add = [&](const std::string& id, const std::string& title) {
    html += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", id, escape_html(title));
  };
  for (std::size_t i = 0; i < leaderboard.boards.size(); ++i) {
    add(fmt::format("board-{}", i + 1), board_title(leaderboard.boards[i]));
  }
  for (std::size_t i = 0; i < leaderboard.profiles.size(); ++i) {
    add(fmt::format("profile-{}", i + 1), profile_title(leaderboard.profiles[i]));
  }
  return html + "</ul>\n</nav>\n";
}

constexpr std::string_view kFilter =
    R"(<noscript><p class="note">Without scripts there are no charts and no filter; the tables hold all numbers.</p></noscript>
<form class="filter" id="filter" data-script hidden>
<label>Search <input type="search" id="filter-text" autocomplete="off"></label>
<label>Seeds <select id="filter-seeds"><option value="1">any</option><option value="3">3 or more</option><option value="5">5 or more</option></select></label>
<label><input type="checkbox" id="filter-front"> Pareto front only</label>
<output id="filter-count"></output>
</form>
)";

// The buttons also switch a method's rows and points off and on.
std::string legend_html(const std::set<std::string>& methods,
                        const std::map<std::string, Marker>& markers) {
  std::string html =
      "<div class=\"legend\" role=\"group\" aria-label=\"Methods shown\" data-script hidden>\n";
  for (const std::string& method : methods) {
    const Marker& marker = markers.at(method);
    html += fmt::format(
        "<button type=\"button\" aria-pressed=\"true\"{}><span style=\"color:{}\" "
        "aria-hidden=\"true\">{}</span> {}</button>\n",
        attribute("data-method", method), marker.colour, marker.glyph, escape_html(method));
  }
  return html +
         "<button type=\"button\" data-every=\"on\">all</button>\n"
         "<button type=\"button\" data-every=\"off\">none</button>\n</div>\n";
}

std::string charts_html(const std::vector<Chart>& charts) {
  std::string html = "<div class=\"charts\" data-script hidden>\n";
  for (const Chart& chart : charts) {
    html += fmt::format(
        "<figure><figcaption>{0}</figcaption><div class=\"chart\"><canvas id=\"{1}\" role=\"img\" "
        "aria-label=\"{0}; the table below holds the numbers\"></canvas></div></figure>\n",
        escape_html(chart.title), chart.id);
  }
  return html + "</div>\n";
}

// The charts' data for page.js. No "<" is left, so nothing in it can end the element.
std::string charts_json(std::vector<Chart> charts) {
  nlohmann::json all = nlohmann::json::array();
  for (Chart& chart : charts) {
    nlohmann::json& one = all.emplace_back();
    one["id"] = std::move(chart.id);
    one["config"] = std::move(chart.config);
  }
  const std::string text = all.dump();
  std::string html = "<script type=\"application/json\" id=\"charts\">";
  std::size_t begin = 0;
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', begin)) {
    html.append(text, begin, at - begin).append("\\u003c");
    begin = at + 1;
  }
  return html.append(text, begin).append("</script>\n");
}

// A page under construction: its charts stand among the boards, their data at the end.
class Page {
 public:
  explicit Page(const Leaderboard& leaderboard)
      : leaderboard_(leaderboard), markers_(markers(leaderboard)) {}

  std::string write() {
    std::string body = contents(leaderboard_);
    if (!markers_.empty()) {
      body += kFilter;
    }
    for (std::size_t i = 0; i < leaderboard_.boards.size(); ++i) {
      body += board_html(leaderboard_.boards[i], i + 1);
    }
    for (std::size_t i = 0; i < leaderboard_.profiles.size(); ++i) {
      body += profile_html(leaderboard_.profiles[i], i + 1);
    }
    const std::vector<std::string> words = column_words(leaderboard_);
    if (!words.empty()) {
      body += "<h2>What the columns mean</h2>\n" + list(words);
    }
    body += list(leaderboard_remarks(leaderboard_));
    const bool charts = !charts_.empty();
    if (charts) {
      body += charts_json(std::move(charts_));
      for (const PageScript& script : {kChartScript, kPageScript}) {
        body += fmt::format("<script>{}</script>\n", script.text);
      }
    }
    return head_of_page(charts) + body + "</body>\n</html>\n";
  }

 private:
  std::string board_html(const Board& board, std::size_t number) {
    std::string html = fmt::format(
        "<section id=\"board-{}\">\n<h2>{}{}</h2>\n", number, escape_html(board_title(board)),
        board.provisional() ? " <span class=\"badge\">provisional</span>" : "");
    if (board.rows.empty()) {
      html += "<p>No run with status ok: nothing to rank.</p>\n";
    } else {
      std::set<std::string> methods;
      for (const Row& row : board.rows) methods.insert(row.method);
      html += add_charts(board_charts(board, number, markers_)) + legend_html(methods, markers_) +
              rows_html(board, number);
    }
    html += list(board_remarks(board));
    if (!board.unranked.empty()) {
      html += unranked_html(board);
    }
    return html + "</section>\n";
  }

  std::string profile_html(const PerformanceProfile& profile, std::size_t number) {
    const std::vector<std::vector<std::string>> lines = profile_table(profile);
    std::vector<Cell> header;
    for (const std::string& name : lines.front()) {
      header.push_back({escape_html(name), "", header.empty() ? "words" : ""});
    }
    std::string rows;
    std::set<std::string> methods;
    for (std::size_t i = 1; i < lines.size(); ++i) {
      std::vector<Cell> cells;
      for (const std::string& text : lines[i]) {
        cells.push_back(
            {"", escape_html(text), cells.empty() ? "words" : "", cells.empty() ? "" : text});
      }
      rows += row_html(cells, "");
      methods.insert(profile.curves[i - 1].method);
    }
    return fmt::format("<section id=\"profile-{}\">\n<h2>{}</h2>\n", number,
                       escape_html(profile_title(profile))) +
           add_charts({profile_chart(profile, number, markers_)}) + legend_html(methods, markers_) +
           table_html(profile_title(profile), header, rows, true) + list(profile_remarks(profile)) +
           "</section>\n";
  }

  std::string add_charts(std::vector<Chart> charts) {
    std::string html = charts_html(charts);
    std::move(charts.begin(), charts.end(), std::back_inserter(charts_));
    return html;
  }

  const Leaderboard& leaderboard_;
  std::map<std::string, Marker> markers_;
  std::vector<Chart> charts_;
};

}  // namespace

std::string leaderboard_html(const Leaderboard& leaderboard) {
  return Page(leaderboard).write();
}

}  // namespace ticketbench
