#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

BOOST_AUTO_TEST_SUITE(small_dense)

// A tenth of the multiply-adds, as many as fit; dense, on the same images and classes, and drawn
// from the stream of every other first network.
BOOST_AUTO_TEST_CASE(it_is_narrower_and_dense) {
  FakeLab lab(small_resnet());
  run_method(lab, "small_dense", {{"macs_fraction", 0.1}});
  const Recorded& record = lab.records.at(0);
  BOOST_TEST(record.mask.kept() == record.mask.total());
  const int64_t most = mac_count(small_resnet()) / 10;
  BOOST_TEST(mac_count(record.architecture) <= most);
  BOOST_TEST(mac_count(record.architecture) > most / 2);
  BOOST_TEST(record.architecture.classes() == 4);
  BOOST_TEST(lab.nets == std::vector<std::string>({"init"}), boost::test_tools::per_element());
  BOOST_TEST(same(lab.trainings.at(0).before, record.options.rewind_to));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
