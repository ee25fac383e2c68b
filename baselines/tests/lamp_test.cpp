#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

// Trained weights 3, 1, 2, 0.5 and 0.1, 0.2, 0.3, 0.4: scores 1, 1/14, 4/13, 0.25/14.25 and
// 0.01/0.30, 0.04/0.29, 0.09/0.25, 1. Half of them: 3 and 2 of the first layer, 0.3 and 0.4 of the
// second. By magnitude the second layer would lose all.
Ticket unit() {
  Ticket ticket = made_ticket(linear_architecture({2, 2, 2}), 0, 1);
  ticket.trained["fc1.weight"] = torch::tensor({{3.0F, 1.0F}, {-2.0F, 0.5F}});
  ticket.trained["fc2.weight"] = torch::tensor({{0.1F, 0.2F}, {0.3F, -0.4F}});
  return ticket;
}

BOOST_AUTO_TEST_SUITE(lamp)

BOOST_AUTO_TEST_CASE(layers_are_made_comparable) {
  FakeLab lab(linear_architecture({2, 2, 2}));
  lab.tickets = [](int64_t) { return unit(); };
  run_method(lab, "lamp", {{"density", 0.5}});
  const MaskSet& mask = lab.records.at(0).mask;
  BOOST_TEST(torch::equal(mask.at("fc1.weight"), torch::tensor({{1, 0}, {1, 0}}).to(torch::kBool)));
  BOOST_TEST(torch::equal(mask.at("fc2.weight"), torch::tensor({{0, 0}, {1, 1}}).to(torch::kBool)));
  BOOST_TEST(lab.trainings.at(0).phase == "finetune");
  BOOST_TEST(same(lab.trainings.at(0).before, unit().trained));
}

BOOST_AUTO_TEST_CASE(rewinding_starts_from_the_tickets_weights) {
  FakeLab lab(linear_architecture({2, 2, 2}));
  lab.tickets = [](int64_t) { return unit(); };
  run_method(lab, "lamp", {{"density", 0.5}, {"retraining", "weight_rewinding"}});
  BOOST_TEST(lab.trainings.at(0).phase == "train");
  BOOST_TEST(lab.trainings.at(0).from == 2);
  BOOST_TEST(same(lab.trainings.at(0).before, unit().rewind_to));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
