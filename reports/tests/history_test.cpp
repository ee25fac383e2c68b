#include "reports/history.hpp"

#include "reports/tests/golden.hpp"
#include "reports/tests/two_nights.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <unistd.h>

namespace ticketbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string night_name(int day) {
  return fmt::format("2026-11-{:02}", day);
}

// Twelve nights: snip drops by three points on the 8th, and random_pruning is there from the 10th
// on; the 6th was run on another machine.
std::vector<Night> nights() {
  std::vector<Night> all;
  for (int day = 1; day <= 12; ++day) {
    Night night{.name = night_name(day), .records = {}};
    const auto add = [&](Sample sample, const std::vector<int64_t>& correct) {
      if (day == 6) sample.cpu = "Other CPU";
      for (Record& record : night_records(sample, correct)) night.records.push_back(record);
    };
    const int64_t noise = day * 7 % 5;
    add({}, {908, 910, 909});
    add({.name = "snip", .method = "snip"}, {(day < 8 ? 880 : 850) + noise, 881 + noise});
    if (day >= 10) add({.name = "random", .method = "random_pruning"}, {840, 841});
    Sample failed{.name = "rigl", .method = "rigl", .points = {}, .status = "failed"};
    failed.reason = "disk full";
    night.records.push_back(sample_record(failed));
    all.push_back(std::move(night));
  }
  return all;
}

const std::vector<Mark> kMarks = {
    {.date = "2026-11-08", .text = "another initialisation", .cell = "snip"},
    {.date = "2026-11-10", .text = "new LibTorch", .cell = ""}};

const Series& find(const History& history, const std::string& label, const std::string& cpu) {
  for (const Series& series : history.series) {
    if (series.label == label && series.machine.starts_with(cpu)) {
      return series;
    }
  }
  BOOST_FAIL("no series is called " << label);
  throw std::logic_error("unreachable");
}

BOOST_AUTO_TEST_SUITE(histories)

