#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

BOOST_AUTO_TEST_SUITE(dsr)

// Two layers of 120 and 80 weights, all in magnitude above 0.001 and below 1000 at first. With a
// threshold of 1e6 everything goes and half of it is too much; with 1e-9 nothing goes. Either way
// the density stays, and where nothing went nothing may come.
BOOST_AUTO_TEST_CASE(nothing_moves_below_the_threshold) {
  FakeLab lab(linear_architecture({6, 20, 4}));
  lab.watch = true;
  run_method(lab, "dsr", {{"density", 0.25}, {"threshold", 1e-12}, {"update_period", "1it"}});
  for (const Iteration& i : lab.watched) BOOST_TEST((i.mask == i.mask_after));
}

// One update before iteration 2 with a threshold that takes exactly the ten smallest kept weights:
// they may lie in one layer alone. Ten come, each layer by its share of what is left.
BOOST_AUTO_TEST_CASE(layers_grow_by_their_share_of_the_survivors) {
  const auto run = [](double threshold) {
    FakeLab lab(linear_architecture({6, 20, 4}));
    lab.lengths["train"] = 4;
    lab.watch = true;
    run_method(lab, "dsr", {{"density", 0.25}, {"threshold", threshold}, {"update_period", "2it"}});
    return lab;
  };
  const FakeLab dry = run(1e-12);
  std::vector<double> sizes;
  for (const char* name : {"fc1.weight", "fc2.weight"}) {
    const torch::Tensor w = dry.watched[1].weights_after.at(name).abs().masked_select(
        dry.watched[1].mask_after.at(name));
    for (int64_t i = 0; i < w.numel(); ++i) sizes.push_back(w[i].item<double>());
  }
  BOOST_TEST(sizes.size() == 50U);
  std::sort(sizes.begin(), sizes.end());
  const double threshold = (sizes[9] + sizes[10]) / 2;

  const FakeLab lab = run(threshold);
  const MaskSet& before = lab.watched[1].mask_after;
  const MaskSet& after = lab.watched[2].mask_after;
  BOOST_TEST(after.kept() == 50);
  for (const auto& [name, m] : before) {
    const torch::Tensor left =
        m.logical_and(lab.watched[1].weights_after.at(name).abs() >= threshold);
    const auto survivors = left.sum().item<int64_t>();
    const auto kept = after.at(name).sum().item<int64_t>();
    BOOST_TEST(left.logical_and(after.at(name).logical_not()).sum().item<int64_t>() == 0);
    // 10 * survivors / 40, to the nearest whole numbers.
    BOOST_TEST(
        std::abs(static_cast<double>(kept - survivors) - static_cast<double>(survivors) / 4) < 1);
  }
}

// Far too low a threshold doubles at each update: from 2^-40 it needs about thirty to move
// anything.
BOOST_AUTO_TEST_CASE(the_threshold_adapts) {
  FakeLab lab(linear_architecture({6, 20, 4}));
  lab.lengths["train"] = 60;
  lab.watch = true;
  run_method(
      lab, "dsr",
      {{"density", 0.25}, {"threshold", 1e-12}, {"update_period", "1it"}, {"drop_fraction", 0.2}});
  int64_t first = -1;
  for (const Iteration& i : lab.watched) {
    if (first < 0 && i.iteration > 0 &&
        !(lab.watched[static_cast<size_t>(i.iteration) - 1].mask_after == i.mask_after))
      first = i.iteration;
  }
  BOOST_TEST(first > 10);
  BOOST_TEST(first < 45);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
