#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

namespace ticketbench {
namespace {

// W = (a b; c d) with a = 2.7, b = -0.605, c = 0.6, d = 0.1 and x = (1, 2), label 0. Half is kept,
// a and b by magnitude: logits a + 2 b and 0, 1.49 apart, q = 1 / (1 + e^1.49) = 0.184. The scores'
// magnitudes fall by the rate times w g: b's g is -2 q, so 0.605 * 2 q = 0.22; c's is q, 0.11.
// Scaled by sqrt(3) / 2.7 the scores of b and c begin at 0.388 and 0.385; a step of 0.05 makes them
// 0.377 and 0.379: c takes the place of b, though c was pruned and the weights haven't moved.
Ticket unit() {
  Ticket ticket = made_ticket(linear_architecture({2, 2}), 0, 1);
  ticket.trained["fc1.weight"] = torch::tensor({{2.7F, -0.605F}, {0.6F, 0.1F}});
  return ticket;
}

FakeLab trained(int64_t length) {
  FakeLab lab(linear_architecture({2, 2}));
  lab.tickets = [](int64_t) { return unit(); };
  lab.data = {{torch::tensor({1.0F, 2.0F}).view({1, 2, 1, 1}), torch::zeros({1}, torch::kInt64)}};
  lab.lengths["prune"] = length;
  run_method(lab, "hydra", {{"density", 0.5}});
  return lab;
}

BOOST_AUTO_TEST_SUITE(hydra)

BOOST_AUTO_TEST_CASE(scores_choose_and_weights_rest) {
  BOOST_TEST(torch::equal(trained(0).records.at(0).mask.at("fc1.weight"),
                          torch::tensor({{1, 1}, {0, 0}}).to(torch::kBool)));
  const FakeLab lab = trained(1);
  BOOST_TEST(torch::equal(lab.records.at(0).mask.at("fc1.weight"),
                          torch::tensor({{1, 0}, {1, 0}}).to(torch::kBool)));
  BOOST_TEST_REQUIRE(lab.trainings.size() == 2U);
  BOOST_TEST(same(lab.trainings[0].after, unit().trained));
  BOOST_TEST(lab.trainings[1].phase == "finetune");
  BOOST_TEST((lab.trainings[1].mask == lab.records[0].mask));
}

// Each layer keeps the same share: 10 % of each, not of all together.
BOOST_AUTO_TEST_CASE(each_layer_keeps_its_share) {
  FakeLab lab(small_resnet());
  lab.tickets = [](int64_t) { return made_ticket(small_resnet(), 0, 1); };
  run_method(lab, "hydra", {{"density", 0.1}});
  for (const auto& [name, m] : lab.records.at(0).mask) {
    const double share = 0.1 * static_cast<double>(m.numel());
    BOOST_TEST(std::abs(m.sum().item<double>() - share) < 1, name);
  }
}

// Whole filters: of each convolution three quarters of the filters, every one whole or gone, by the
// norm of its scores; the classifier stays dense.
BOOST_AUTO_TEST_CASE(filters_are_kept_whole) {
  FakeLab lab(small_resnet());
  lab.tickets = [](int64_t) { return made_ticket(small_resnet(), 0, 1); };
  lab.lengths["prune"] = 0;
  run_method(lab, "hydra", {{"density", 0.75}, {"structure", {{"kind", "filter"}}}});
  const Ticket source = made_ticket(small_resnet(), 0, 1);
  for (const auto& [name, m] : lab.records.at(0).mask) {
    if (m.dim() != 4) {
      BOOST_TEST(m.all().item<bool>(), name);
      continue;
    }
    const torch::Tensor kept = m.flatten(1).any(1);
    BOOST_TEST(torch::equal(m.flatten(1).all(1), kept), name);
    BOOST_TEST(kept.sum().item<int64_t>() == std::llround(0.75 * static_cast<double>(m.size(0))));
    const torch::Tensor norms = source.trained.at(name).flatten(1).norm(2, 1);
    BOOST_TEST(norms.masked_select(kept).min().item<float>() >=
               norms.masked_select(kept.logical_not()).max().item<float>());
  }
  BOOST_TEST(!lab.records[0].options.density.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
