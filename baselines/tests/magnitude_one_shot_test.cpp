#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

// Two layers of four weights. Trained magnitudes: 8 7 1 2 and 6 5 3 4 (signs mixed). Half of all
// are 8 7 6 5, half of each layer too; a quarter of all are 8 7, a quarter of each 8 and 6. The
// weights to rewind to are ranked the other way round, so that a ranking of those shows.
Ticket dense_ticket() {
  const Architecture a = linear_architecture({2, 2, 2});
  Ticket ticket = made_ticket(a, 0, 1);
  ticket.trained["fc1.weight"] = torch::tensor({{8.0F, -7.0F}, {1.0F, -2.0F}});
  ticket.trained["fc2.weight"] = torch::tensor({{-6.0F, 5.0F}, {3.0F, 4.0F}});
  ticket.rewind_to["fc1.weight"] = torch::tensor({{0.1F, 0.2F}, {0.8F, 0.7F}});
  ticket.rewind_to["fc2.weight"] = torch::tensor({{0.3F, 0.4F}, {0.6F, 0.5F}});
  return ticket;
}

FakeLab lab_with_source() {
  FakeLab lab(linear_architecture({2, 2, 2}));
  lab.tickets = [](int64_t) { return dense_ticket(); };
  return lab;
}

torch::Tensor mask_of(std::vector<int64_t> kept) {
  return torch::tensor(kept).to(torch::kBool).view({2, 2});
}

BOOST_AUTO_TEST_SUITE(magnitude_one_shot)

BOOST_AUTO_TEST_CASE(it_keeps_the_largest_trained_weights) {
  struct Case {
    double density;
    const char* scope;
    std::vector<int64_t> first;
    std::vector<int64_t> second;
  };
  const Case cases[] = {{0.5, "global", {1, 1, 0, 0}, {1, 1, 0, 0}},
                        {0.25, "global", {1, 1, 0, 0}, {0, 0, 0, 0}},
                        {0.25, "per_layer", {1, 0, 0, 0}, {1, 0, 0, 0}},
                        {0.75, "global", {1, 1, 0, 0}, {1, 1, 1, 1}},
                        {0.75, "per_layer", {1, 1, 0, 1}, {1, 1, 0, 1}}};
  for (const Case& c : cases) {
    FakeLab lab = lab_with_source();
    run_method(lab, "magnitude_one_shot", {{"density", c.density}, {"scope", c.scope}});
    const MaskSet& mask = lab.records.at(0).mask;
    BOOST_TEST(torch::equal(mask.at("fc1.weight"), mask_of(c.first)));
    BOOST_TEST(torch::equal(mask.at("fc2.weight"), mask_of(c.second)));
    BOOST_TEST((lab.trainings.at(0).mask == mask));
    BOOST_TEST(lab.nets.empty());  // from the ticket, not from a new draw
  }
}

// By the weights to rewind to, 0.1 0.2 0.8 0.7 and 0.3 0.4 0.6 0.5, half are 0.8 0.7 0.6 0.5 and a
// quarter the first two. What is trained on is the ways' to say, not the ranking's.
BOOST_AUTO_TEST_CASE(rewound_weights_are_ranked_where_asked) {
  for (const char* retraining : {"weight_rewinding", "fine_tuning"}) {
    FakeLab lab = lab_with_source();
    run_method(lab, "magnitude_one_shot",
               {{"density", 0.25}, {"ranked", "rewound"}, {"retraining", retraining}});
    const MaskSet& mask = lab.records.at(0).mask;
    BOOST_TEST(torch::equal(mask.at("fc1.weight"), mask_of({0, 0, 1, 1})));
    BOOST_TEST(torch::equal(mask.at("fc2.weight"), mask_of({0, 0, 0, 0})));
    const Ticket source = dense_ticket();
    BOOST_TEST(same(lab.trainings.at(0).before, std::string(retraining) == "weight_rewinding"
                                                    ? source.rewind_to
                                                    : source.trained));
  }
}

// The dense network as one of them: nothing pruned, the same extra training.
BOOST_AUTO_TEST_CASE(the_dense_network_is_retrained_like_the_others) {
  FakeLab lab = lab_with_source();
  run_method(lab, "magnitude_one_shot", {{"density", 1}});
  BOOST_TEST(lab.records.at(0).mask.kept() == 8);
  BOOST_TEST_REQUIRE(lab.trainings.size() == 1U);
  BOOST_TEST(lab.trainings[0].phase == "finetune");
  BOOST_TEST(lab.trainings[0].to == 4);
}

// Where it goes on from: its own weights in the phase for it, or those the source rewinds to, over
// what was left of the phase when they were taken.
BOOST_AUTO_TEST_CASE(each_way_to_retrain_has_its_weights_and_span) {
  struct Case {
    const char* retraining;
    const char* phase;
    int64_t from;
    int64_t to;
    bool rewound;
  };
  for (const Case& c : {Case{"fine_tuning", "finetune", 0, 4, false},
                        Case{"learning_rate_rewinding", "train", 2, 6, false},
                        Case{"weight_rewinding", "train", 2, 6, true}}) {
    FakeLab lab = lab_with_source();
    run_method(lab, "magnitude_one_shot", {{"density", 0.5}, {"retraining", c.retraining}});
    BOOST_TEST_REQUIRE(lab.trainings.size() == 1U);
    const Training& training = lab.trainings[0];
    BOOST_TEST(training.phase == c.phase);
    BOOST_TEST(training.from == c.from);
    BOOST_TEST(training.to == c.to);
    const Ticket source = dense_ticket();
    BOOST_TEST(same(training.before, c.rewound ? source.rewind_to : source.trained));
    BOOST_TEST(lab.rewinds.size() == (c.rewound ? 1U : 0U));
    BOOST_TEST(same(lab.records[0].options.rewind_to, source.rewind_to));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
