#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numbers>

namespace ticketbench {
namespace {

BOOST_AUTO_TEST_SUITE(rigl_itop)

// Six iterations, an update every two to the very end: at 2 and 4, after the step. Magnitudes are
// those after it, gradients those that it was made with; the fraction falls to 0.005.
BOOST_AUTO_TEST_CASE(updates_follow_the_step_to_the_end) {
  FakeLab lab(small_resnet());
  lab.watch = true;
  run_method(lab, "rigl_itop",
             {{"density", 0.3}, {"drop_fraction", 0.5}, {"update_period", "2it"}});
  for (const Iteration& i : lab.watched) {
    const bool update = i.iteration == 2 || i.iteration == 4;
    BOOST_TEST((i.mask == i.mask_after) == !update);
    if (!update) continue;
    const double fraction =
        0.005 + 0.495 * (1 + std::cos(std::numbers::pi * static_cast<double>(i.iteration) / 6)) / 2;
    for (const auto& [name, m] : i.mask) {
      const torch::Tensor before = m.flatten();
      const torch::Tensor after = i.mask_after.at(name).flatten();
      const auto kept = before.sum().item<int64_t>();
      const auto moved = static_cast<int64_t>(fraction * static_cast<double>(kept));
      BOOST_TEST(after.sum().item<int64_t>() == kept);
      // Grown weights have larger gradients than those that stay pruned.
      const torch::Tensor gradient = i.gradients.at(name).flatten().abs();
      const torch::Tensor fresh = after.logical_and(before.logical_not());
      const torch::Tensor pruned = after.logical_or(before).logical_not();
      BOOST_TEST(fresh.sum().item<int64_t>() <= moved);
      if (fresh.any().item<bool>() && pruned.any().item<bool>())
        BOOST_TEST(gradient.masked_select(fresh).min().item<float>() >=
                   gradient.masked_select(pruned).max().item<float>());
      // It is a step: a kept weight has moved.
      const torch::Tensor stayed = after.logical_and(before);
      BOOST_TEST(!torch::equal(i.weights.at(name).flatten().masked_select(stayed),
                               i.weights_after.at(name).flatten().masked_select(stayed)));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
