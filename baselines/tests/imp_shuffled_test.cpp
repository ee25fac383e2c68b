#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

FakeLab lab_with_source(uint64_t seed = 1) {
  FakeLab lab(small_resnet(), seed);
  lab.tickets = [](int64_t) { return made_ticket(small_resnet(), 3, 0.3); };
  return lab;
}

BOOST_AUTO_TEST_SUITE(imp_shuffled)

// A shuffle that is computed and dropped leaves the mask as it was; one over all layers
// together changes the counts. Each layer must keep its count and change its places.
BOOST_AUTO_TEST_CASE(it_moves_weights_within_each_layer) {
  FakeLab lab = lab_with_source();
  run_method(lab, "imp_shuffled");
  const MaskSet before = made_ticket(small_resnet(), 3, 0.3).mask;
  const MaskSet& after = lab.records.at(0).mask;
  BOOST_TEST(after.names() == before.names(), boost::test_tools::per_element());
  for (const auto& [name, m] : after) {
    const torch::Tensor& old = before.at(name);
    BOOST_TEST(m.sum().item<int64_t>() == old.sum().item<int64_t>());
    BOOST_TEST(!torch::equal(m, old));
  }
  BOOST_TEST((lab.trainings.at(0).mask == after));
}

BOOST_AUTO_TEST_CASE(another_seed_is_another_shuffle) {
  FakeLab first = lab_with_source(1);
  FakeLab again = lab_with_source(1);
  FakeLab other = lab_with_source(2);
  for (FakeLab* lab : {&first, &again, &other}) run_method(*lab, "imp_shuffled");
  BOOST_TEST((first.records.at(0).mask == again.records.at(0).mask));
  BOOST_TEST((first.records.at(0).mask != other.records.at(0).mask));
}

// On the weights of the ticket, from the point they were taken at, under the ticket's level: from
// iteration 0 it would train longer than the ticket did.
BOOST_AUTO_TEST_CASE(weights_are_those_the_ticket_rewinds_to) {
  FakeLab lab = lab_with_source();
  run_method(lab, "imp_shuffled");
  const Ticket source = made_ticket(small_resnet(), 3, 0.3);
  BOOST_TEST_REQUIRE(lab.trainings.size() == 1U);
  BOOST_TEST(same(lab.trainings[0].before, source.rewind_to));
  BOOST_TEST(lab.trainings[0].from == 2);
  BOOST_TEST(lab.trainings[0].to == 6);
  BOOST_TEST(lab.records.at(0).level == 3);
  BOOST_TEST(same(lab.records[0].options.rewind_to, source.rewind_to));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
