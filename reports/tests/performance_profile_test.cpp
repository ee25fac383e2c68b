#include "reports/performance_profile.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace ticketbench {
namespace {

const auto kClose = boost::test_tools::tolerance(1e-12);

Row answer(const std::string& method, int64_t group, double error, int64_t n = 5) {
  Row row;
  row.method = method;
  row.results = {{.seed = 1, .examples = 1000}};
  row.top1 = {.mean = 100 - error, .n = n};
  row.group = group;
  row.place = 1;
  return row;
}

Board board(std::vector<Row> rows, Budget budget = Budget::parameters) {
  Board made;
  made.budget = budget;
  made.rows = std::move(rows);
  return made;
}

BOOST_AUTO_TEST_SUITE(profiles)

// Errors of a and b: 10 and 20, 30 and 15, 10 and 40; c has 10 in the last one only. By hand the
// ratios are 1, 2, 1 for a, 2, 1, 4 for b and 1 for c. Averaging errors would put c first, and
// dividing by the problems that a method has rows in would give c the whole area.
BOOST_AUTO_TEST_CASE(ratios_to_the_best_of_each_problem) {
  const std::vector<PerformanceProfile> profiles = performance_profiles(
      {board({answer("a", 1, 10), answer("b", 1, 20), answer("a", 2, 30), answer("b", 2, 15)}),
       board({answer("a", 1, 10), answer("b", 1, 40), answer("c", 1, 10)})});
  BOOST_REQUIRE(profiles.size() == 1U);
  const PerformanceProfile& profile = profiles[0];
  BOOST_TEST(profile.problems == 3);
  BOOST_TEST(!profile.provisional);
  BOOST_REQUIRE(profile.curves.size() == 3U);
  BOOST_TEST(profile.curves[0].method == "a");
  BOOST_TEST(profile.curves[0].ratios == (std::vector<double>{1, 1, 2}),
             boost::test_tools::per_element());
  BOOST_TEST(profile.curves[0].area == 8.0 / 9, kClose);
  BOOST_TEST(profile.curves[1].method == "b");
  BOOST_TEST(profile.curves[1].area == 5.0 / 9, kClose);
  BOOST_TEST(profile.curves[2].area == 3.0 / 9, kClose);
  BOOST_TEST(profile.share(profile.curves[0], 1) == 2.0 / 3, kClose);
  BOOST_TEST(profile.share(profile.curves[0], 2) == 1.0, kClose);
  BOOST_TEST(profile.share(profile.curves[1], 3.99) == 2.0 / 3, kClose);
  BOOST_TEST(profile.share(profile.curves[2], 100) == 1.0 / 3, kClose);
}

// A method with two rows in a group answers with the better one, whichever comes first; a group of
// one method, a row without a place and the other budget's boards are no problems.
BOOST_AUTO_TEST_CASE(what_counts_as_a_problem) {
  Row unplaced = answer("b", 3, 1);
  unplaced.place.reset();
  const std::vector<Row> rows = {
      answer("a", 1, 20), answer("a", 1, 10), answer("b", 1, 10), answer("a", 2, 10),
      answer("b", 2, 20), answer("a", 2, 20), answer("a", 3, 10), unplaced};
  const std::vector<PerformanceProfile> profiles = performance_profiles({board(rows)});
  BOOST_REQUIRE(profiles.size() == 1U);
  BOOST_TEST(profiles[0].problems == 2);
  BOOST_TEST(profiles[0].curves[0].ratios == (std::vector<double>{1, 1}),
             boost::test_tools::per_element());
  BOOST_TEST(performance_profiles({board({answer("a", 1, 1), answer("b", 1, 2)}),
                                   board({answer("a", 1, 1), answer("b", 1, 2)}, Budget::macs)})
                 .empty());
}

// No wrong answer among 1,000 images counts as 0.1 percent: 1 percent is ten times as much.
BOOST_AUTO_TEST_CASE(no_error_at_all_counts_as_one_image) {
  const std::vector<PerformanceProfile> profiles = performance_profiles(
      {board({answer("a", 1, 0), answer("b", 1, 1, 4), answer("a", 2, 10), answer("b", 2, 10)})});
  BOOST_TEST(profiles[0].curves[1].ratios.back() == 10.0, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(profiles[0].curves[1].area == 0.5, kClose);
  BOOST_TEST(profiles[0].provisional);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
