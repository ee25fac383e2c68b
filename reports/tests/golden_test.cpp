#include "reports/tests/golden.hpp"

#include "reports/leaderboard_render.hpp"
#include "reports/run_report.hpp"
#include "reports/tests/studies.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace ticketbench {
namespace {

// Without the parts that are the same on every page, of which Chart.js differs between systems.
std::string without_scripts(std::string html) {
  const auto cut = [&](std::string_view from, std::string_view to) {
    const std::size_t begin = html.find(from);
    if (begin != std::string::npos) {
      const std::size_t inside = begin + from.size();
      html.erase(inside, html.find(to, inside) - inside);
    }
  };
  cut("; script-src", "\">");
  cut("<style>", "</style>");
  // The next one has nothing left to find in the one before.
  cut("<script>", "</script>");
  cut("<script></script>\n<script>", "</script>");
  return html;
}

// In each format; `name` is the file's stem.
void check_all_formats(const std::string& name, const Leaderboard& leaderboard) {
  check_golden(name + ".txt", render(leaderboard, Format::text));
  check_golden(name + ".md", render(leaderboard, Format::markdown));
  check_golden(name + ".html", without_scripts(render(leaderboard, Format::html)));
  check_golden(name + ".csv", render(leaderboard, Format::csv));
  check_golden(name + ".json", render(leaderboard, Format::json));
  check_golden(name + ".tex", render(leaderboard, Format::latex));
}

std::ptrdiff_t count_of(const std::string& text, const std::string& what) {
  std::ptrdiff_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

BOOST_AUTO_TEST_SUITE(golden)

BOOST_AUTO_TEST_CASE(a_study) {
  check_all_formats("study", make_leaderboard(sample_study()));
}

BOOST_AUTO_TEST_CASE(a_study_with_measured_times) {
  check_all_formats("measured", measured_study());
}

BOOST_AUTO_TEST_CASE(hostile_strings) {
  check_all_formats("hostile", make_leaderboard(hostile_study()));
}

BOOST_AUTO_TEST_CASE(no_records) {
  check_all_formats("empty", make_leaderboard({}));
}

BOOST_AUTO_TEST_CASE(only_failed_records) {
  check_all_formats(
      "failed",
      make_leaderboard(
          {sample_record({.points = {}, .status = "failed", .reason = "returned without a record"}),
           sample_record({.seed = 2,
                          .points = {},
                          .status = "timeout",
                          .reason = "took longer than 60 s"})}));
}

// Sorting by place in the input would show here: eight shuffles, six formats, the same bytes.
BOOST_AUTO_TEST_CASE(the_order_of_records_changes_nothing) {
  std::vector<Record> records = sample_study();
  std::vector<Record> twice = sample_study();
  for (Record& record : twice) record.provenance->finished = "2020-01-01T00:00:00Z";
  records.insert(records.end(), twice.begin(), twice.end());
  for (const Format format :
       {Format::text, Format::markdown, Format::html, Format::csv, Format::json, Format::latex}) {
    const std::string expected = render(make_leaderboard(records), format);
    for (int i = 0; i < 8; ++i) {
      std::rotate(records.begin(), records.begin() + 7, records.end());
      std::swap(records[3], records[11]);
      BOOST_TEST(render(make_leaderboard(records), format) == expected);
    }
  }
}

// A terminal of 100 columns would break longer lines; a tag that a record wrote would be one more
// "<" than the page's own.
BOOST_AUTO_TEST_CASE(hostile_strings_stay_words) {
  const Leaderboard leaderboard = make_leaderboard(hostile_study());
  const std::string html = render(leaderboard, Format::html);
  // The data, Chart.js and ours, and nothing that could end one of them early.
  BOOST_TEST(count_of(html, "<script") == 3);
  BOOST_TEST(count_of(html, "</script") == 3);
  BOOST_TEST(html.find("href=\"javascript:") == std::string::npos);
  BOOST_TEST(html.find("<img") == std::string::npos);
  BOOST_TEST(html.find("<b>") == std::string::npos);
  for (const Format format : {Format::text, Format::markdown, Format::html}) {
    const std::string text = render(leaderboard, format);
    BOOST_TEST(text.find('\x1b') == std::string::npos);
    BOOST_TEST(text.find("\u202E") == std::string::npos);
  }
  // Every line of a Markdown table has as many bars that count as its header.
  const std::string markdown = render(leaderboard, Format::markdown);
  std::size_t bars = 0;
  std::size_t begin = 0;
  for (std::size_t end = markdown.find('\n'); end != std::string::npos;
       begin = end + 1, end = markdown.find('\n', begin)) {
    std::size_t counted = 0;
    for (std::size_t i = begin; i < end; ++i) {
      if (markdown[i] == '\\') {
        ++i;
      } else if (markdown[i] == '|') {
        ++counted;
      }
    }
    if (counted > 0 && bars > 0) {
      BOOST_TEST(counted == bars);
    }
    bars = counted;
  }
}

BOOST_AUTO_TEST_CASE(text_fits_a_terminal) {
  for (const auto& leaderboard :
       {make_leaderboard(sample_study()), make_leaderboard(hostile_study()), measured_study()}) {
    const std::string text = render(leaderboard, Format::text);
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos;
         begin = end + 1, end = text.find('\n', begin)) {
      const std::string line = text.substr(begin, end - begin);
      const auto characters = std::count_if(line.begin(), line.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
      });
      BOOST_TEST(characters <= 100, line);
    }
  }
}

// Every line of the table has as many cells as its header.
BOOST_AUTO_TEST_CASE(csv_is_rectangular) {
  const std::string csv = render(make_leaderboard(sample_study()), Format::csv);
  std::vector<std::size_t> cells = {1};
  bool quoted = false;
  for (const char c : csv) {
    quoted = c == '"' ? !quoted : quoted;
    if (c == ',' && !quoted) {
      ++cells.back();
    }
    if (c == '\n' && !quoted) {
      cells.push_back(1);
    }
  }
  cells.pop_back();
  for (const std::size_t count : cells) BOOST_TEST(count == cells[0]);
}

BOOST_AUTO_TEST_CASE(the_report_of_one_run) {
  Sample sample = sample_curve(2);
  sample.source_hash = std::string(64, 'a');
  const Record record = sample_record(sample);
  check_golden("report.txt", run_report(record, Format::text));
  check_golden("report.md", run_report(record, Format::markdown));
  check_golden("report.json", run_report(record, Format::json));
  BOOST_CHECK_THROW(run_report(record, Format::html), std::invalid_argument);
}

// Next to nothing is known of it: no part may be taken for granted.
BOOST_AUTO_TEST_CASE(the_report_of_a_run_that_failed) {
  nlohmann::json document =
      sample_document({.points = {}, .status = "failed", .reason = "disk\x1b full"});
  document["data"] = nullptr;
  document["timing"] = nullptr;
  document["provenance"] = nullptr;
  document["results"] = {{"points", nlohmann::json::array()},
                         {"measures", nlohmann::json::array()},
                         {"curves", nlohmann::json::array()}};
  const Record record = parse_record(document, "failed");
  check_golden("report_failed.txt", run_report(record, Format::text));
  check_golden("report_failed.md", run_report(record, Format::markdown));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
