#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

FakeLab lab_with_source(uint64_t seed = 1) {
  FakeLab lab(small_resnet(), seed);
  lab.tickets = [](int64_t) { return made_ticket(small_resnet(), 3, 0.3); };
  return lab;
}

BOOST_AUTO_TEST_SUITE(imp_reinit)

// The mask stays, the weights are a draw of their own: neither the ticket's, nor those of the
// stream that every other net begins with.
BOOST_AUTO_TEST_CASE(it_keeps_the_mask_and_draws_the_weights_again) {
  FakeLab lab = lab_with_source();
  run_method(lab, "imp_reinit");
  const Ticket source = made_ticket(small_resnet(), 3, 0.3);
  BOOST_TEST((lab.records.at(0).mask == source.mask));
  BOOST_TEST((lab.trainings.at(0).mask == source.mask));
  const State& start = lab.trainings[0].before;
  for (const std::string& name : source.prunable) {
    BOOST_TEST(!torch::equal(start.at(name), source.rewind_to.at(name)));
    BOOST_TEST(!torch::equal(start.at(name), source.trained.at(name)));
    BOOST_TEST(!torch::equal(start.at(name), lab.fresh_net()->parameters().at(name).detach()));
  }
  BOOST_TEST(lab.trainings[0].from == 0);
  BOOST_TEST(lab.records[0].level == 3);
  BOOST_TEST(same(lab.records[0].options.rewind_to, start));
}

BOOST_AUTO_TEST_CASE(another_seed_is_another_draw) {
  FakeLab first = lab_with_source(1);
  FakeLab other = lab_with_source(2);
  for (FakeLab* lab : {&first, &other}) run_method(*lab, "imp_reinit");
  BOOST_TEST(!same(first.trainings.at(0).before, other.trainings.at(0).before));
  BOOST_TEST((first.records.at(0).mask == other.records.at(0).mask));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
