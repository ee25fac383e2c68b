#include "reports/claim_verdict.hpp"

#include "reports/published.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>

namespace ticketbench {
namespace {

// Five seeds whose mean has a standard error of exactly 0.1. Of Student's t with 4 degrees of
// freedom the quantiles are 2.1318 (0.95) and 2.7764 (0.975); with 8, 1.8595 and 2.3060.
const double kStd = 0.1 * std::sqrt(5.0);

Spread five(double mean) {
  return {.mean = mean, .sample_std = kStd, .t_half_width = {}, .n = 5};
}

Spread one(double mean) {
  return {.mean = mean, .sample_std = {}, .t_half_width = {}, .n = 1};
}

Spread constant(double mean, int64_t n = 3) {
  return {.mean = mean, .sample_std = 0.0, .t_half_width = {}, .n = n};
}

Claim claim(std::optional<double> std = {}, std::optional<int64_t> n = {},
            double reading_error = 0) {
  return {.value = 90, .std = std, .n = n, .reading_error = reading_error};
}

const Margin kPoints{
    .width = 0.3, .scale = Margin::Scale::points, .better = Better::higher, .reason = "of a test"};

void check(const Spread& ours, const Claim& published, ClaimVerdict expected) {
  const ClaimJudgement found = judge_claim(ours, published, kPoints);
  BOOST_TEST(claim_verdict_word(found.verdict) == claim_verdict_word(expected),
             ours.mean << ": " << claim_verdict_word(found.verdict) << ", not "
                       << claim_verdict_word(expected));
}

BOOST_AUTO_TEST_SUITE(claim_verdicts)

// A number alone: TOST holds our mean against it, 0.3 - 2.1318 x 0.1 = 0.0868. Whether it is a
// value of runs like ours: their own scatter counts too, sqrt(0.05) x sqrt(1/5 + 1) = 0.2449, so
// 2.7764 x 0.2449 = 0.6801; clearly beyond the margin from 0.3 + 2.1318 x 0.2449 = 0.8222 on.
// Taking the number as exact throughout would call 0.4 a failure, 2.7764 x 0.1 = 0.278.
BOOST_AUTO_TEST_CASE(neither_deviation_nor_n_published) {
  for (const double sign : {-1.0, 1.0}) {
    check(five(90 + sign * 0.086), claim(), ClaimVerdict::reproduced);
    check(five(90 + sign * 0.088), claim(), ClaimVerdict::within_noise);
    check(five(90 + sign * 0.679), claim(), ClaimVerdict::within_noise);
    check(five(90 + sign * 0.682), claim(), ClaimVerdict::not_reproduced);
    check(five(90 + sign * 0.821), claim(), ClaimVerdict::not_reproduced);
  }
  check(five(90 + 0.824), claim(), ClaimVerdict::too_good);
  check(five(90 - 0.824), claim(), ClaimVerdict::not_reproduced);
  const ClaimJudgement found = judge_claim(five(90.086), claim(), kPoints);
  BOOST_TEST(!found.provisional);
  BOOST_TEST(found.difference.value() == 0.086, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(found.margin.value() == 0.3);
  BOOST_TEST(found.assumed.find("neither deviation nor n") != std::string::npos);
}

// n = 3 without a deviation: sqrt(0.05) x sqrt(1/5 + 1/3) = 0.1633, so 2.7764 x 0.1633 = 0.4534.
BOOST_AUTO_TEST_CASE(n_published_without_deviation) {
  check(five(89.548), claim({}, 3), ClaimVerdict::within_noise);
  check(five(89.545), claim({}, 3), ClaimVerdict::not_reproduced);
  check(five(89.914), claim({}, 3), ClaimVerdict::reproduced);
}

// Both known, alike: a standard error of 0.1 x sqrt(2) = 0.14142 with 8 degrees of freedom. TOST up
// to 0.3 - 1.8595 x 0.14142 = 0.0370; a difference from 2.3060 x 0.14142 = 0.3261 on; clearly
// beyond the margin from 0.3 + 0.2630 = 0.5630 on.
BOOST_AUTO_TEST_CASE(deviation_and_n_published) {
  check(five(90.036), claim(kStd, 5), ClaimVerdict::reproduced);
  check(five(90.038), claim(kStd, 5), ClaimVerdict::within_noise);
  check(five(89.675), claim(kStd, 5), ClaimVerdict::within_noise);
  check(five(89.673), claim(kStd, 5), ClaimVerdict::not_reproduced);
  check(five(90.562), claim(kStd, 5), ClaimVerdict::not_reproduced);
  check(five(90.564), claim(kStd, 5), ClaimVerdict::too_good);
  BOOST_TEST(judge_claim(five(90.036), claim(kStd, 5), kPoints).assumed.empty());
}

// The value counts as one run: sqrt(0.01 + 0.04) = 0.2236 with 4 degrees of freedom, 0.6208.
BOOST_AUTO_TEST_CASE(deviation_published_without_n) {
  check(five(89.381), claim(0.2), ClaimVerdict::within_noise);
  check(five(89.378), claim(0.2), ClaimVerdict::not_reproduced);
}

// A difference that is surely there, and surely smaller than the margin, is no failure:
// 0.01 x 2.7764 = 0.028 is exceeded by 0.2. Nor is one that is surely there and may be smaller.
BOOST_AUTO_TEST_CASE(a_difference_inside_the_margin_is_no_failure) {
  const Spread narrow{.mean = 90.2, .sample_std = 0.01, .t_half_width = {}, .n = 5};
  const ClaimJudgement found = judge_claim(narrow, claim(0.01, 5), kPoints);
  BOOST_TEST(found.p_different.value() < 1e-6);
  BOOST_TEST(claim_verdict_word(found.verdict) == "reproduced");
  const Spread wide{.mean = 90.29, .sample_std = 0.1, .t_half_width = {}, .n = 5};
  check(wide, claim(0.1, 5), ClaimVerdict::within_noise);
}

// 0.35 - 0.2132 = 0.1368 instead of 0.0868.
BOOST_AUTO_TEST_CASE(an_error_of_reading_widens_the_margin) {
  check(five(90.136), claim({}, {}, 0.05), ClaimVerdict::reproduced);
  check(five(90.138), claim({}, {}, 0.05), ClaimVerdict::within_noise);
  check(five(90.136), claim(), ClaimVerdict::within_noise);
}

// One seed can't show agreement, however near. Without any deviation, two margins are noise; with
// the paper's, 0.1 x sqrt(1 + 1/3) = 0.1155 with 2 degrees of freedom: 4.3027 x 0.1155 = 0.4968.
BOOST_AUTO_TEST_CASE(one_seed_is_provisional) {
  for (const double value : {90.0, 90.3, 89.41, 90.59})
    check(one(value), claim(), ClaimVerdict::within_noise);
  check(one(89.39), claim(), ClaimVerdict::not_reproduced);
  check(one(90.61), claim(), ClaimVerdict::too_good);
  check(one(89.504), claim(0.1, 3), ClaimVerdict::within_noise);
  check(one(89.502), claim(0.1, 3), ClaimVerdict::not_reproduced);
  check(one(90.504), claim(0.1, 3),
        ClaimVerdict::not_reproduced);                        // not yet shown to be beyond 0.3
  check(one(89.01), claim(0.5), ClaimVerdict::within_noise);  // two published deviations
  check(one(88.99), claim(0.5), ClaimVerdict::not_reproduced);
  for (const Claim& published : {claim(), claim(0.1, 3), claim(0.5)})
    BOOST_TEST(judge_claim(one(90), published, kPoints).provisional);
  const Spread two{.mean = 90, .sample_std = 0.001, .t_half_width = {}, .n = 2};
  BOOST_TEST(judge_claim(two, claim(), kPoints).provisional);
  check(two, claim(), ClaimVerdict::reproduced);
}

// Nothing to test with: a division by a standard error of 0 would make NaN, and NaN no verdict.
BOOST_AUTO_TEST_CASE(seeds_without_scatter) {
  check(constant(90.3), claim(), ClaimVerdict::reproduced);
  check(constant(90.31), claim(), ClaimVerdict::too_good);
  check(constant(89.69), claim(), ClaimVerdict::not_reproduced);
  check(constant(90.3), claim(0.0, 3), ClaimVerdict::reproduced);
  check(constant(89.69), claim(0.0, 3), ClaimVerdict::not_reproduced);
  // Only theirs scatter: Welch with 2 degrees of freedom, 0.1 / sqrt(3) x 4.3027 = 0.2484.
  check(constant(89.8), claim(0.1, 3), ClaimVerdict::within_noise);
  check(constant(90.1), claim(0.1, 3), ClaimVerdict::reproduced);  // 0.3 - 2.9200 x 0.0577 = 0.1314
  check(constant(90.14), claim(0.1, 3), ClaimVerdict::within_noise);
}

// Of points lost fewer are better: a wrong sign would praise what is worse.
BOOST_AUTO_TEST_CASE(points_lost_are_better_when_fewer) {
  const Margin lost = declared_margin("accuracy_change", "percentage_points_lost", "imagenet");
  BOOST_TEST(lost.width == 0.5);
  const Claim published{.value = 0.33, .std = {}, .n = {}, .reading_error = 0};
  BOOST_TEST(claim_verdict_word(judge_claim(constant(-0.5), published, lost).verdict) ==
             "too good");
  BOOST_TEST(claim_verdict_word(judge_claim(constant(0.9), published, lost).verdict) ==
             "not reproduced");
  BOOST_TEST(judge_claim(constant(0.9), published, lost).reason == "worse than published");
  const Margin gained = declared_margin("accuracy_change", "percentage_points", "imagenet");
  BOOST_TEST(claim_verdict_word(judge_claim(constant(0.9), published, gained).verdict) ==
             "too good");
}

// A count needs no seeds and has no better side; its margin grows with it.
BOOST_AUTO_TEST_CASE(counts_are_judged_by_one_run) {
  const Margin flops = declared_margin("flops", "flops", "imagenet");
  const Claim published{.value = 8.18e9, .std = {}, .n = {}, .reading_error = 0};
  const ClaimJudgement near = judge_claim(one(8.174e9), published, flops);
  BOOST_TEST(claim_verdict_word(near.verdict) == "reproduced");
  BOOST_TEST(!near.provisional);
  BOOST_TEST(near.margin.value() == 0.02 * 8.18e9);
  for (const double value : {4.09e9, 16.36e9})
    BOOST_TEST(claim_verdict_word(judge_claim(one(value), published, flops).verdict) ==
               "not reproduced");
}

// 1 - 0.8^5 = 67.232 % is level 5; 67 as a paper prints it is the same level, though off by more
// than any margin in points would allow; level 4 is 59.04, level 6 is 73.786, level 7 is 79.028.
BOOST_AUTO_TEST_CASE(winning_tickets_are_compared_by_level) {
  const Margin levels = declared_margin("sparsest_winning_density", "percent_pruned", "cifar10");
  const auto word = [&](std::optional<double> ours, std::optional<double> published,
                        int64_t n = 3) {
    return claim_verdict_word(judge_winning_ticket(ours, n, published, levels).verdict);
  };
  BOOST_TEST(word(67.232, 67) == "reproduced");
  BOOST_TEST(word(59.04, 67) == "within noise");
  BOOST_TEST(word(73.786, 67) == "within noise");
  BOOST_TEST(word(48.8, 67) == "not reproduced");
  BOOST_TEST(word(79.028, 67) == "too good");
  BOOST_TEST(word(std::nullopt, std::nullopt) == "reproduced");
  BOOST_TEST(word(std::nullopt, 0) == "reproduced");
  BOOST_TEST(word(20.0, std::nullopt) == "within noise");
  BOOST_TEST(word(36.0, std::nullopt) == "too good");
  BOOST_TEST(word(std::nullopt, 67) == "not reproduced");
  BOOST_TEST(judge_winning_ticket(67.232, 2, 67, levels).provisional);
  BOOST_TEST(!judge_winning_ticket(67.232, 3, 67, levels).provisional);
  BOOST_TEST(!judge_winning_ticket(std::nullopt, 3, 67, levels).difference);
  BOOST_CHECK_THROW(word(100, 67), std::invalid_argument);
  BOOST_CHECK_THROW(word(std::nan(""), 67), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(what_is_no_number_is_refused) {
  const double infinity = std::numeric_limits<double>::infinity();
  BOOST_CHECK_THROW(judge_claim(one(std::nan("")), claim(), kPoints), std::invalid_argument);
  BOOST_CHECK_THROW(judge_claim(five(infinity), claim(), kPoints), std::invalid_argument);
  BOOST_CHECK_THROW(judge_claim(five(90), claim(-0.1, 3), kPoints), std::invalid_argument);
  BOOST_CHECK_THROW(judge_claim(five(90), claim({}, 0), kPoints), std::invalid_argument);
  Spread none = five(90);
  none.n = 0;
  BOOST_CHECK_THROW(judge_claim(none, claim(), kPoints), std::invalid_argument);
}

// Every published cell that can be compared has a margin, each for a reason.
BOOST_AUTO_TEST_CASE(every_comparable_cell_has_a_margin) {
  for (const Paper& paper : load_papers(TICKETBENCH_PUBLISHED_FOLDER)) {
    for (const PublishedTable& table : paper.tables) {
      for (const Cell& cell : table.cells) {
        if (!cell.comparable()) continue;
        const Margin margin = declared_margin(cell.metric, cell.unit, cell.dataset);
        BOOST_TEST(margin.around(cell.value.value_or(1)) > 0, paper.key << "/" << table.key);
        BOOST_TEST(!margin.reason.empty());
      }
    }
  }
  BOOST_CHECK_THROW(declared_margin("wall_clock", "minutes", "cifar10"), std::invalid_argument);
  BOOST_TEST(declared_margin("test_accuracy", "percent", "cifar10").words() == "±0.3 points");
  BOOST_TEST(declared_margin("flops", "flops", "cifar10").words() == "±2 %");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
