#include "reports/difference.hpp"

#include "reports/tests/reference.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

namespace ticketbench {
namespace {

using nlohmann::json;
using Values = std::vector<double>;

void check_p_values(const Difference& found, const json& one) {
  check_reference(found.p_two_sided(), one, "p_two_sided");
  check_reference(found.p_less(), one, "p_less");
  check_reference(found.p_greater(), one, "p_greater");
  check_reference(found.p_equivalent(statistics_reference()["margin"].get<double>()), one,
                  "p_equivalent");
}

void check_difference(const std::optional<Difference>& found, const json& one) {
  BOOST_REQUIRE_MESSAGE(found, "no difference of " << one.dump());
  check_reference(found->estimate, one, "estimate");
  check_reference(found->degrees_of_freedom, one, "degrees_of_freedom");
  check_reference(found->half_width(), one, "half_width");
  check_p_values(*found, one);
}

BOOST_AUTO_TEST_SUITE(difference)

// Unequal sizes and deviations: Student's pooled variance, or n1 + n2 - 2 degrees of freedom, would
// show in each of these; a deviation of 0 on one side must not; TOST with the larger of the two p
// values exchanged for the smaller is small everywhere.
BOOST_AUTO_TEST_CASE(welch_agrees_with_scipy) {
  for (const json& one : statistics_reference()["welch"]) {
    check_difference(welch(spread(numbers(one["first"])), spread(numbers(one["second"]))), one);
  }
}

// What a paper prints is mean, deviation and n.
BOOST_AUTO_TEST_CASE(a_summary_is_enough) {
  for (const json& one : statistics_reference()["from_stats"]) {
    const Values of = numbers(one["of"]);
    const Spread first{.mean = of[0], .sample_std = of[1], .n = std::llround(of[2])};
    const Spread second{.mean = of[3], .sample_std = of[4], .n = std::llround(of[5])};
    const std::optional<Difference> found = welch(first, second);
    BOOST_REQUIRE(found.has_value());
    check_p_values(*found, one);
  }
}

// The second case's pairs move together: Welch's test of it sees three times the error.
BOOST_AUTO_TEST_CASE(paired_agrees_with_scipy) {
  for (const json& one : statistics_reference()["paired"]) {
    check_difference(paired(numbers(one["first"]), numbers(one["second"])), one);
  }
}

BOOST_AUTO_TEST_CASE(one_sample_agrees_with_scipy) {
  for (const json& one : statistics_reference()["one_sample"]) {
    check_difference(one_sample(spread(numbers(one["first"])), one["second"].get<double>()), one);
  }
}

// One seed says nothing about the next one; a p value of 0, or of 1, would be made up.
BOOST_AUTO_TEST_CASE(without_a_deviation_there_is_no_test) {
  const Spread five = spread(Values{1, 2, 3, 4, 5});
  BOOST_TEST(!welch(spread(Values{3}), five));
  BOOST_TEST(!welch(five, spread(Values{3})));
  BOOST_TEST(!welch(five, {.mean = 93.2, .n = 3}));
  BOOST_TEST(!one_sample(spread(Values{3}), 2));
  BOOST_TEST(!paired(Values{3}, Values{2}));
}

// 91.3 - 91.2 and 90.3 - 90.2 differ in their last bits: the deviation of 1e-15 gives a t of 1e14
// where in truth there is none.
BOOST_AUTO_TEST_CASE(constants_have_no_test) {
  BOOST_TEST(!welch(spread(Values{2, 2, 2}), spread(Values{2, 2})));
  BOOST_TEST(!welch(spread(Values{2, 2, 2}), spread(Values{3, 3})));
  BOOST_TEST(!one_sample(spread(Values{0.1, 0.1, 0.1}), 0));
  BOOST_TEST(!paired(Values{1, 5, 7}, Values{1, 5, 7}));
  BOOST_TEST(!paired(Values{91.3, 90.3, 95.7}, Values{91.2, 90.2, 95.6}));
  BOOST_TEST(!one_sample(spread(Values{0, 0}), 0));
}

// Equal means of wide samples: that nothing is found to differ must not pass for "equivalent".
BOOST_AUTO_TEST_CASE(no_significant_difference_is_no_equivalence) {
  const std::optional<Difference> wide =
      welch(spread(Values{80, 90, 100}), spread(Values{81, 90, 99.5}));
  BOOST_TEST(wide->p_two_sided() > 0.9);
  BOOST_TEST(wide->p_equivalent(0.3) > 0.4);
  BOOST_TEST(wide->p_equivalent(100) < 0.05);
}

BOOST_AUTO_TEST_CASE(what_is_not_a_number_is_refused) {
  const double inf = std::numeric_limits<double>::infinity();
  for (const double bad : {std::nan(""), inf, -inf}) {
    BOOST_CHECK_THROW(paired(Values{1, bad}, Values{1, 2}), std::invalid_argument);
    BOOST_CHECK_THROW(one_sample(spread(Values{1, 2}), bad), std::invalid_argument);
    BOOST_CHECK_THROW(welch({.mean = bad, .sample_std = 1, .n = 3}, spread(Values{1, 2})),
                      std::invalid_argument);
    BOOST_CHECK_THROW(welch({.mean = 1, .sample_std = bad, .n = 3}, spread(Values{1, 2})),
                      std::invalid_argument);
  }
  BOOST_CHECK_THROW(paired(Values{1, 2}, Values{1, 2, 3}), std::invalid_argument);
  BOOST_CHECK_THROW(paired(Values{}, Values{}), std::invalid_argument);
  BOOST_CHECK_THROW(one_sample({.mean = 1, .sample_std = -0.1, .n = 3}, 0), std::invalid_argument);
  BOOST_CHECK_THROW(one_sample({.mean = 1, .sample_std = 0.1, .n = 0}, 0), std::invalid_argument);
  const Difference found{.estimate = 0, .standard_error = 1, .degrees_of_freedom = 4};
  BOOST_CHECK_THROW(static_cast<void>(found.p_equivalent(0)), std::invalid_argument);
  BOOST_CHECK_THROW(static_cast<void>(found.half_width(1)), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
