#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

namespace ticketbench {
namespace {

// The mask after `rounds` rounds to `density`, by hand: weights that are zero where pruned are
// leaves of their own, and a pruned one is scored by its gradient there times its true value.
std::vector<MaskSet> masks_by_hand(FakeLab& lab, double density, int64_t rounds) {
  const NetPtr net = lab.fresh_net();
  const Batch batch = lab.batches(1, {}).at(0);
  const State first = net->snapshot();
  MaskSet mask = MaskSet::ones(*net);
  std::vector<MaskSet> masks;
  for (int64_t round = 1; round <= rounds; ++round) {
    net->load(first);
    apply_mask(*net, mask);
    net->zero_grad();
    lab.loss(*net, batch).backward();
    std::vector<torch::Tensor> scores;
    std::vector<torch::Tensor> all;
    for (const auto& [name, w] : prunable(*net)) {
      scores.push_back((w.grad() * first.at(name)).abs().flatten());
      all.push_back(torch::ones({w.numel()}, torch::kBool));
    }
    const double left = std::pow(density, static_cast<double>(round) / static_cast<double>(rounds));
    const torch::Tensor flat = torch::cat(scores);
    const torch::Tensor top =
        sorted_top(flat, torch::cat(all), std::llround(left * static_cast<double>(flat.numel())));
    int64_t begin = 0;
    for (const auto& [name, w] : prunable(*net)) {
      mask[name] = top.slice(0, begin, begin + w.numel()).view(w.sizes()).clone();
      begin += w.numel();
    }
    masks.push_back(mask);
  }
  return masks;
}

BOOST_AUTO_TEST_SUITE(iterative_snip)

// Five rounds on two layers: exactly the masks of the definition, in which weights come back; in
// nested rounds none would, and at once it would be SNIP's mask.
BOOST_AUTO_TEST_CASE(pruned_weights_may_come_back) {
  const Architecture architecture = linear_architecture({6, 20, 4});
  FakeLab hand(architecture);
  const std::vector<MaskSet> expected = masks_by_hand(hand, 0.1, 5);
  int64_t came_back = 0;
  for (size_t i = 1; i < expected.size(); ++i) {
    for (const auto& [name, m] : expected[i])
      came_back += m.logical_and(expected[i - 1].at(name).logical_not()).sum().item<int64_t>();
  }
  BOOST_TEST(came_back > 0);

  FakeLab lab(architecture);
  run_method(lab, "iterative_snip", {{"density", 0.1}, {"rounds", 5}});
  BOOST_TEST((lab.records.at(0).mask == expected.back()));
  BOOST_TEST(same(lab.trainings.at(0).before, lab.records.at(0).options.rewind_to));
}

BOOST_AUTO_TEST_CASE(one_round_is_snip) {
  FakeLab lab(small_resnet());
  run_method(lab, "iterative_snip", {{"density", 0.1}, {"rounds", 1}});
  FakeLab snip(small_resnet());
  run_method(snip, "snip", {{"density", 0.1}});
  BOOST_TEST((lab.records.at(0).mask == snip.records.at(0).mask));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
