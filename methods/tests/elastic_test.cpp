#include "core/model.hpp"
#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

Architecture of(const std::string& model) {
  return make_architecture(model, {.input = {3, 8, 8}, .classes = 4});
}

FakeLab trained(const nlohmann::json& fields = nlohmann::json::object()) {
  FakeLab lab(of("resnet20"));
  lab.tickets = [](int64_t) { return made_ticket(of("resnet14"), 5, 0.2); };
  run_method(lab, "elastic", fields);
  return lab;
}

BOOST_AUTO_TEST_SUITE(elastic)

// One training of the deeper network, from the iteration at which the source's weights were taken,
// with stretched weights and mask; nothing is ranked anew.
BOOST_AUTO_TEST_CASE(a_stretched_ticket_is_trained_from_its_rewind_point) {
  const FakeLab lab = trained();
  const Ticket source = made_ticket(of("resnet14"), 5, 0.2);
  BOOST_TEST_REQUIRE(lab.trainings.size() == 1U);
  BOOST_TEST(lab.trainings[0].from == 2);
  const Recorded& record = lab.records.at(0);
  BOOST_TEST(record.level == 5);
  BOOST_TEST(record.architecture.model == "resnet20");
  for (const char* block : {"layer3.1", "layer3.2"}) {
    const std::string name = std::string(block) + ".conv2.weight";
    BOOST_TEST(torch::equal(record.mask.at(name), source.mask.at("layer3.1.conv2.weight")));
    BOOST_TEST(torch::equal(lab.trainings[0].before.at(name),
                            source.rewind_to.at("layer3.1.conv2.weight")));
  }
  BOOST_TEST((lab.trainings[0].mask == record.mask));
}

BOOST_AUTO_TEST_CASE(another_dataset_begins_at_the_beginning) {
  const FakeLab lab = trained({{"start", "beginning"}});
  BOOST_TEST(lab.trainings.at(0).from == 0);
  BOOST_TEST(lab.records.at(0).options.rewind_iteration == 0);
}

// A classifier of ten classes doesn't fit four: it is new, and dense.
BOOST_AUTO_TEST_CASE(other_classes_get_a_new_classifier) {
  FakeLab lab(of("resnet20"));
  lab.tickets = [](int64_t) {
    return made_ticket(make_architecture("resnet14", {.input = {3, 8, 8}, .classes = 10}), 5, 0.2);
  };
  run_method(lab, "elastic");
  BOOST_TEST(lab.records.at(0).mask.at("fc.weight").all().item<bool>());
  BOOST_TEST(torch::equal(lab.trainings.at(0).before.at("fc.weight"),
                          lab.fresh_net()->snapshot().at("fc.weight")));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
