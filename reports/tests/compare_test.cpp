#include "reports/compare.hpp"

#include "reports/tests/two_nights.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <stdexcept>

namespace ticketbench {
namespace {

using Records = std::vector<Record>;

Comparison compared(const Records& base, const Records& now, const Gate& gate = {}) {
  return compare({.path = "base", .records = base}, {.path = "new", .records = now}, gate);
}

const ComparedCell& find(const Comparison& comparison, const std::string& label) {
  for (const ComparedCell& cell : comparison.cells) {
    if (cell.label == label) {
      return cell;
    }
  }
  BOOST_FAIL("no cell is called " << label);
  throw std::logic_error("unreachable");
}

std::string verdict(const Comparison& comparison, const std::string& label) {
  return std::string(verdict_name(find(comparison, label).verdict));
}

Record ended(const Sample& sample, const char* status) {
  Sample other = sample;
  other.status = status;
  other.reason = "because";
  if (other.status != "mistrusted") other.points = {};
  return night_record(other);
}

BOOST_AUTO_TEST_SUITE(comparing)

// By fields, level, source and version, each of which would make one cell of two if it were
// forgotten; seeds are the only thing a cell gathers.
BOOST_AUTO_TEST_CASE(cells_are_configurations) {
  const TwoNights nights = two_nights();
  const Comparison found = compared(nights.base, nights.now);
  BOOST_TEST(verdict(found, "dense") == "same");
  BOOST_TEST(verdict(found, "snip density=0.5") == "worse");
  BOOST_TEST(verdict(found, "snip density=0.2") == "same");
  BOOST_TEST(verdict(found, "curve, level 0") == "same");
  BOOST_TEST(verdict(found, "curve, level 1") == "ambiguous");
  BOOST_TEST(verdict(found, "refill from curve level 1") == "better");
  BOOST_TEST(verdict(found, "bip v1") == "gone");
  BOOST_TEST(verdict(found, "bip v2") == "new");
  BOOST_TEST(find(found, "snip density=0.5").base.size() == 5U);
  BOOST_TEST(found.regressed());
  BOOST_TEST(found.base.runs == static_cast<int64_t>(nights.base.size()));
}

// The same seed ran well before: a status that turns bad must never pass, a missing device must
// never alarm.
BOOST_AUTO_TEST_CASE(endings) {
  const TwoNights nights = two_nights();
  const Comparison found = compared(nights.base, nights.now);
  BOOST_TEST(verdict(found, "rigl") == "worse");
  BOOST_TEST(find(found, "rigl").reason == "seed 2 failed: index 7 is out of bounds");
  BOOST_TEST(verdict(found, "set") == "ambiguous");
  BOOST_TEST(verdict(found, "grasp") == "mistrusted");
  BOOST_TEST(verdict(found, "gmp") == "new");

  const Sample one{.name = "one", .method = "one"};
  const auto becomes = [&](const Records& base, const Records& now) {
    const Comparison comparison = compared(base, now);
    BOOST_REQUIRE(comparison.cells.size() == 1U);
    return std::string(verdict_name(comparison.cells[0].verdict));
  };
  const Record ok = night_record(one);
  BOOST_TEST(becomes({ok}, {ended(one, "failed")}) == "worse");
  BOOST_TEST(becomes({ok}, {ended(one, "mistrusted")}) == "worse");
  BOOST_TEST(becomes({ok}, {ended(one, "timeout")}) == "ambiguous");
  BOOST_TEST(becomes({ok}, {ended(one, "skipped")}) == "ambiguous");
  BOOST_TEST(becomes({ended(one, "failed")}, {ok}) == "better");
  BOOST_TEST(becomes({ended(one, "failed")}, {ended(one, "failed")}) == "mistrusted");
  BOOST_TEST(becomes({ok}, {ok}) == "same");
  BOOST_TEST(becomes({}, {ok}) == "new");
  BOOST_TEST(becomes({}, {ended(one, "failed")}) == "mistrusted");
  BOOST_TEST(becomes({ok}, {}) == "gone");
  Sample another = one;
  another.seed = 2;
  // A failure of a seed that BASE doesn't have says nothing about a change, and is told.
  const Comparison more = compared({ok}, {ok, ended(another, "failed")});
  BOOST_TEST(verdict(more, "one") == "same");
  BOOST_TEST(more.cells[0].notes.at(0) == "seed 2 failed: because");
  // Unless nothing else is left of the cell.
  BOOST_TEST(becomes({ok}, {ended(another, "failed")}) == "worse");
}

// A method that keeps more weights than before isn't better, it's another.
BOOST_AUTO_TEST_CASE(another_density_is_told) {
  const Comparison found = compared({night_record({.points = {{.kept = 100}}})},
                                    {night_record({.points = {{.kept = 120}}})});
  BOOST_TEST(found.cells[0].notes.at(0) == "density 0.1000 before, 0.1200 now");
}

// Names in two places of one suite, next to a failed run that no seeds can mend.
BOOST_AUTO_TEST_CASE(suspects_get_more_seeds) {
  const TwoNights nights = two_nights();
  const Comparison found = compared(nights.base, nights.now);
  BOOST_TEST(find(found, "snip density=0.5").suspect);
  BOOST_TEST(!find(found, "rigl").suspect);
  BOOST_REQUIRE(found.reruns.size() == 1U);
  BOOST_TEST(found.reruns[0].command ==
             "ticketbench run suites/quick.json --only snip --seeds 6..10 --results new");

  Record wide = night_record({.name = "it's", .points = {{.correct = 700}}});
  wide.command = "ticketbench run my.json --set /seeds=7 --only 1234 --seeds 1 --data DIR";
  const Records before = {night_record({.name = "it's"})};
  const Comparison other = compared(before, {wide});
  BOOST_REQUIRE(other.reruns.size() == 1U);
  BOOST_TEST(other.reruns[0].command ==
             "ticketbench run my.json --set /seeds=7 --only 'it'\\''s' --seeds 2..6 --results new "
             "--data DIR");
}

// The run of the newer record counts, wherever it stands.
BOOST_AUTO_TEST_CASE(a_run_counts_once) {
  Record old = night_record({.points = {{.correct = 500}}});
  old.provenance->finished = "2020-01-01T00:00:00Z";
  const Record good = night_record({});
  for (const Records& twice : {Records{old, good}, Records{good, old}}) {
    const Comparison found = compared({good}, twice);
    BOOST_TEST(found.now.runs == 1);
    BOOST_TEST(verdict(found, "dense") == "same");
  }
}

BOOST_AUTO_TEST_CASE(nothing_to_compare) {
  BOOST_TEST(compared({}, {}).cells.empty());
  BOOST_TEST(!compared({}, {}).regressed());
  for (const double bad : {0.0, -1.0, 100.0, std::nan("")}) {
    BOOST_CHECK_THROW(compared({}, {}, {.margin = bad}), std::invalid_argument);
    BOOST_CHECK_THROW(compared({}, {}, {.alpha = bad}), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
