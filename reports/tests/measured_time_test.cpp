// Essence of testing: a join by the wrong key (another run, another level), a batch taken for an
// image, an older or a mistrusted measurement each give another number.

#include "reports/measured_time.hpp"

#include "reports/tests/probe_sample.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace ticketbench {
namespace {

const std::string kRun(64, 'a');

BOOST_AUTO_TEST_SUITE(measured_time)

// 2 ms for 100 images: 20 microseconds each, five times the dense 10 ms. Other runs, other levels
// and single layers don't count.
BOOST_AUTO_TEST_CASE(a_ticket_has_the_time_of_its_own_probe) {
  ProbeFile layer = network_probe(kRun, 3, 0.0001, "2026-01-02");
  layer.rows[0].kind = "layer";
  const auto times = measured_times(
      {{kRun, 3}},
      {network_probe(kRun, 3, 0.002, "2026-01-01"), network_probe(kRun, 2, 0.001, "2026-01-02"),
       network_probe(std::string(64, 'b'), 3, 0.001, "2026-01-02"), layer});
  BOOST_REQUIRE(times.size() == 1U);
  BOOST_TEST(times[0].device == "A processor, 2 threads, batch 100");
  BOOST_TEST(times[0].seconds_per_image == 2e-5, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(times[0].speedup.value() == 5.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(times[0].n == 1);
}

BOOST_AUTO_TEST_CASE(the_newest_measurement_counts_whatever_the_order) {
  const ProbeFile older = network_probe(kRun, 0, 0.001, "2026-01-01");
  const ProbeFile newer = network_probe(kRun, 0, 0.004, "2026-01-02");
  for (const auto& files : {std::vector{older, newer}, std::vector{newer, older}}) {
    BOOST_TEST(measured_times({{kRun, 0}}, files).at(0).seconds_per_image == 4e-5,
               boost::test_tools::tolerance(1e-12));
  }
}

// Who is slower sparse than dense runs it dense: 10 ms, and the ratio says so.
BOOST_AUTO_TEST_CASE(the_quickest_way_is_the_tickets_time) {
  const auto times = measured_times({{kRun, 0}}, {network_probe(kRun, 0, 0.020, "2026-01-01")});
  BOOST_TEST(times.at(0).seconds_per_image == 1e-4, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(times.at(0).speedup.value() == 0.5, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(what_is_mistrusted_is_no_time) {
  ProbeFile noisy = network_probe(kRun, 0, 0.002, "2026-01-01");
  noisy.rows[0].contenders[1].seconds = {0.001, 0.001, 0.002, 0.002, 0.002,
                                         0.002, 0.003, 0.003, 0.004};
  BOOST_TEST(measured_times({{kRun, 0}}, {noisy}).empty());
}

// Two seeds: 20 and 40 microseconds, ratios 5 and 2.5. A seed without a trusted ratio leaves none.
BOOST_AUTO_TEST_CASE(seeds_are_averaged) {
  const std::string other(64, 'b');
  const ProbeFile first = network_probe(kRun, 0, 0.002, "2026-01-01");
  ProbeFile second = network_probe(other, 0, 0.004, "2026-01-01");
  auto times = measured_times({{kRun, 0}, {other, 0}}, {first, second});
  BOOST_TEST(times.at(0).seconds_per_image == 3e-5, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(times.at(0).speedup.value() == 3.75, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(times.at(0).n == 2);
  second.calibration[0].peak_flops = 1e12;  // dense at 10 % of the roofline: no ratio
  second.calibration[0].bandwidth_bytes = 1e12;
  times = measured_times({{kRun, 0}, {other, 0}}, {first, second});
  BOOST_TEST(!times.at(0).speedup.has_value());
  BOOST_TEST(times.at(0).n == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
