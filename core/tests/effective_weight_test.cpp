#include "core/effective_weight.hpp"

#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

BOOST_AUTO_TEST_SUITE(effective_weight)

// Forward the hard value, exactly, also where the soft one is large; backward the soft one's
// gradient, d(3 s)/ds = 3 at every place, also where the hard value is zero.
BOOST_AUTO_TEST_CASE(hard_forward_soft_backward) {
  const torch::Tensor s = torch::tensor({1e6F, -2.0F, 0.1F}).requires_grad_();
  const torch::Tensor hard = torch::tensor({0.0F, 1.0F, 0.3F});
  const torch::Tensor y = straight_through(hard, s);
  BOOST_TEST(torch::equal(y.detach(), hard));
  (3 * y).sum().backward();
  BOOST_TEST(torch::equal(s.grad(), torch::full({3}, 3.0F)));
}

// A pruned weight is zero in the forward pass and gets no gradient; the weight itself is untouched
// until it is written.
BOOST_AUTO_TEST_CASE(masked_weights_live_on) {
  FakeLab lab(linear_architecture({3, 2}));
  const NetPtr net = lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  mask["fc1.weight"][0][1] = false;
  const torch::Tensor& w = net->parameters().at("fc1.weight");
  const torch::Tensor before = w.detach().clone();
  const EffectiveWeight masked = masked_weights(mask);
  masked("fc1.weight", w).sum().backward();
  BOOST_TEST(w.grad().sum().item<double>() == 5);
  BOOST_TEST(w.grad()[0][1].item<double>() == 0);
  BOOST_TEST(torch::equal(w.detach(), before));
  write_effective_weights(*net, masked);
  BOOST_TEST(w.detach().count_nonzero().item<int64_t>() == 5);
  BOOST_TEST(w[0][1].item<double>() == 0);
}

// The same value, and the gradient of the sum, one, at every place: also where it is pruned.
BOOST_AUTO_TEST_CASE(straight_through_reaches_pruned_weights) {
  FakeLab lab(linear_architecture({3, 2}));
  const NetPtr net = lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  mask["fc1.weight"][0][1] = false;
  const torch::Tensor& w = net->parameters().at("fc1.weight");
  const torch::Tensor seen = straight_through_masked_weights(mask)("fc1.weight", w);
  BOOST_TEST(torch::equal(seen.detach(), w.detach() * mask.at("fc1.weight")));
  seen.sum().backward();
  BOOST_TEST(torch::equal(w.grad(), torch::ones({2, 3})));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
