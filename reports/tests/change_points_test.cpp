#include "reports/change_points.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>
#include <vector>

namespace ticketbench {
namespace {

using Values = std::vector<double>;

class Normal {
 public:
  explicit Normal(uint64_t seed) : bits_(seed) {}
  double operator()() {
    return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  double uniform() { return (static_cast<double>(bits_() >> 11U) + 0.5) * 0x1p-53; }
  std::mt19937_64 bits_;
};

Values series(Normal& normal, std::size_t length) {
  Values values;
  for (std::size_t i = 0; i < length; ++i) values.push_back(90 + 0.1 * normal());
  return values;
}

BOOST_AUTO_TEST_SUITE(shifts)

// Ten standard deviations: off by one in where a segment begins would show.
BOOST_AUTO_TEST_CASE(an_injected_shift_is_found_where_it_is) {
  Normal normal(1);
  for (const std::size_t at : {3U, 20U, 37U}) {
    Values values = series(normal, 40);
    for (std::size_t i = at; i < values.size(); ++i) values[i] -= 1;
    const std::vector<ChangePoint> found = change_points(values);
    BOOST_REQUIRE(found.size() == 1U);
    BOOST_TEST(found[0].at == at);
    BOOST_TEST(std::abs(found[0].before - 90) < 0.2);
    BOOST_TEST(std::abs(found[0].after - 89) < 0.2);
    BOOST_TEST(found[0].p < 1e-9);
  }
}

// Down and up again: over the whole series the two halves are alike, so that a split in two parts
// which must both reach the ends sees little.
BOOST_AUTO_TEST_CASE(a_shift_back_hides_nothing) {
  Normal normal(5);
  Values values = series(normal, 60);
  for (std::size_t i = 25; i < 32; ++i) values[i] -= 0.5;
  const std::vector<ChangePoint> found = change_points(values);
  BOOST_REQUIRE(found.size() == 2U);
  BOOST_TEST(found[0].at == 25U);
  BOOST_TEST(found[1].at == 32U);
}

// A test at 0.02 of the best of many places finds something in every long series of noise.
BOOST_AUTO_TEST_CASE(noise_has_few_shifts) {
  Normal normal(3);
  for (const std::size_t nights : {20U, 60U, 150U}) {
    int with_any = 0;
    for (int i = 0; i < 200; ++i) with_any += change_points(series(normal, nights)).empty() ? 0 : 1;
    BOOST_TEST_MESSAGE(with_any << " of 200 series of " << nights);
    BOOST_TEST(with_any <= 10);
  }
}

// A program that computes the same every night: any other value is a shift, and the night after it
// has happened it is known. Between two nights alone nothing can be told.
BOOST_AUTO_TEST_CASE(constants) {
  BOOST_TEST(change_points(Values{90, 90, 90, 90}).empty());
  const std::vector<ChangePoint> found = change_points(Values{90, 90, 90, 89.9});
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(found[0].at == 3U);
  BOOST_TEST(found[0].p == 0.0);
  BOOST_TEST(change_points(Values{90, 80}).empty());
  BOOST_TEST(change_points(Values{90}).empty());
  BOOST_TEST(change_points(Values{}).empty());
  // 0.1 + 0.2 is not 0.3, but that is no shift.
  BOOST_TEST(change_points(Values{0.3, 0.3, 0.3, 0.1 + 0.2, 0.1 + 0.2}).empty());
}

BOOST_AUTO_TEST_CASE(what_is_not_a_number_is_refused) {
  BOOST_CHECK_THROW(change_points(Values{1, std::nan("")}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