// The night on another machine must not stand in the middle of the others, where it would look like
// a shift there and back.
BOOST_AUTO_TEST_CASE(a_series_is_a_cell_on_a_machine) {
  const History history = make_history(nights(), {});
  BOOST_TEST(history.nights.size() == 12U);
  BOOST_TEST(history.series.size() == 5U);
  BOOST_TEST(find(history, "dense", "Test").values.size() == 11U);
  BOOST_TEST(find(history, "dense", "Other").values.size() == 1U);
  BOOST_TEST(find(history, "dense", "Other").values[0].night == 5U);
  BOOST_TEST(find(history, "dense", "Test").values[0].top1.mean == 90.9,
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(find(history, "dense", "Test").values[0].top1.n == 3);
  BOOST_TEST(find(history, "dense", "Test").shifts.empty());
  BOOST_TEST(find(history, "random", "Test").values[0].night == 9U);
}

// Places count nights and not values: with a night missing before it, the two differ.
BOOST_AUTO_TEST_CASE(a_shift_has_a_night_and_marks) {
  const History history = make_history(nights(), kMarks);
  const Series& snip = find(history, "snip", "Test");
  BOOST_REQUIRE(snip.shifts.size() == 1U);
  BOOST_TEST(history.nights[snip.shifts[0].night] == "2026-11-08");
  BOOST_TEST(snip.shifts[0].change.at == 6U);
  BOOST_REQUIRE(snip.shifts[0].marks.size() == 1U);
  BOOST_TEST(snip.shifts[0].marks[0] == "another initialisation");
  // Another cell's mark, and one of another day, explain nothing.
  std::vector<Mark> others = kMarks;
  others[0].cell = "dense";
  const History unexplained = make_history(nights(), others);
  BOOST_TEST(find(unexplained, "snip", "Test").shifts[0].marks.empty());
}

BOOST_AUTO_TEST_CASE(in_all_formats) {
  const History history = make_history(nights(), kMarks);
  check_golden("history.txt", render(history, Format::text));
  check_golden("history.md", render(history, Format::markdown));
  check_golden("history.json", render(history, Format::json));
  check_golden("history_empty.txt", render(History{}, Format::text));
  BOOST_CHECK_THROW(render(history, Format::csv), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(hostile_strings_stay_words) {
  Sample sample{.name = "\x1b[2J|<b>`x`\nend", .method = "snip"};
  sample.cpu = "<script>\u202E|";
  std::vector<Night> all = {{.name = "<i>|night\x1b", .records = night_records(sample, {900})}};
  const History history =
      make_history(all, {{.date = "2026-01-01|\n", .text = "[x](y)\x1b", .cell = "<u>"}});
  const std::string text = render(history, Format::text);
  const std::string markdown = render(history, Format::markdown);
  for (const std::string& written : {text, markdown, render(history, Format::json)}) {
    BOOST_TEST(written.find('\x1b') == std::string::npos);
  }
  for (const std::string& written : {text, markdown}) {
    BOOST_TEST(written.find("\u202E") == std::string::npos);
  }
  BOOST_TEST(markdown.find("<b>") == std::string::npos);
  BOOST_TEST(markdown.find("<script") == std::string::npos);
  check_golden("history_hostile.txt", text);
  check_golden("history_hostile.md", markdown);
}

BOOST_AUTO_TEST_CASE(order_changes_nothing) {
  const std::string expected = render(make_history(nights(), kMarks), Format::json);
  std::vector<Night> all = nights();
  std::vector<Mark> marks = kMarks;
  for (int i = 0; i < 4; ++i) {
    std::rotate(all.begin(), all.begin() + 5, all.end());
    std::reverse(marks.begin(), marks.end());
    for (Night& night : all) std::reverse(night.records.begin(), night.records.end());
    BOOST_TEST(render(make_history(all, marks), Format::json) == expected);
  }
}

BOOST_AUTO_TEST_CASE(marks_are_checked) {
  const auto refused = [](const char* text) {
    try {
      parse_marks(json::parse(text), "marks.json");
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  BOOST_TEST(parse_marks(json::parse(R"([{"date": "2026-11-27", "text": "x"}])"), "").size() == 1U);
  BOOST_TEST(refused(R"([{"date": "27.11.", "text": "x"}])") ==
             "marks.json: /0/date: found \"27.11.\", expected a date such as 2026-11-27, or the "
             "whole name of a night");
  BOOST_TEST(refused(R"([{"date": "2026-11-27"}])").starts_with("marks.json: /0"));
  BOOST_TEST(refused(R"({})").starts_with("marks.json: /"));
}

// The pointer to the last good night is a link and no night of its own; a page beside the nights is
// none either, nor is a night that is still running.
BOOST_AUTO_TEST_CASE(nights_are_folders_with_records) {
  const fs::path folder = fs::temp_directory_path() / fmt::format("history_{}", getpid());
  fs::create_directories(folder / "2026-11-01" / "abc");
  fs::create_directories(folder / "empty");
  fs::create_directories(folder / ".unfinished");
  std::ofstream(folder / ".unfinished" / "record.json") << sample_document({});
  std::ofstream(folder / "2026-11-01" / "abc" / "record.json") << sample_document({});
  std::ofstream(folder / "page.html") << "page";
  std::ofstream(folder / "marks.json") << R"([{"date": "2026-11-01", "text": "begun"}])";
  fs::create_directory_symlink("2026-11-01", folder / "last_good");
  const LoadedNights loaded = load_nights(folder.string());
  BOOST_TEST(loaded.nights.size() == 1U);
  BOOST_TEST(loaded.nights[0].name == "2026-11-01");
  BOOST_TEST(loaded.nights[0].records.size() == 1U);
  BOOST_TEST(loaded.marks.size() == 1U);
  BOOST_TEST(loaded.errors.empty());
  fs::remove_all(folder);
  BOOST_CHECK_THROW(load_nights(folder.string()), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
