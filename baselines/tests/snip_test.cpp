#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

namespace ticketbench {
namespace {

// A linear unit of two inputs and two classes, W = (a b; c d), with logits (a + 2b, c + 2d) of
// x = (1, 2). W is chosen so that they differ by log 3: the softmax is (3/4, 1/4), and of label 0
//   dL/dW = (-1/4 -1/2; 1/4 1/2),  |g w| = (|a|/4  |b|/2; |c|/4  |d|/2).
// With a = log 3 + 1.6, b = -0.4, c = 0.6, d = 0.1:
//   |g w|: a 0.67, b 0.20, c 0.15, d 0.05     |w|: a, c, b, d     |g|: b = d > a = c
// so that half the weights are a and b by SNIP, a and c by magnitude, b and d by gradient.
FakeLab unit() {
  FakeLab lab(linear_architecture({2, 2}));
  State weights;
  weights["fc1.weight"] =
      torch::tensor({{static_cast<float>(std::log(3.0)) + 1.6F, -0.4F}, {0.6F, 0.1F}});
  lab.first = weights;
  const auto batch = [](float x, float y, int64_t label) {
    return Batch{torch::tensor({x, y}).view({1, 2, 1, 1}), torch::tensor({label}, torch::kInt64)};
  };
  // The second: logits 4a and 4c, 8.4 apart, so the softmax is (1, 0) to 0.03 % and label 1 makes
  // dL/dW = (4 0; -4 0): summed with the first, c counts 2.3 and b still 0.2.
  lab.data = {batch(1, 2, 0), batch(4, 0, 1)};
  return lab;
}

BOOST_AUTO_TEST_SUITE(snip)

BOOST_AUTO_TEST_CASE(it_keeps_the_largest_products_of_gradient_and_weight) {
  FakeLab lab = unit();
  run_method(lab, "snip", {{"density", 0.5}});
  BOOST_TEST_REQUIRE(lab.records.size() == 1U);
  const torch::Tensor expected = torch::tensor({1, 1, 0, 0}, torch::kBool).view({2, 2});
  BOOST_TEST(torch::equal(lab.records[0].mask.at("fc1.weight"), expected));
  // Chosen before training, at the initialisation, and left as it is.
  const Training& training = lab.trainings.back();
  BOOST_TEST((training.mask == lab.records[0].mask));
  BOOST_TEST(same(training.before, *lab.first));
  BOOST_TEST(same(lab.records[0].options.rewind_to, *lab.first));
  BOOST_TEST(training.from == 0);
  BOOST_TEST(training.to == 6);
}

// One, three and all of four, in the order a, b, c, d: sums over batches would hide a wrong order.
BOOST_AUTO_TEST_CASE(densities_take_them_in_order) {
  const std::vector<std::vector<int64_t>> expected{{1, 0, 0, 0}, {1, 1, 1, 0}, {1, 1, 1, 1}};
  const double densities[] = {0.25, 0.75, 1};
  for (size_t i = 0; i < 3; ++i) {
    FakeLab lab = unit();
    run_method(lab, "snip", {{"density", densities[i]}});
    BOOST_TEST(torch::equal(lab.records[0].mask.at("fc1.weight"),
                            torch::tensor(expected[i]).to(torch::kBool).view({2, 2})));
  }
}

// Over two batches gradients are summed before the product's magnitude is taken.
BOOST_AUTO_TEST_CASE(batches_are_summed) {
  FakeLab lab = unit();
  run_method(lab, "snip", {{"density", 0.5}, {"num_batches", 2}});
  BOOST_TEST(torch::equal(lab.records[0].mask.at("fc1.weight"),
                          torch::tensor({1, 0, 1, 0}, torch::kBool).view({2, 2})));
}

// On rewound weights: dense up to k, scored there, on from there. The weights after k iterations
// are no longer the first ones, and the mask is the one they score.
BOOST_AUTO_TEST_CASE(scores_are_those_of_the_rewinding_point) {
  FakeLab lab = unit();
  run_method(lab, "snip", {{"density", 0.5}, {"rewind", "2it"}});
  BOOST_TEST_REQUIRE(lab.trainings.size() == 2U);
  BOOST_TEST(lab.trainings[0].to == 2);
  BOOST_TEST(lab.trainings[0].mask.kept() == 4);
  const State w_k = lab.records.at(0).options.rewind_to;
  BOOST_TEST(!same(w_k, *lab.first));
  BOOST_TEST(same(lab.trainings[1].before, w_k));
  BOOST_TEST(lab.trainings[1].from == 2);
  BOOST_TEST(lab.trainings[1].to == 6);
  BOOST_TEST(lab.records[0].options.rewind_iteration == 2);

  FakeLab late = unit();
  late.first = w_k;
  run_method(late, "snip", {{"density", 0.5}});
  BOOST_TEST((late.records.at(0).mask == lab.records[0].mask));
}

// Over all layers of a net together, and exactly as many as asked for.
BOOST_AUTO_TEST_CASE(it_ranks_globally_and_counts_exactly) {
  FakeLab lab(small_resnet());
  run_method(lab, "snip", {{"density", 0.1}});
  const MaskSet& mask = lab.records[0].mask;
  BOOST_TEST(mask.kept() == std::llround(0.1 * static_cast<double>(mask.total())));
  int64_t uniform = 0;
  for (const auto& [name, m] : mask)
    uniform +=
        m.sum().item<int64_t>() == std::llround(0.1 * static_cast<double>(m.numel())) ? 1 : 0;
  BOOST_TEST(uniform < static_cast<int64_t>(mask.size()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
