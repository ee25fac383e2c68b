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
  BOOST_TEST_REQUIRE(lab.trainings.size() == 1U);
  BOOST_TEST(lab.trainings[0].phase == "train");
  BOOST_TEST(lab.trainings[0].from == 0);
  BOOST_TEST(lab.trainings[0].to == 6);
  BOOST_TEST(lab.nets == std::vector<std::string>({"init"}), boost::test_tools::per_element());
  BOOST_TEST_REQUIRE(lab.records.size() == 1U);
  const Recorded& record = lab.records[0];
  BOOST_TEST(record.level == 0);
  BOOST_TEST(record.mask.kept() == record.mask.total());
  BOOST_TEST(same(record.options.rewind_to, lab.trainings[0].before));
  BOOST_TEST(same(record.weights, lab.trainings[0].after));
  BOOST_TEST(!same(record.weights, record.options.rewind_to));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
