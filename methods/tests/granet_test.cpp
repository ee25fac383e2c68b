#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numbers>

namespace ticketbench {
namespace {

// Ten iterations, updates every two; the density falls from 1 to 0.2 until iteration 5, which is an
// update too: t = 2/5, 4/5, 1 give 0.2 + 0.8 (1 - t)^3 = 0.3728, 0.2064, 0.2. Of 200 weights 75,
// 41,
// 40. Afterwards, at 6 and 8, weights are only regenerated.
FakeLab trained(double initial_density = 1) {
  FakeLab lab(linear_architecture({6, 20, 4}));
  lab.lengths["train"] = 10;
  lab.watch = true;
  run_method(lab, "granet",
             {{"initial_density", initial_density},
              {"density", 0.2},
              {"update_period", "2it"},
              {"prune_end", "5it"}});
  return lab;
}

BOOST_AUTO_TEST_SUITE(granet)

BOOST_AUTO_TEST_CASE(the_density_falls_and_is_held) {
  std::vector<int64_t> kept;
  const FakeLab lab = trained();
  for (const Iteration& i : lab.watched) {
    kept.push_back(i.mask_after.kept());
    const bool update = i.iteration == 5 || (i.iteration > 0 && i.iteration % 2 == 0);
    if (!update) BOOST_TEST((i.mask == i.mask_after));
  }
  BOOST_TEST(kept == std::vector<int64_t>({200, 200, 75, 75, 41, 40, 40, 40, 40, 40}),
             boost::test_tools::per_element());
}

// Sparse to sparse: ERK at half of all weights, then the same curve from 0.5.
BOOST_AUTO_TEST_CASE(it_may_begin_sparse) {
  const FakeLab lab = trained(0.5);
  BOOST_TEST(lab.watched[0].mask.kept() == 100);
  BOOST_TEST(lab.watched[2].mask_after.kept() == std::llround(200 * (0.2 + 0.3 * 0.216)));
}

// Regeneration after the density has settled, at iteration 8: in each layer the floor of the
// fraction of its kept weights goes, by magnitude after the step, and as many come by the dense
// gradient that the step was made with. New ones start at zero.
BOOST_AUTO_TEST_CASE(weights_are_regenerated_layer_by_layer) {
  const FakeLab lab = trained();
  const Iteration& update = lab.watched[8];
  const double fraction = 0.005 + 0.495 * (1 + std::cos(std::numbers::pi * 0.8)) / 2;
  for (const auto& [name, m] : update.mask) {
    const torch::Tensor before = m.flatten();
    const torch::Tensor after = update.mask_after.at(name).flatten();
    const auto kept = before.sum().item<int64_t>();
    const auto moved = static_cast<int64_t>(fraction * static_cast<double>(kept));
    BOOST_TEST(after.sum().item<int64_t>() == kept);
    const torch::Tensor fresh = after.logical_and(before.logical_not());
    BOOST_TEST(fresh.sum().item<int64_t>() <= moved);
    const torch::Tensor gradient = update.gradients.at(name).flatten().abs();
    const torch::Tensor still = after.logical_or(before).logical_not();
    if (fresh.any().item<bool>())
      BOOST_TEST(gradient.masked_select(fresh).min().item<float>() >=
                 gradient.masked_select(still).max().item<float>());
    const torch::Tensor w = update.weights_after.at(name).flatten();
    BOOST_TEST(w.masked_select(fresh).count_nonzero().item<int64_t>() == 0);
  }
}

// While the density falls the ranking is over all layers: by layers both would keep the same share.
BOOST_AUTO_TEST_CASE(pruning_is_global) {
  const MaskSet mask = trained().watched[2].mask_after;
  const double first = mask.at("fc1.weight").to(torch::kFloat64).mean().item<double>();
  const double second = mask.at("fc2.weight").to(torch::kFloat64).mean().item<double>();
  BOOST_TEST(std::abs(first - second) > 0.02);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
