#include "reports/multiplicity.hpp"

#include "reports/tests/reference.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <stdexcept>
#include <vector>

namespace ticketbench {
namespace {

using Values = std::vector<double>;

BOOST_AUTO_TEST_SUITE(multiplicity)

// Not sorted, so that an answer in the order of the ranks is another one; 0.03 and 0.04 share the
// greater of 2 * 0.03 and 0.04, which without the running maximum would be 0.04 for the latter.
BOOST_AUTO_TEST_CASE(holm_steps_down) {
  const Values found = holm(Values{0.01, 0.04, 0.03, 0.005});
  const Values expected = {0.03, 0.06, 0.06, 0.02};
  BOOST_TEST(found == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(holm_agrees_with_statsmodels) {
  for (const nlohmann::json& one : statistics_reference()["holm"]) {
    const Values found = holm(numbers(one["p"]));
    BOOST_REQUIRE(found.size() == one["adjusted"].size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      BOOST_TEST(found[i] == one["adjusted"][i].get<double>(), boost::test_tools::tolerance(1e-12));
    }
  }
}

BOOST_AUTO_TEST_CASE(no_test_is_no_alarm) {
  BOOST_TEST(holm(Values{}).empty());
}

BOOST_AUTO_TEST_CASE(only_chances_are_taken) {
  for (const double bad : {-0.1, 1.1, std::nan("")}) {
    BOOST_CHECK_THROW(holm(Values{0.5, bad}), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
