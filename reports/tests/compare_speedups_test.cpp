// Essence of testing: a night whose machine was slower as a whole must not alarm, a kernel that
// became slower must; a pairing by the ticket's content instead of its run would find every ticket
// new after any change of a training.

#include "reports/compare_speedups.hpp"

#include "reports/compare.hpp"
#include "reports/compare_render.hpp"
#include "reports/tests/golden.hpp"
#include "reports/tests/probe_sample.hpp"
#include "reports/tests/two_nights.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace ticketbench {
namespace {

using Probes = std::vector<ProbeFile>;

const std::string kRun(64, 'a');

Comparison compared(const Probes& base, const Probes& now, const Gate& gate = {}) {
  const std::vector<Record> none;
  return compare({.path = "base", .records = none, .probes = base},
                 {.path = "new", .records = none, .probes = now}, gate);
}

ComparedCell only_cell(const Probes& base, const Probes& now, const Gate& gate = {}) {
  const Comparison found = compared(base, now, gate);
  BOOST_REQUIRE(found.cells.size() == 1U);
  return found.cells[0];
}

std::string verdict(const Probes& base, const Probes& now, const Gate& gate = {}) {
  return std::string(verdict_name(only_cell(base, now, gate).verdict));
}

ProbeFile at(double sparse_seconds, const std::string& finished = "2026-01-01") {
  return network_probe(kRun, 3, sparse_seconds, finished);
}

// Two sessions.
Probes twice(double first, double second) {
  return {at(first, "2026-01-02"), at(second, "2026-01-03")};
}

BOOST_AUTO_TEST_SUITE(compare_speedups)

// 10 ms over 2 ms is 5; over 2.5 ms it is 4, a fifth less; over 2.1 ms 4.76, a twentieth less.
BOOST_AUTO_TEST_CASE(a_slower_kernel_is_worse) {
  const ComparedCell slower = only_cell({at(0.002)}, twice(0.0025, 0.0025));
  BOOST_TEST((slower.verdict == Verdict::worse));
  BOOST_TEST(slower.evidence->change == -1.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(slower.base.size() == 9U);
  BOOST_TEST(slower.now.size() == 18U);
  BOOST_TEST(slower.suspect);
  BOOST_TEST(slower.notes.at(0) == "dense 10 ms, sparse 2 ms; now dense 10 ms, sparse 2.5 ms");
  BOOST_TEST(compared({at(0.002)}, twice(0.0025, 0.0025)).regressed());
  BOOST_TEST(verdict({at(0.0025)}, twice(0.002, 0.002)) == "better");
  BOOST_TEST(verdict({at(0.002)}, twice(0.0021, 0.0021)) == "same");
  BOOST_TEST(verdict({at(0.002)}, twice(0.0021, 0.0021), {.time_margin = 0.04}) == "worse");
}

// Repetitions of one session share its place in memory: nine slow ones are one slow session.
BOOST_AUTO_TEST_CASE(one_session_is_no_verdict) {
  const ComparedCell once = only_cell({at(0.002)}, {at(0.0025)});
  BOOST_TEST((once.verdict == Verdict::ambiguous));
  BOOST_TEST(once.suspect);
  // The second one doesn't confirm it.
  const ComparedCell again = only_cell({at(0.002)}, twice(0.0025, 0.00205));
  BOOST_TEST((again.verdict == Verdict::ambiguous));
  BOOST_TEST(!again.suspect);
  // Nor does it where one of BASE was as slow.
  BOOST_TEST(verdict(twice(0.002, 0.0024), twice(0.0025, 0.0025)) == "ambiguous");
}

// Beside hundreds of other cells too: of 9 values against 18 the exact test's p value is 4e-7.
BOOST_AUTO_TEST_CASE(many_tickets_hide_nothing) {
  Probes base;
  Probes now;
  for (int64_t level = 0; level < 200; ++level) {
    base.push_back(network_probe(kRun, level, 0.002, "2026-01-01"));
    now.push_back(network_probe(kRun, level, level == 7 ? 0.0025 : 0.00201, "2026-01-02"));
    now.push_back(network_probe(kRun, level, level == 7 ? 0.0025 : 0.00199, "2026-01-03"));
  }
  const Comparison found = compared(base, now);
  BOOST_TEST(found.count(Verdict::worse) == 1);
  BOOST_TEST(found.count(Verdict::same) == 199);
}

BOOST_AUTO_TEST_CASE(a_slower_machine_is_none) {
  ProbeFile slow = at(0.004);
  for (double& seconds : slow.rows[0].contenders[0].seconds) seconds *= 2;
  BOOST_TEST(verdict({at(0.002)}, {slow}) == "same");
}

BOOST_AUTO_TEST_CASE(another_machine_is_not_compared) {
  ProbeFile other = at(0.009);
  other.provenance["cpu"] = "B processor";
  const ComparedCell cell = only_cell({at(0.002)}, {other});
  BOOST_TEST((cell.verdict == Verdict::mistrusted));
  BOOST_TEST(cell.reason == "timed on A processor, avx512, then on B processor, avx512");
}

// A wrong result is fast; that it is no longer timed must not pass for silence.
BOOST_AUTO_TEST_CASE(a_wrong_kernel_is_worse) {
  ProbeFile wrong = at(0.001);
  wrong.rows[0].contenders[1].error = 0.5;
  const ComparedCell cell = only_cell({at(0.002)}, {wrong});
  BOOST_TEST((cell.verdict == Verdict::worse));
  BOOST_TEST(cell.reason.find("differs from the reference by 0.5") != std::string::npos);
  BOOST_TEST(verdict({wrong}, {at(0.002)}) == "mistrusted");
}

// A GPU's row beside a CPU's of the same layer, and a layer with another map.
BOOST_AUTO_TEST_CASE(devices_and_shapes_are_told_apart) {
  ProbeFile gpu = at(0.002);
  gpu.provenance["gpu"] = "A GPU";
  BOOST_TEST(compared({at(0.002), gpu}, {at(0.002), gpu}).count(Verdict::same) == 2);
  ProbeFile other = at(0.002);
  other.rows[0].what = "another shape";
  BOOST_TEST(compared({at(0.002), other}, {at(0.002), other}).count(Verdict::same) == 2);
}

BOOST_AUTO_TEST_CASE(what_has_no_ratio_is_mistrusted) {
  ProbeFile noisy = at(0.009);
  noisy.rows[0].contenders[1].seconds[8] *= 9;
  noisy.rows[0].contenders[1].seconds[7] *= 9;
  BOOST_TEST(verdict({at(0.002)}, {noisy}) == "mistrusted");
  BOOST_TEST(verdict({noisy}, {at(0.002)}) == "mistrusted");
  BOOST_TEST(only_cell({noisy}, {at(0.002)}).reason.starts_with("in BASE: noisy machine"));
}

BOOST_AUTO_TEST_CASE(rows_are_told_apart) {
  BOOST_TEST(verdict({}, {at(0.002)}) == "new");
  BOOST_TEST(verdict({at(0.002)}, {}) == "gone");
  const Probes now = {at(0.002), network_probe(kRun, 4, 0.0025, "2026-01-01")};
  const Comparison found = compared({at(0.002)}, now);
  BOOST_REQUIRE(found.cells.size() == 2U);
  BOOST_TEST((found.cells[0].verdict == Verdict::added));
  BOOST_TEST((found.cells[1].verdict == Verdict::same));
  BOOST_TEST(found.cells[1].label ==
             "run aaaaaaaa, level 3: speed-up of resnet20, 2 threads, batch 100");
  // A training that came out otherwise makes another file of the same ticket.
  ProbeFile again = at(0.002);
  again.ticket->sha256 = "other";
  BOOST_TEST(verdict({at(0.002)}, {again}) == "same");
}

BOOST_AUTO_TEST_CASE(suspects_are_timed_again) {
  BOOST_TEST(rerun_commands(compared({at(0.002)}, {at(0.0025)})) ==
             "ticketbench probe --tickets new --results new\n");
  Probes layer = {at(0.0025)};
  layer[0].command = "ticketbench probe --model 'resnet20'";
  BOOST_TEST(rerun_commands(compared({at(0.002)}, layer)) ==
             "ticketbench probe --model 'resnet20' --results new\n");
}

BOOST_AUTO_TEST_CASE(beside_accuracies_in_all_formats) {
  const TwoNights nights = two_nights();
  const std::string& run = nights.now.front().hash;
  const Probes base = {network_probe(run, 0, 0.002, "2026-01-01"),
                       network_probe(kRun, 1, 0.002, "2026-01-01")};
  const Probes now = {network_probe(run, 0, 0.0025, "2026-01-02"),
                      network_probe(run, 0, 0.0026, "2026-01-03"),
                      network_probe(kRun, 1, 0.002, "2026-01-02")};
  const Comparison found = compare({.path = "base", .records = nights.base, .probes = base},
                                   {.path = "new", .records = nights.now, .probes = now}, {});
  check_golden("compare_speedups.txt", render(found, CompareFormat::text));
  check_golden("compare_speedups.json", render(found, CompareFormat::json));
  check_golden("compare_speedups.github", render(found, CompareFormat::github));
}

BOOST_AUTO_TEST_CASE(a_margin_out_of_range_is_refused) {
  BOOST_CHECK_THROW(compared({}, {}, {.time_margin = 0}), std::invalid_argument);
  BOOST_CHECK_THROW(compared({}, {}, {.time_margin = 1}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
