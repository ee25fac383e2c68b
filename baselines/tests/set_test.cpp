#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

FakeLab trained(uint64_t seed) {
  FakeLab lab(small_resnet(), seed);
  lab.watch = true;
  run_method(lab, "set", {{"density", 0.3}, {"drop_fraction", 0.4}});
  return lab;
}

BOOST_AUTO_TEST_SUITE(set)

// Epochs of two iterations: updates before the third and the fifth. What stays of a layer is its
// largest 60 %; what comes isn't told by magnitude (all zero) nor by gradient.
BOOST_AUTO_TEST_CASE(after_each_epoch_the_smallest_go_and_random_ones_come) {
  const FakeLab lab = trained(1);
  int64_t by_gradient = 0;
  int64_t grown = 0;
  for (size_t at = 0; at + 1 < lab.watched.size(); ++at) {
    const MaskSet& before = lab.watched[at].mask_after;
    const MaskSet& after = lab.watched[at + 1].mask_after;
    const bool update = at + 1 == 2 || at + 1 == 4;
    BOOST_TEST((before == after) == !update);
    if (!update) continue;
    for (const auto& [name, m] : before) {
      const torch::Tensor mask = m.flatten();
      const torch::Tensor next = after.at(name).flatten();
      const auto kept = mask.sum().item<int64_t>();
      const auto moved = static_cast<int64_t>(0.4 * static_cast<double>(kept));
      const torch::Tensor left =
          sorted_top(lab.watched[at].weights_after.at(name).flatten().abs(), mask, kept - moved);
      BOOST_TEST(left.logical_and(next.logical_not()).sum().item<int64_t>() == 0);
      BOOST_TEST(next.sum().item<int64_t>() == kept);
      const torch::Tensor fresh = next.logical_and(left.logical_not());
      const torch::Tensor best = sorted_top(lab.watched[at + 1].gradients.at(name).flatten().abs(),
                                            left.logical_not(), moved);
      by_gradient += fresh.logical_and(best).sum().item<int64_t>();
      grown += moved;
    }
  }
  // At random about a quarter to a half would be among the best by chance, never nearly all.
  BOOST_TEST(by_gradient * 10 < grown * 9);
}

BOOST_AUTO_TEST_CASE(another_seed_grows_others) {
  BOOST_TEST((trained(1).records[0].mask == trained(1).records[0].mask));
  BOOST_TEST(!(trained(1).records[0].mask == trained(2).records[0].mask));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
