#include "reports/mann_whitney.hpp"

#include "reports/tests/reference.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

namespace ticketbench {
namespace {

using Values = std::vector<double>;

BOOST_AUTO_TEST_SUITE(ranks)

// Sizes on both sides of 8, with ties and without: the normal approximation in place of the exact
// distribution, or without one of its two corrections, is off in the second digit.
BOOST_AUTO_TEST_CASE(agrees_with_scipy) {
  for (const nlohmann::json& one : statistics_reference()["mann_whitney"]) {
    const MannWhitney found = mann_whitney(numbers(one["first"]), numbers(one["second"]));
    BOOST_TEST(found.u == one["u"].get<double>());
    check_reference(found.p_two_sided, one, "p_two_sided");
    check_reference(found.p_less, one, "p_less");
    check_reference(found.p_greater, one, "p_greater");
  }
}

// Of the 10 orders of two values among three, one has both in front. 4 against 4 gives 2 / 70 and
// 5 against 5 gives 2 / 252 at best.
BOOST_AUTO_TEST_CASE(small_samples_are_counted) {
  const MannWhitney found = mann_whitney(Values{1, 2}, Values{3, 4, 5});
  const auto close = boost::test_tools::tolerance(1e-14);
  BOOST_TEST(found.exact);
  BOOST_TEST(found.u == 0.0);
  BOOST_TEST(found.p_less == 0.1, close);
  BOOST_TEST(found.p_greater == 1.0, close);
  BOOST_TEST(found.p_two_sided == 0.2, close);
  BOOST_TEST(mann_whitney(Values{1, 2, 3, 4}, Values{5, 6, 7, 8}).p_two_sided == 2.0 / 70, close);
  BOOST_TEST(mann_whitney(Values{6, 7, 8, 9, 10}, Values{1, 2, 3, 4, 5}).p_two_sided == 2.0 / 252,
             close);
}

// Only the order counts: an outlier a million times as large changes nothing.
BOOST_AUTO_TEST_CASE(values_count_by_their_order) {
  const MannWhitney near = mann_whitney(Values{1, 4, 9}, Values{2, 3, 5});
  const MannWhitney far = mann_whitney(Values{1, 4, 9e6}, Values{2, 3, 5});
  BOOST_TEST(near.p_two_sided == far.p_two_sided);
}

// A NaN breaks the order that sorting relies on.
BOOST_AUTO_TEST_CASE(what_is_not_a_number_is_refused) {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    BOOST_CHECK_THROW(mann_whitney(Values{1, bad}, Values{1, 2}), std::invalid_argument);
    BOOST_CHECK_THROW(mann_whitney(Values{1, 2}, Values{bad}), std::invalid_argument);
  }
  BOOST_CHECK_THROW(mann_whitney(Values{}, Values{1}), std::invalid_argument);
  BOOST_CHECK_THROW(mann_whitney(Values{1}, Values{}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
