#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

BOOST_AUTO_TEST_SUITE(dense)

// The whole phase once, nothing pruned, the initialisation kept to rewind to: what the others are
// compared with must not train longer, shorter, or from another draw.
BOOST_AUTO_TEST_CASE(it_trains_the_whole_phase_once) {
  FakeLab lab(small_resnet());
  run_method(lab, "dense");
  const Training& training = lab.trainings.back();
  BOOST_TEST(training.phase == "train");
  BOOST_TEST(training.from == 0);
  BOOST_TEST(training.to == 6);
  BOOST_TEST(lab.rewinds.empty());
  BOOST_TEST(lab.nets == std::vector<std::string>({"init"}), boost::test_tools::per_element());
  BOOST_TEST_REQUIRE(lab.records.size() == 1U);
  const Recorded& record = lab.records[0];
  BOOST_TEST(record.level == 0);
  BOOST_TEST(record.mask.kept() == record.mask.total());
  BOOST_TEST(same(record.options.rewind_to, training.before));
  BOOST_TEST(same(record.weights, training.after));
  BOOST_TEST(!same(record.weights, record.options.rewind_to));
}

// A ticket that others rewind to on their way: the weights after k iterations, and training goes on
// from there.
BOOST_AUTO_TEST_CASE(it_keeps_the_weights_of_the_rewinding_point) {
  FakeLab lab(small_resnet());
  run_method(lab, "dense", {{"rewind", "2it"}});
  BOOST_TEST_REQUIRE(lab.trainings.size() == 2U);
  BOOST_TEST(lab.trainings[0].to == 2);
  BOOST_TEST(lab.trainings[1].from == 2);
  BOOST_TEST(lab.trainings[1].to == 6);
  const Recorded& record = lab.records.at(0);
  BOOST_TEST(same(record.options.rewind_to, lab.trainings[0].after));
  BOOST_TEST(record.options.rewind_iteration == 2);
  BOOST_TEST(lab.rewinds.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
