#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

namespace ticketbench {
namespace {

BOOST_AUTO_TEST_SUITE(str)

// sigmoid(0) = 0.5 is the first threshold: of weights 0.7, -0.3, 0.4, -1.5 the forward pass sees
// 0.2, 0, 0, -1. With x = (1, 2) and label 0 the logits are 0.2 and -2, their difference 2.2 and
// q = 1 / (1 + e^2.2): gradients -q, 0, 0, 2 q, where a hard threshold would leave 0.7 and -1.5.
BOOST_AUTO_TEST_CASE(the_forward_pass_sees_shrunken_weights) {
  FakeLab lab(linear_architecture({2, 2}));
  State weights;
  weights["fc1.weight"] = torch::tensor({{0.7F, -0.3F}, {0.4F, -1.5F}});
  lab.first = weights;
  lab.data = {{torch::tensor({1.0F, 2.0F}).view({1, 2, 1, 1}), torch::zeros({1}, torch::kInt64)}};
  lab.lengths["train"] = 1;
  lab.watch = true;
  run_method(lab, "str", {{"initial_threshold", 0}});
  const double q = 1 / (1 + std::exp(2.2));
  const torch::Tensor expected = torch::tensor({{-q, 0.0}, {0.0, 2 * q}}).to(torch::kFloat32);
  BOOST_TEST(torch::allclose(lab.watched[0].gradients.at("fc1.weight"), expected, 1e-5, 1e-7));

  // One step of rate 0.05 moves the weights to 0.7 + 0.05 q and -1.5 - 0.1 q. The threshold's
  // gradient is sum of -sign(w) sigmoid'(0) dL/dW = (q + 2 q) / 4, so s falls by 0.0375 q.
  const double threshold = 1 / (1 + std::exp(0.0375 * q));
  const torch::Tensor recorded = lab.records.at(0).weights.at("fc1.weight");
  BOOST_TEST(recorded[0][0].item<double>() == 0.7 + 0.05 * q - threshold,
             boost::test_tools::tolerance(1e-5));
  BOOST_TEST(recorded[1][1].item<double>() == -1.5 - 0.1 * q + threshold,
             boost::test_tools::tolerance(1e-5));
  BOOST_TEST(torch::equal(lab.records[0].mask.at("fc1.weight"),
                          torch::tensor({{1, 0}, {0, 1}}).to(torch::kBool)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
