#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numbers>

namespace ticketbench {
namespace {

// Six iterations, updates at 2 and 4 (T_end = 5, period 2): 0 is none (nothing has been learnt), 5
// comes too late. At t of T_end the fraction is alpha (1 + cos(pi t / T_end)) / 2.
FakeLab trained(double density = 0.3) {
  FakeLab lab(small_resnet());
  lab.watch = true;
  run_method(
      lab, "rigl",
      {{"density", density}, {"drop_fraction", 0.6}, {"update_period", "2it"}, {"stop", "5it"}});
  return lab;
}

BOOST_AUTO_TEST_SUITE(rigl)

// Layer by layer: the floor of the fraction of kept weights goes, the smallest magnitudes; as many
// come, the largest dense gradients outside of what is left. By a masked gradient nothing new could
// be told apart; a ranking over all layers would change their counts.
BOOST_AUTO_TEST_CASE(small_weights_go_and_large_gradients_come) {
  const FakeLab lab = trained();
  for (const Iteration& i : lab.watched) {
    const bool update = i.iteration == 2 || i.iteration == 4;
    BOOST_TEST((i.mask == i.mask_after) == !update);
    if (!update) continue;
    const double t = static_cast<double>(i.iteration) / 5;
    const double fraction = 0.6 * (1 + std::cos(std::numbers::pi * t)) / 2;
    for (const auto& [name, m] : i.mask) {
      const torch::Tensor mask = m.flatten();
      const auto kept = mask.sum().item<int64_t>();
      const auto moved = static_cast<int64_t>(fraction * static_cast<double>(kept));
      const torch::Tensor left = sorted_top(i.weights.at(name).flatten().abs(), mask, kept - moved);
      const torch::Tensor grown =
          sorted_top(i.gradients.at(name).flatten().abs(), left.logical_not(), moved);
      BOOST_TEST(torch::equal(i.mask_after.at(name).flatten(), left.logical_or(grown)), name);
    }
  }
}

// An update takes the place of the optimizer's step, and grown weights start at zero: kept weights
// are what they were, all others zero.
BOOST_AUTO_TEST_CASE(an_update_moves_no_weight) {
  const FakeLab lab = trained();
  for (const int64_t at : {2, 4}) {
    const Iteration& i = lab.watched[static_cast<size_t>(at)];
    for (const auto& [name, m] : i.mask)
      BOOST_TEST(
          torch::equal(i.weights_after.at(name), i.weights.at(name) * m * i.mask_after.at(name)));
    BOOST_TEST(torch::equal(i.weights_after.at("fc.bias"), i.weights.at("fc.bias")));
  }
}

BOOST_AUTO_TEST_CASE(the_density_is_held) {
  const FakeLab lab = trained(0.15);
  const auto expected = std::llround(0.15 * static_cast<double>(lab.records[0].mask.total()));
  for (const Iteration& i : lab.watched) BOOST_TEST(i.mask_after.kept() == expected);
  BOOST_TEST(lab.records[0].mask.kept() == expected);
  BOOST_TEST((lab.records[0].mask == lab.watched.back().mask_after));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
