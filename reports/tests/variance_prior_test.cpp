#include "reports/variance_prior.hpp"

#include "reports/difference.hpp"
#include "reports/tests/reference.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <stdexcept>
#include <vector>

namespace ticketbench {
namespace {

using nlohmann::json;
using Samples = std::vector<SampleVariance>;

Samples samples_of(const json& one) {
  Samples samples;
  for (const json& pair : one["samples"]) {
    samples.push_back({.variance = pair[0], .degrees_of_freedom = pair[1]});
  }
  return samples;
}

BOOST_AUTO_TEST_SUITE(prior)

// Variances that differ by more than chance, and twelve that differ by less: a fit that forgets
// what chance adds to the scatter finds few degrees of freedom in the second too.
BOOST_AUTO_TEST_CASE(agrees_with_a_fit_by_scipy) {
  for (const json& one : statistics_reference()["variance_prior"]) {
    const VariancePrior found = variance_prior(samples_of(one));
    check_reference(found.variance, one, "variance");
    if (one["degrees_of_freedom"].is_null()) {
      BOOST_TEST(std::isinf(found.degrees_of_freedom));
    } else {
      check_reference(found.degrees_of_freedom, one, "degrees_of_freedom");
    }
  }
}

// 4 degrees of freedom at 1 beside 6 at 2 are 10 at 1.6; a sample that scatters more keeps its own.
BOOST_AUTO_TEST_CASE(draws_up_and_never_down) {
  const VariancePrior prior{.variance = 2, .degrees_of_freedom = 6, .limit = 100};
  const SampleVariance calm = prior.with({.variance = 1, .degrees_of_freedom = 4});
  BOOST_TEST(calm.variance == 1.6);
  BOOST_TEST(calm.degrees_of_freedom == 10.0);
  BOOST_TEST(prior.with({.variance = 5, .degrees_of_freedom = 4}).variance == 5.0);
}

// Ten samples of 4 degrees of freedom can't know more than 40 would, however alike they look.
BOOST_AUTO_TEST_CASE(knows_no_more_than_the_samples_together) {
  const VariancePrior prior = variance_prior(Samples(10, {.variance = 2, .degrees_of_freedom = 4}));
  BOOST_TEST(std::isinf(prior.degrees_of_freedom));
  BOOST_TEST(prior.with({.variance = 1, .degrees_of_freedom = 4}).degrees_of_freedom == 40.0);
}

// A variance of 0 has no logarithm; nine samples are too few to tell how variances differ.
BOOST_AUTO_TEST_CASE(of_few_samples_nothing_is_known) {
  Samples samples(9, {.variance = 2, .degrees_of_freedom = 4});
  samples.resize(20, {.variance = 0, .degrees_of_freedom = 4});
  const VariancePrior prior = variance_prior(samples);
  BOOST_TEST(prior.degrees_of_freedom == 0.0);
  BOOST_TEST(prior.with({.variance = 7, .degrees_of_freedom = 3}).variance == 7.0);
  BOOST_TEST(prior.with({.variance = 7, .degrees_of_freedom = 3}).degrees_of_freedom == 3.0);
  BOOST_CHECK_THROW(variance_prior(Samples{{.variance = std::nan(""), .degrees_of_freedom = 1}}),
                    std::invalid_argument);
}

// Three seeds that happen to lie together: alone they make a difference of 0.1 significant.
BOOST_AUTO_TEST_CASE(calms_a_lucky_sample) {
  const std::vector<double> base = {91.0, 91.3, 91.1};
  const std::vector<double> now = {90.9, 91.21, 91.0};
  const VariancePrior prior{.variance = 0.05, .degrees_of_freedom = 20, .limit = 1000};
  BOOST_TEST(paired(now, base)->p_two_sided() < 0.01);
  BOOST_TEST(paired(now, base, prior)->p_two_sided() > 0.3);
  BOOST_TEST(paired(now, base, prior)->estimate == paired(now, base)->estimate);
  BOOST_TEST(paired(now, base, prior)->degrees_of_freedom == 22.0);
  // Two samples of 0.05 and 22 degrees of freedom each: 44 in all, an error of sqrt(0.1 / 3).
  const VariancePrior half{.variance = 0.05, .degrees_of_freedom = 1e9, .limit = 22};
  const std::optional<Difference> two = welch(spread(now), spread(base), half);
  const auto close = boost::test_tools::tolerance(1e-6);
  BOOST_TEST(two->degrees_of_freedom == 44.0, close);
  BOOST_TEST(two->standard_error == std::sqrt(0.1 / 3), close);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
