#include "core/widths.hpp"

#include "core/model.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

BOOST_AUTO_TEST_SUITE(widths)

// resnet20 takes 40,813,184 multiply-adds: 442,368 in the stem, 640 in the classifier, which halve
// with the width, and 40,370,176 between channels on both sides, which fall to a quarter:
// 221,184 + 320 + 10,092,544 = 10,314,048.
BOOST_AUTO_TEST_CASE(half_the_width_is_a_quarter_between_the_ends) {
  const Architecture a = make_architecture("resnet20", {});
  const Architecture half = narrowed(a, 0.5);
  BOOST_TEST(mac_count(a) == 40'813'184);
  BOOST_TEST(mac_count(half) == 10'314'048);
  BOOST_TEST(half.stem.conv.in == 3);
  BOOST_TEST(half.stem.conv.out == 8);
  BOOST_TEST(half.classes() == 10);
  BOOST_TEST(half.stages[2].blocks[0].projection->conv.in == 16);
  BOOST_TEST(mac_count(narrowed(a, 1)) == mac_count(a));
}

// The widest that fits: a little wider no longer does. One channel in each layer is the end of it.
BOOST_AUTO_TEST_CASE(the_widest_network_within_a_budget) {
  const Architecture a = make_architecture("resnet20", {});
  for (const double fraction : {0.3, 0.1, 0.05}) {
    const Architecture small = narrowed_to_macs(a, fraction);
    const auto most = static_cast<int64_t>(fraction * static_cast<double>(mac_count(a)));
    BOOST_TEST(mac_count(small) <= most);
    // Widths of the three stages: the next wider network has one more channel in the widest stage.
    const double next = (static_cast<double>(small.classifier[0].in) + 0.5) / 64;
    BOOST_TEST(mac_count(narrowed(a, next)) > most);
  }
  BOOST_CHECK_THROW(narrowed_to_macs(a, 1e-6), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
