#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

FakeLab trained() {
  FakeLab lab(linear_architecture({6, 20, 4}));
  lab.lengths["train"] = 8;
  lab.watch = true;
  run_method(lab, "dpf", {{"density", 0.2}, {"update_period", "3it"}, {"end", "6it"}});
  return lab;
}

// Half of the curve is 0.2 + 0.8 / 8 = 0.3 at iteration 3; from 6 on 0.2. Of 200 weights: 60, 40.
MaskSet mask_at(const FakeLab& lab, size_t iteration, int64_t kept) {
  const State& weights = lab.watched[iteration].weights;
  const torch::Tensor flat =
      torch::cat({weights.at("fc1.weight").flatten(), weights.at("fc2.weight").flatten()}).abs();
  const torch::Tensor top = sorted_top(flat, torch::ones({200}, torch::kBool), kept);
  MaskSet mask;
  mask["fc1.weight"] = top.slice(0, 0, 120).view({20, 6}).clone();
  mask["fc2.weight"] = top.slice(0, 120, 200).view({4, 20}).clone();
  return mask;
}

BOOST_AUTO_TEST_SUITE(dpf)

// Every gradient is that of the pruned network, and moves pruned weights as well. At iterations 3
// to 5 the mask is that of iteration 3, and the one of 4 would be another.
BOOST_AUTO_TEST_CASE(the_pruned_networks_gradient_moves_all_weights) {
  FakeLab hand(linear_architecture({6, 20, 4}));
  const FakeLab lab = trained();
  const NetPtr net = hand.fresh_net();
  for (const size_t at : {3U, 4U, 5U}) {
    const MaskSet mask = mask_at(lab, 3, 60);
    net->load(lab.watched[at].weights);
    apply_mask(*net, mask);
    net->zero_grad();
    hand.loss(*net, hand.batch("train", static_cast<int64_t>(at), "train")).backward();
    for (const auto& [name, w] : prunable(*net)) {
      BOOST_TEST(torch::allclose(w.grad(), lab.watched[at].gradients.at(name), 1e-5, 1e-7), name);
      const torch::Tensor pruned = mask.at(name).logical_not();
      BOOST_TEST(!torch::equal(lab.watched[at].weights.at(name).masked_select(pruned),
                               lab.watched[at].weights_after.at(name).masked_select(pruned)));
    }
  }
}

// In the end the mask is chosen once more, of the final weights and exactly as dense as asked for.
BOOST_AUTO_TEST_CASE(the_final_mask_is_that_of_the_final_weights) {
  FakeLab lab = trained();
  BOOST_TEST(lab.records.at(0).mask.kept() == 40);
  lab.watched.push_back(lab.watched.back());
  lab.watched.back().weights = lab.watched.back().weights_after;
  BOOST_TEST((lab.records[0].mask == mask_at(lab, lab.watched.size() - 1, 40)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
