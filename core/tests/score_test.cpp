#include "core/score.hpp"

#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

BOOST_AUTO_TEST_SUITE(score)

NetPtr unit(FakeLab& lab) {
  const NetPtr net = lab.fresh_net();
  const torch::NoGradGuard no_grad;
  torch::Tensor(net->parameters().at("fc1.weight")).copy_(torch::tensor({{3.0, -1.0}, {2.0, 2.0}}));
  return net;
}

// Squares 9, 1, 4, 4, from large to small 9, 4, 4, 1: each over the sum so far, 9/9, 4/13, 4/17,
// 1/18. Of the two equal ones the first counts as the larger.
BOOST_AUTO_TEST_CASE(lamp_divides_by_all_that_are_not_smaller) {
  FakeLab lab(linear_architecture({2, 2}));
  const torch::Tensor expected =
      torch::tensor({{1.0, 1.0 / 18}, {4.0 / 13, 4.0 / 17}}, torch::kFloat64);
  BOOST_TEST(torch::allclose(lamp(*unit(lab)).at("fc1.weight"), expected, 1e-12, 0));
}

BOOST_AUTO_TEST_CASE(gradients_are_asked_for_in_vain_before_a_backward_pass) {
  FakeLab lab(linear_architecture({2, 2}));
  const NetPtr net = unit(lab);
  BOOST_CHECK_THROW(sensitivity(*net), std::logic_error);
  BOOST_CHECK_THROW(gradient_magnitude(*net), std::logic_error);
  (net->parameters().at("fc1.weight") * torch::tensor({{-1.0F, 5.0F}, {0.0F, 2.0F}}))
      .sum()
      .backward();
  BOOST_TEST(torch::equal(gradient_magnitude(*net).at("fc1.weight"),
                          torch::tensor({{1.0F, 5.0F}, {0.0F, 2.0F}})));
  BOOST_TEST(torch::equal(sensitivity(*net).at("fc1.weight"),
                          torch::tensor({{3.0F, 5.0F}, {0.0F, 4.0F}})));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
