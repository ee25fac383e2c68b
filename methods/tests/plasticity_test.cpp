#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

FakeLab trained(const nlohmann::json& more) {
  FakeLab lab(linear_architecture({6, 20, 4}));
  lab.lengths["train"] = 10;
  lab.watch = true;
  nlohmann::json fields{{"at", "4it"}, {"rate", 0.3}, {"recovery", "3it"}};
  fields.update(more);
  run_method(lab, "plasticity", fields);
  return lab;
}

BOOST_AUTO_TEST_SUITE(plasticity)

// Four iterations dense, then 140 of 200 weights, the largest, for three at the rate of their time.
BOOST_AUTO_TEST_CASE(it_is_pruned_once_and_goes_on) {
  const FakeLab lab = trained(nlohmann::json::object());
  BOOST_TEST_REQUIRE(lab.trainings.size() == 2U);
  BOOST_TEST(lab.trainings[0].to == 4);
  BOOST_TEST(lab.trainings[1].from == 4);
  BOOST_TEST(lab.trainings[1].to == 7);
  const State& w = lab.trainings[0].after;
  const torch::Tensor flat =
      torch::cat({w.at("fc1.weight").flatten(), w.at("fc2.weight").flatten()}).abs();
  const torch::Tensor top = sorted_top(flat, torch::ones({200}, torch::kBool), 140);
  const MaskSet& mask = lab.records.at(0).mask;
  BOOST_TEST(torch::equal(
      torch::cat({mask.at("fc1.weight").flatten(), mask.at("fc2.weight").flatten()}), top));
  BOOST_TEST(mask.kept() == 140);
}

// Regrown, each layer has as many as before; what was pruned and came back starts at zero.
BOOST_AUTO_TEST_CASE(regrowing_restores_each_layers_count) {
  const FakeLab lab = trained({{"operation", "prune_and_regrow"}});
  BOOST_TEST(lab.records.at(0).mask.kept() == 200);
  const State& before = lab.trainings[1].before;
  const int64_t zeros = 200 - before.at("fc1.weight").count_nonzero().item<int64_t>() -
                        before.at("fc2.weight").count_nonzero().item<int64_t>();
  BOOST_TEST(zeros == 60);
}

// Recovery ends with the phase.
BOOST_AUTO_TEST_CASE(recovery_ends_with_the_phase) {
  BOOST_TEST(trained({{"recovery", "50ep"}}).trainings.at(1).to == 10);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
