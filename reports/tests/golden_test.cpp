#include "reports/tests/golden.hpp"

#include "reports/leaderboard_render.hpp"
#include "reports/run_report.hpp"
#include "reports/tests/sample.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace ticketbench {
namespace {

// In each format; `name` is the file's stem.
void check_all_formats(const std::string& name, const std::vector<Record>& records) {
  const Leaderboard leaderboard = make_leaderboard(records);
  check_golden(name + ".txt", render(leaderboard, Format::text));
  check_golden(name + ".md", render(leaderboard, Format::markdown));
  check_golden(name + ".html", render(leaderboard, Format::html));
  check_golden(name + ".csv", render(leaderboard, Format::csv));
  check_golden(name + ".json", render(leaderboard, Format::json));
  check_golden(name + ".tex", render(leaderboard, Format::latex));
}

Sample curve(int64_t seed) {
  Sample sample{.name = "curve", .method = "imp", .fields = {{"rate", 0.4}}, .seed = seed};
  sample.points.clear();
  const std::vector<int64_t> kept = {1000, 600, 360, 216};
  for (int64_t level = 0; level < 4; ++level) {
    sample.points.push_back({.level = level,
                             .kept = kept[static_cast<std::size_t>(level)],
                             .correct = 905 + seed - 8 * level,
                             .seconds = 61.5,
                             .examples = 400000 * (level + 1)});
  }
  return sample;
}

// A study as it comes: several seeds of some rows and one of others, some that can't be told apart,
// levels, sources, an old version, a paper's run selected on test, runs that failed, another model
// with a source from this one.
std::vector<Record> study() {
  std::vector<Record> records;
  const auto add = [&](const Sample& sample) { records.push_back(sample_record(sample)); };
  for (int64_t seed = 1; seed <= 5; ++seed) {
    add({.seed = seed, .points = {{.correct = 908 + seed, .seconds = 723, .examples = 400000}}});
    for (const int64_t kept : {500, 216}) {
      add({.name = "snip",
           .method = "snip",
           .version = 2,
           .fields = {{"density", static_cast<double>(kept) / 1000}, {"num_batches", 1}},
           .seed = seed,
           .points = {{.kept = kept, .correct = 860 + kept / 20 - 2 * seed, .seconds = 700}}});
    }
    // Within snip's interval at this density, and above it.
    add({.name = "gmp",
         .method = "gmp",
         .seed = seed,
         .points = {{.kept = 216, .correct = 866 - seed, .seconds = 710}}});
    add({.name = "set",
         .method = "set",
         .seed = seed,
         .points = {{.kept = 216, .correct = 886 - seed, .seconds = 720}}});
  }
  for (int64_t seed = 1; seed <= 3; ++seed) {
    add({.name = "random",
         .method = "random_pruning",
         .fields = {{"density", 0.216}, {"allocation", "erk"}},
         .seed = seed,
         .points = {{.kept = 216, .correct = 840 + 7 * seed, .seconds = 650.2}}});
    add(curve(seed));
  }
  add({.name = "snip",
       .method = "snip",
       .version = 1,
       .fields = {{"density", 0.216}, {"num_batches", 1}},
       .points = {{.kept = 216, .correct = 899}}});
  add({.name = "refill",
       .method = "imp_refill",
       .points = {{.kept = 360, .correct = 893, .seconds = 300}},
       .source_hash = sample_hash(curve(1)),
       .source_level = 2});
  add({.name = "bip",
       .method = "bip",
       .fields = {{"density", 0.216}},
       .seed = 9,
       .points = {{.kept = 216, .correct = 895}},
       .selected_on_test = true});
  add({.name = "graphics",
       .method = "grasp",
       .points = {},
       .status = "skipped",
       .reason = "requires the device cuda, which this machine does not have"});
  add({.name = "snip",
       .method = "snip",
       .version = 2,
       .fields = {{"density", 0.005}, {"num_batches", 1}},
       .points = {{.kept = 5, .correct = 100}},
       .status = "mistrusted",
       .reason = "accuracy 10.0 % is that of guessing; layer conv1.weight keeps nothing"});
  add({.name = "deeper",
       .method = "elastic",
       .points = {{.kept = 360, .correct = 901, .seconds = 4000}},
       .source_hash = sample_hash(curve(1)),
       .source_level = 2,
       .model = "resnet32s"});
  return records;
}

// What a stranger could write into a record to take over a page, a sheet or a terminal.
std::vector<Record> hostile() {
  const std::string evil = "<script>alert(1)</script>|`x`*b*\x1b[2J\u202Eend\nnew line";
  Sample formula{.name = "=cmd|'/C calc'!A0", .method = "\"><img src=x onerror=alert(1)>"};
  formula.fields = {{"@sum", evil}, {"-1", "+1"}};
  formula.dataset = "</title><b>cifar10";
  formula.model = "a|b";
  formula.recipe = {{"name", "[r](javascript:alert(1))"}};
  Sample failed = formula;
  failed.seed = 2;
  failed.status = "failed";
  failed.reason = evil;
  failed.points = {};
  Sample large = formula;
  large.name = std::string(150, 'x') + " \u4e16\u754c \u00e9\u00e8 \U0001F600";
  large.fields = {{"word", std::string(60, 'w') + " and more"}};
  return {sample_record(formula), sample_record(failed), sample_record(large)};
}

BOOST_AUTO_TEST_SUITE(golden)

BOOST_AUTO_TEST_CASE(a_study) {
  check_all_formats("study", study());
}

BOOST_AUTO_TEST_CASE(hostile_strings) {
  check_all_formats("hostile", hostile());
}

BOOST_AUTO_TEST_CASE(no_records) {
  check_all_formats("empty", {});
}

BOOST_AUTO_TEST_CASE(only_failed_records) {
  check_all_formats(
      "failed",
      {sample_record({.points = {}, .status = "failed", .reason = "returned without a record"}),
       sample_record(
           {.seed = 2, .points = {}, .status = "timeout", .reason = "took longer than 60 s"})});
}

// Sorting by place in the input would show here: eight shuffles, six formats, the same bytes.
BOOST_AUTO_TEST_CASE(the_order_of_records_changes_nothing) {
  std::vector<Record> records = study();
  std::vector<Record> twice = study();
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
  const Leaderboard leaderboard = make_leaderboard(hostile());
  const std::string html = render(leaderboard, Format::html);
  BOOST_TEST(html.find("<script") == std::string::npos);
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
  for (const auto& records : {study(), hostile()}) {
    const std::string text = render(make_leaderboard(records), Format::text);
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
  const std::string csv = render(make_leaderboard(study()), Format::csv);
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
  Sample sample = curve(2);
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
