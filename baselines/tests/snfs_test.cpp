#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numbers>

namespace ticketbench {
namespace {

BOOST_AUTO_TEST_SUITE(snfs)

// Epochs of two iterations, six in all: updates after iterations 2 and 4. The smoothed gradient at
// 2 is 0.5 g2 + 0.25 g1 + 0.125 g0 of dense gradients. What each layer grows is its share of the
// mean |smoothed gradient| of its kept weights, times all that was dropped, to the nearest whole
// numbers; in each the largest come.
BOOST_AUTO_TEST_CASE(layers_grow_by_their_share_of_momentum) {
  FakeLab lab(linear_architecture({6, 30, 20, 4}));
  lab.watch = true;
  run_method(lab, "snfs", {{"density", 0.3}, {"drop_fraction", 0.5}, {"smoothing", 0.5}});
  const Iteration& update = lab.watched[2];
  BOOST_TEST((update.mask_after == update.mask) == false);
  BOOST_TEST((lab.watched[1].mask_after == lab.watched[1].mask));
  BOOST_TEST(update.mask_after.kept() == update.mask.kept());

  const double fraction = 0.5 * (1 + std::cos(std::numbers::pi * 2 / 6)) / 2;
  double sum = 0;
  int64_t dropped = 0;
  std::map<std::string, double> mean;
  std::map<std::string, torch::Tensor> momentum;
  std::map<std::string, torch::Tensor> left;
  for (const auto& [name, m] : update.mask) {
    momentum[name] = (0.5 * update.gradients.at(name) + 0.25 * lab.watched[1].gradients.at(name) +
                      0.125 * lab.watched[0].gradients.at(name))
                         .flatten()
                         .abs();
    const torch::Tensor mask = m.flatten();
    const auto kept = mask.sum().item<int64_t>();
    const auto moved = static_cast<int64_t>(std::floor(fraction * static_cast<double>(kept)));
    mean[name] = momentum[name].masked_select(mask).mean().item<double>();
    sum += mean[name];
    dropped += moved;
    // Magnitudes after the step: those of the kept weights, before the update zeroed any.
    left[name] = update.mask_after.at(name).flatten().logical_and(mask);
  }
  for (const auto& [name, m] : update.mask) {
    const auto before = m.sum().item<int64_t>();
    const auto after = update.mask_after.at(name).sum().item<int64_t>();
    const auto moved = static_cast<int64_t>(std::floor(fraction * static_cast<double>(before)));
    const double share = mean[name] / sum * static_cast<double>(dropped);
    const int64_t grown = after - (before - moved);
    BOOST_TEST(std::abs(static_cast<double>(grown) - share) < 1, name);
    const torch::Tensor fresh =
        update.mask_after.at(name).flatten().logical_and(left[name].logical_not());
    const torch::Tensor still =
        update.mask_after.at(name).flatten().logical_or(m.flatten()).logical_not();
    if (fresh.any().item<bool>() && still.any().item<bool>())
      BOOST_TEST(momentum[name].masked_select(fresh).min().item<float>() >=
                 momentum[name].masked_select(still).max().item<float>() - 1e-9F);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
