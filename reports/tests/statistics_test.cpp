#include "reports/statistics.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

namespace ticketbench {
namespace {

using Values = std::vector<double>;
const auto kClose = boost::test_tools::tolerance(1e-12);

BOOST_AUTO_TEST_SUITE(statistics)

// The squared deviations sum to 32: dividing by n = 8 gives 2 and not sqrt(32 / 7).
BOOST_AUTO_TEST_CASE(the_deviation_divides_by_n_minus_1) {
  const Values values = {2, 4, 4, 4, 5, 5, 7, 9};
  BOOST_TEST(mean(values) == 5.0);
  BOOST_TEST(*sample_std(values) == std::sqrt(32.0 / 7), kClose);
}

// Far from zero the textbook formula, sum of squares minus square of the sum, loses every digit.
BOOST_AUTO_TEST_CASE(the_deviation_survives_a_large_mean) {
  BOOST_TEST(*sample_std(Values{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}) == std::sqrt(30.0), kClose);
}

// One run has no spread; a 0 would claim that there is none.
BOOST_AUTO_TEST_CASE(one_value_has_no_deviation) {
  BOOST_TEST(mean(Values{3}) == 3.0);
  BOOST_TEST(!sample_std(Values{3}));
  BOOST_TEST(!t_half_width(Values{3}));
  BOOST_TEST(*sample_std(Values{3, 3}) == 0.0);
}

// Not sorted, so that the middle place is not the middle value; even and odd numbers differ.
BOOST_AUTO_TEST_CASE(the_median_is_the_middle_value) {
  const Values odd = {9, 1, 5};
  BOOST_TEST(median(odd) == 5.0);
  BOOST_TEST(odd[0] == 9.0);
  BOOST_TEST(median(Values{4, 1, 3, 100}) == 3.5);
  BOOST_TEST(median(Values{7}) == 7.0);
}

// For n = 3 the table says t(2; 0.975) = 4.30265 and not the normal distribution's 1.96; the
// deviation of 1, 2, 3 is 1.
BOOST_AUTO_TEST_CASE(the_interval_is_students) {
  const auto five_digits = boost::test_tools::tolerance(1e-5);
  BOOST_TEST(*t_half_width(Values{1, 2, 3}) == 4.30265 / std::sqrt(3.0), five_digits);
  BOOST_TEST(*t_half_width(Values{1, 2, 3}, 0.9) == 2.91999 / std::sqrt(3.0), five_digits);
  BOOST_TEST(*t_half_width(Values{2, 4, 4, 4, 5, 5, 7, 9}) ==
                 2.36462 * std::sqrt(32.0 / 7) / std::sqrt(8.0),
             five_digits);
}

// NaN compares false with everything, so that a check written as "if (x < limit)" lets it pass.
BOOST_AUTO_TEST_CASE(what_is_not_a_number_is_refused) {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    BOOST_CHECK_THROW(mean(Values{1, bad}), std::invalid_argument);
    BOOST_CHECK_THROW(sample_std(Values{1, bad}), std::invalid_argument);
    BOOST_CHECK_THROW(median(Values{1, bad}), std::invalid_argument);
    BOOST_CHECK_THROW(t_half_width(Values{1, bad}), std::invalid_argument);
    BOOST_CHECK_THROW(t_half_width(Values{1, 2}, bad), std::invalid_argument);
  }
  BOOST_CHECK_THROW(mean(Values{}), std::invalid_argument);
  BOOST_CHECK_THROW(median(Values{}), std::invalid_argument);
  BOOST_CHECK_THROW(spread(Values{}), std::invalid_argument);
  BOOST_CHECK_THROW(t_half_width(Values{1, 2}, 1.0), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
