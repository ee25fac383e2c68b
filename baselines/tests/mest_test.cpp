#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

namespace ticketbench {
namespace {

// 200 weights, density 0.3 and 0.1 more at first; epochs of two iterations, the end at 6 of 8:
// updates after iterations 2, 4 and 6 at t = 1/3, 2/3, 1: densities 0.4 - 0.1 t, so 80 kept first,
// then 73, 67 and 60, and nothing moves at the end.
FakeLab trained(double gradient_weight) {
  FakeLab lab(linear_architecture({6, 20, 4}));
  lab.lengths["train"] = 8;
  lab.watch = true;
  run_method(lab, "mest",
             {{"density", 0.3},
              {"extra_density", 0.1},
              {"drop_fraction", 0.3},
              {"stop", "6it"},
              {"gradient_weight", gradient_weight}});
  return lab;
}

BOOST_AUTO_TEST_SUITE(mest)

BOOST_AUTO_TEST_CASE(the_extra_density_melts) {
  std::vector<int64_t> kept;
  for (const Iteration& i : trained(0.01).watched) kept.push_back(i.mask_after.kept());
  BOOST_TEST(kept == std::vector<int64_t>({80, 80, 73, 73, 67, 67, 60, 60}),
             boost::test_tools::per_element());
}

// The last update only drops: what stays has the largest |w| + lambda |g| of each layer, of weights
// after the step. With a huge lambda the gradient alone decides, another choice.
BOOST_AUTO_TEST_CASE(importance_is_magnitude_and_gradient) {
  for (const double lambda : {0.01, 1e4}) {
    const FakeLab lab = trained(lambda);
    const Iteration& last = lab.watched[6];
    for (const auto& [name, m] : last.mask) {
      const torch::Tensor left = last.mask_after.at(name);
      BOOST_TEST(left.logical_and(m.logical_not()).sum().item<int64_t>() == 0);
      const torch::Tensor gone = m.logical_and(left.logical_not());
      if (!gone.any().item<bool>()) continue;
      const torch::Tensor gradient = last.gradients.at(name).abs();
      if (lambda > 1)
        BOOST_TEST(gradient.masked_select(left).min().item<float>() >=
                   gradient.masked_select(gone).max().item<float>() - 1e-3F);
    }
  }
  BOOST_TEST(!(trained(0.01).watched[2].mask_after == trained(1e4).watched[2].mask_after));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
