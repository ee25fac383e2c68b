#include "core/schedule.hpp"

#include "core/tests/support.hpp"

#include <cmath>
#include <functional>

namespace ticketbench {
namespace {

using testing::error_of;
using testing::says;
const auto kClose = boost::test_tools::tolerance(1e-12);

Duration epochs(double value) {
  return {value, Duration::Unit::epochs};
}
Duration its(double value) {
  return {value, Duration::Unit::iterations};
}
Duration fraction(double value) {
  return {value, Duration::Unit::fraction};
}

BOOST_AUTO_TEST_SUITE(schedule)

// From 0 to 0.8: half-way the cubic is 0.8 (1 - 1/8) = 0.7; a linear one would say 0.4, swapped
// ends 0.1, an exponent of 2 would say 0.6.
BOOST_AUTO_TEST_CASE(cubic_is_zhu_and_guptas) {
  BOOST_TEST(cubic_schedule(0, 0.8, 0) == 0.0);
  BOOST_TEST(cubic_schedule(0, 0.8, 0.5) == 0.7, kClose);
  BOOST_TEST(cubic_schedule(0, 0.8, 1) == 0.8);
  BOOST_TEST(cubic_schedule(1, 0.1, 0.25) == 0.1 + 0.9 * 27 / 64, kClose);
}

// Half-way between 1 and 0.01: equal ratios give the geometric mean 0.1.
BOOST_AUTO_TEST_CASE(exponential_has_equal_ratios) {
  BOOST_TEST(exponential_schedule(1, 0.01, 0) == 1.0);
  BOOST_TEST(exponential_schedule(1, 0.01, 0.5) == 0.1, kClose);
  BOOST_TEST(exponential_schedule(1, 0.01, 1) == 0.01, kClose);
  BOOST_TEST(exponential_schedule(1, 0.512, 2.0 / 3) == 0.64, kClose);
}

// A quarter of the way a half cosine has fallen by (1 - cos 45 degrees) / 2 = 0.1464; a quarter
// cosine would have fallen by 0.0761, a linear one by 0.25.
BOOST_AUTO_TEST_CASE(cosine_is_half_a_wave) {
  BOOST_TEST(cosine_schedule(0.3, 0.1, 0) == 0.3, kClose);
  BOOST_TEST(cosine_schedule(0.3, 0.1, 0.25) == 0.3 - 0.2 * (1 - std::sqrt(0.5)) / 2, kClose);
  BOOST_TEST(cosine_schedule(0.3, 0.1, 0.5) == 0.2, kClose);
  BOOST_TEST(cosine_schedule(0.3, 0.1, 1) == 0.1, kClose);
}

// All stay between their ends, move one way, and stand still outside [0, 1]; the cubic and the
// cosine would turn back there.
BOOST_AUTO_TEST_CASE(all_are_monotone_and_clamped) {
  for (const auto& f : {linear_schedule, exponential_schedule, cubic_schedule, cosine_schedule}) {
    for (const auto& [from, to] : {std::pair(1.0, 0.05), std::pair(0.05, 1.0)}) {
      BOOST_TEST(f(from, to, -0.5) == from, kClose);
      BOOST_TEST(f(from, to, 1.5) == to, kClose);
      double before = f(from, to, 0);
      for (int i = 1; i <= 100; ++i) {
        const double now = f(from, to, i / 100.0);
        BOOST_TEST((to > from ? now >= before : now <= before));
        before = now;
      }
    }
  }
}

// Both ends are outside: 100 and 400 are multiples of the period, but not due.
BOOST_AUTO_TEST_CASE(periodic_leaves_both_ends_out) {
  const Periodic updates{.period = 100, .from = 100, .to = 400};
  std::vector<int64_t> due;
  for (int64_t i = 0; i <= 600; ++i) {
    if (updates.due(i)) due.push_back(i);
  }
  BOOST_TEST(due == (std::vector<int64_t>{200, 300}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(rate_schedule)

BOOST_AUTO_TEST_CASE(constant_is_one) {
  const RateSchedule rate{.kind = RateKind::constant, .final_factor = 0.5};
  for (const int64_t i : {0, 1, 50, 99, 100}) BOOST_TEST(rate.factor(i, 100, 10) == 1.0);
}

// The rate falls *at* the milestone: 80 is already lower and 79 is not. The two milestones stand in
// two units, epoch 8 of 10 iterations and 9/10 of 100.
BOOST_AUTO_TEST_CASE(multi_step_falls_at_its_milestones) {
  const RateSchedule rate{
      .kind = RateKind::multi_step, .milestones = {epochs(8), fraction(0.9)}, .gamma = 0.2};
  BOOST_TEST(rate.factor(0, 100, 10) == 1.0);
  BOOST_TEST(rate.factor(79, 100, 10) == 1.0);
  BOOST_TEST(rate.factor(80, 100, 10) == 0.2, kClose);
  BOOST_TEST(rate.factor(89, 100, 10) == 0.2, kClose);
  BOOST_TEST(rate.factor(90, 100, 10) == 0.04, kClose);
  BOOST_TEST(rate.factor(99, 100, 10) == 0.04, kClose);
}

BOOST_AUTO_TEST_CASE(cosine_falls_to_its_end) {
  const RateSchedule rate{.kind = RateKind::cosine, .final_factor = 0.2};
  BOOST_TEST(rate.factor(0, 100, 10) == 1.0, kClose);
  BOOST_TEST(rate.factor(50, 100, 10) == 0.6, kClose);
  BOOST_TEST(rate.factor(25, 100, 10) == 0.6 + 0.4 * std::sqrt(0.5), kClose);
  BOOST_TEST(rate.factor(100, 100, 10) == 0.2, kClose);
}

// 20 iterations of warm-up from 0.1: 0.1 + 0.9 i / 20, the peak at 20 and the cosine over the 80
// that are left: half of it at 60. Measured over all 100 the cosine would be at 0.3455 there.
BOOST_AUTO_TEST_CASE(the_warm_up_comes_before_the_rest) {
  const RateSchedule rate{.kind = RateKind::cosine, .warmup = epochs(2), .warmup_start = 0.1};
  BOOST_TEST(rate.factor(0, 100, 10) == 0.1, kClose);
  BOOST_TEST(rate.factor(10, 100, 10) == 0.55, kClose);
  BOOST_TEST(rate.factor(19, 100, 10) == 0.955, kClose);
  BOOST_TEST(rate.factor(20, 100, 10) == 1.0, kClose);
  BOOST_TEST(rate.factor(60, 100, 10) == 0.5, kClose);
}

// A warm-up doesn't shift milestones: they are counted from the start of the phase.
BOOST_AUTO_TEST_CASE(milestones_count_from_the_start) {
  const RateSchedule rate{
      .kind = RateKind::multi_step, .milestones = {its(50)}, .gamma = 0.1, .warmup = its(20)};
  BOOST_TEST(rate.factor(0, 100, 10) == 0.0);
  BOOST_TEST(rate.factor(49, 100, 10) == 1.0);
  BOOST_TEST(rate.factor(50, 100, 10) == 0.1, kClose);
}

// Up over 30 of 100 iterations, linearly down over 70: at 65 half of the way to 0.1.
BOOST_AUTO_TEST_CASE(one_cycle_rises_and_falls_linearly) {
  const RateSchedule rate{
      .kind = RateKind::one_cycle, .warmup = fraction(0.3), .final_factor = 0.1};
  BOOST_TEST(rate.factor(0, 100, 10) == 0.0);
  BOOST_TEST(rate.factor(15, 100, 10) == 0.5, kClose);
  BOOST_TEST(rate.factor(30, 100, 10) == 1.0);
  BOOST_TEST(rate.factor(65, 100, 10) == 0.55, kClose);
  BOOST_TEST(rate.factor(100, 100, 10) == 0.1, kClose);
}

// Nothing left after the warm-up: a division of 0 by 0 would give NaN.
BOOST_AUTO_TEST_CASE(a_warm_up_as_long_as_the_phase) {
  for (const RateKind kind : {RateKind::cosine, RateKind::one_cycle}) {
    const RateSchedule rate{.kind = kind, .warmup = fraction(1), .final_factor = 0.1};
    BOOST_TEST(rate.factor(5, 10, 10) == 0.5, kClose);
    BOOST_TEST(rate.factor(10, 10, 10) == 0.1, kClose);
  }
}

// Whatever the schedule, the factor is a number in [0, 1] at each iteration.
BOOST_AUTO_TEST_CASE(factors_lie_between_0_and_1) {
  for (const RateKind kind :
       {RateKind::constant, RateKind::multi_step, RateKind::cosine, RateKind::one_cycle}) {
    for (const int64_t iterations : {1, 2, 7, 100}) {
      const RateSchedule rate{
          .kind = kind, .milestones = {fraction(0.5), fraction(0.75)}, .warmup = its(3)};
      for (int64_t i = 0; i < iterations; ++i) {
        const double factor = rate.factor(i, iterations, 2);
        BOOST_TEST((factor >= 0 && factor <= 1));
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(duration)

BOOST_AUTO_TEST_CASE(each_unit_is_read) {
  BOOST_TEST((parse_duration("5ep") == epochs(5)));
  BOOST_TEST((parse_duration("0.5ep") == epochs(0.5)));
  BOOST_TEST((parse_duration("1000it") == its(1000)));
  BOOST_TEST((parse_duration("0.25") == fraction(0.25)));
  BOOST_TEST((parse_duration("0") == fraction(0)));
  BOOST_TEST((parse_duration("1") == fraction(1)));
}

// from_chars takes "inf" and "nan"; a prefix match would take "5epochs" and "5ep 1"; a bare 5 was
// meant as epochs or iterations, who knows.
BOOST_AUTO_TEST_CASE(others_are_refused_with_what_is_allowed) {
  for (const char* text :
       {"", "ep", "5epochs", "5 ep", " 5ep", "5ep ", "-1ep", "-0.5", "5", "1.01", "inf", "nan",
        "infep", "1e999ep", "5EP", "0x10it", "five", "5,5ep", "5e"}) {
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(says(error_of<std::invalid_argument>([&] { (void)parse_duration(text); }),
                      {std::string("'") + text + "'", "5ep", "1000it", "0.5"}));
    }
  }
}

// The text goes into a run's hash: it must read back as the same number, to the last bit.
BOOST_AUTO_TEST_CASE(print_then_parse_is_the_identity) {
  for (const double value : {0.0, 1.0, 0.1, 1.0 / 3, 160.0, 1e6, 1e9, 5e-324}) {
    for (const Duration& d : {epochs(value), its(value), fraction(std::min(value, 1.0))}) {
      BOOST_TEST((parse_duration(to_string(d)) == d));
    }
  }
  BOOST_TEST(to_string(epochs(5)) == "5ep");
  BOOST_TEST(to_string(its(1000)) == "1000it");
  BOOST_TEST(to_string(fraction(0.5)) == "0.5");
}

// 391 iterations an epoch, 160 epochs. Truncation would give 97 and 20,801.
BOOST_AUTO_TEST_CASE(iterations_are_rounded_to_the_nearest) {
  BOOST_TEST(to_iterations(epochs(2), 62'560, 391) == 782);
  BOOST_TEST(to_iterations(epochs(0.25), 62'560, 391) == 98);
  BOOST_TEST(to_iterations(its(1000), 62'560, 391) == 1000);
  BOOST_TEST(to_iterations(fraction(0.3325), 62'560, 391) == 20'801);
  BOOST_TEST(to_iterations(fraction(0.33251), 62'560, 391) == 20'802);
  BOOST_TEST(to_iterations(fraction(1), 62'560, 391) == 62'560);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
