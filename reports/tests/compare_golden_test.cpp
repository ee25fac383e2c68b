#include "reports/compare_render.hpp"
#include "reports/tests/golden.hpp"
#include "reports/tests/two_nights.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace ticketbench {
namespace {

constexpr std::array kFormats = {CompareFormat::text, CompareFormat::markdown, CompareFormat::json,
                                 CompareFormat::junit, CompareFormat::github};

Comparison compared(const TwoNights& nights) {
  return compare({.path = "nights/base", .records = nights.base},
                 {.path = "nights/new", .records = nights.now}, {});
}

void check_all_formats(const std::string& name, const TwoNights& nights) {
  const Comparison comparison = compared(nights);
  check_golden(name + ".txt", render(comparison, CompareFormat::text));
  check_golden(name + ".md", render(comparison, CompareFormat::markdown));
  check_golden(name + ".json", render(comparison, CompareFormat::json));
  check_golden(name + ".xml", render(comparison, CompareFormat::junit));
  check_golden(name + ".github", render(comparison, CompareFormat::github));
}

// Text that would end a tag, a table, a command or a workflow command.
TwoNights hostile() {
  const std::string evil =
      "]]></failure><x a=\"1\">|`b`* 100%\x1b[2J\u202E::error title=x,y::z\n::stop";
  Sample sample{.name = evil, .method = "'; rm -rf ~ #"};
  sample.dataset = "</testsuite>";
  sample.model = "a|b";
  sample.recipe = {{"name", "[r](javascript:alert(1))"}};
  sample.cpu = evil;
  TwoNights nights;
  nights.base = night_records(sample, {900, 901, 899, 900, 902});
  nights.now = night_records(sample, {850, 851, 849, 851, 852});
  Sample failed = sample;
  failed.fields = {{"name", evil}};
  nights.base.push_back(night_record(failed));
  failed.status = "failed";
  failed.reason = evil;
  failed.points = {};
  nights.now.push_back(night_record(failed));
  return nights;
}

BOOST_AUTO_TEST_SUITE(compare_golden)

BOOST_AUTO_TEST_CASE(two_nights_in_all_formats) {
  check_all_formats("compare", two_nights());
}

BOOST_AUTO_TEST_CASE(hostile_strings) {
  check_all_formats("compare_hostile", hostile());
}

BOOST_AUTO_TEST_CASE(nothing) {
  check_all_formats("compare_empty", {});
}

// A record's own line end would begin a line that GitHub obeys; its angle brackets a tag.
BOOST_AUTO_TEST_CASE(hostile_strings_stay_words) {
  const Comparison comparison = compared(hostile());
  for (const CompareFormat format : kFormats) {
    const std::string text = render(comparison, format);
    BOOST_TEST(text.find('\x1b') == std::string::npos);
    if (format != CompareFormat::json) {
      BOOST_TEST(text.find("\u202E") == std::string::npos);
    }
  }
  const std::string junit = render(comparison, CompareFormat::junit);
  BOOST_TEST(junit.find("<x") == std::string::npos);
  const std::string github = render(comparison, CompareFormat::github);
  BOOST_TEST(std::count(github.begin(), github.end(), '\n') == 3);  // two errors and the summary
  BOOST_TEST(github.find("\n::stop") == std::string::npos);
}

// Sorting by place in the input, or by address, would show here.
BOOST_AUTO_TEST_CASE(the_order_of_records_changes_nothing) {
  TwoNights nights = two_nights();
  for (const CompareFormat format : kFormats) {
    const std::string expected = render(compared(nights), format);
    for (int i = 0; i < 5; ++i) {
      std::rotate(nights.base.begin(), nights.base.begin() + 7, nights.base.end());
      std::reverse(nights.now.begin(), nights.now.end());
      std::rotate(nights.now.begin(), nights.now.begin() + 3, nights.now.end());
      BOOST_TEST(render(compared(nights), format) == expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(commands_are_one_line_each) {
  BOOST_TEST(rerun_commands(compared(two_nights())) ==
             "ticketbench run suites/quick.json --only snip --seeds 6..10 --results nights/new\n");
  const std::string commands = rerun_commands(compared(hostile()));
  BOOST_TEST(std::count(commands.begin(), commands.end(), '\n') == 1);
}

BOOST_AUTO_TEST_CASE(formats_by_name) {
  BOOST_TEST((parse_compare_format("junit") == CompareFormat::junit));
  BOOST_CHECK_THROW(parse_compare_format("html"), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
