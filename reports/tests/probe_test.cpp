// Essence of testing: times are made up so that each rule alone decides. A wrong choice of the
// baseline (another dtype, a wrong result, the paper's own), a ratio printed beside a weak
// baseline, or a verdict from medians alone would each give another number or word.

#include "reports/probe.hpp"

#include "reports/probe_text.hpp"
#include "reports/tests/probe_sample.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace ticketbench {
namespace {

using nlohmann::json;

// 0.96, 0.97, ... 1.04 of `middle`: p10 and p90 are 0.968 and 1.032 of it.
std::vector<double> around(double middle) {
  return times_around(middle, 0.01);
}

Contender contender(const std::string& probe, ContenderRole role, double seconds) {
  Contender one = timed(probe, role, seconds);
  one.seconds = around(seconds);
  return one;
}

// 2 GFLOP over 10 MB: at 100 GFLOP/s and 10 GB/s the roofline is 100 GFLOP/s, 20 ms.
ProbeRow row() {
  return {.name = "layer1.0.conv1",
          .kind = "layer",
          .what = "64 x 64 x 32 x 32 -> 64, 3x3",
          .structure = "unstructured",
          .total = 36864,
          .kept = 3686,
          .dense_flops = 2e9,
          .kept_flops = 2e8,
          .bytes = 1e7,
          .batch = 64,
          .threads = 1,
          .copies = 1,
          .cache = "warm",
          .contenders = {contender("onednn_nchw", ContenderRole::dense, 0.030),
                         contender("onednn_nhwc", ContenderRole::dense, 0.025),
                         contender("unstructured", ContenderRole::sparse, 0.005)}};
}

const Calibration kMachine{.threads = 1, .peak_flops = 1e11, .bandwidth_bytes = 1e10};

ProbeFile file() {
  return {.hash = std::string(64, 'a'),
          .spec = {{"model", "resnet18"}},
          .command = "ticketbench probe --model resnet18",
          .provenance = {{"ticketbench", "0.1.0"},
                         {"git", "abc"},
                         {"dirty", false},
                         {"compiler", "GCC 12"},
                         {"libtorch", "2.11.0"},
                         {"device", "cpu"},
                         {"host", "h"},
                         {"cpu", "A processor"},
                         {"gpu", nullptr},
                         {"cores", 2},
                         {"affinity", {0, 1}},
                         {"governor", nullptr},
                         {"mhz", 2000.0},
                         {"load", {{"before", 0.1}, {"after", 1.0}}},
                         {"instruction_set", "avx512"},
                         {"started", "2026-11-21T09:00:00Z"},
                         {"finished", "2026-11-21T09:01:00Z"}},
          .calibration = {kMachine},
          .ticket = ProbedTicket{.file = "t.safetensors",
                                 .sha256 = std::string(64, 'b'),
                                 .mask_sha256 = std::string(64, 'c'),
                                 .run = std::string(64, 'd'),
                                 .level = 2},
          .rows = {row()}};
}

json document() {
  return {
      {"context", json::object()}, {"benchmarks", json::array()}, {"ticketbench", to_json(file())}};
}

std::string refusal(const json& changed) {
  try {
    parse_probe(changed, "p.json");
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

BOOST_AUTO_TEST_SUITE(probe)

// 0.025 / 0.005 = 5, not 6 as against the slower dense one; 2e9 / 0.025 is 80 % of the roofline,
// 2e8 / 0.005 40 % of the peak.
BOOST_AUTO_TEST_CASE(the_ratio_is_to_the_best_dense) {
  const ProbeJudgement j = judge(row(), kMachine);
  BOOST_TEST(j.best_dense.value() == 1U);
  BOOST_TEST(j.best_sparse.value() == 2U);
  BOOST_TEST(j.speedup.value() == 5.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(j.speedup_low.value() == 5 * 0.968 / 1.032, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(j.speedup_high.value() == 5 * 1.032 / 0.968, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(j.roof_fraction.value() == 0.8, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(j.peak_fraction.value() == 0.4, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(!j.paper_speedup.has_value());
  BOOST_TEST(verdict_name(j.verdict) == "faster");
  BOOST_TEST(j.reason == "");
}

// A quicker dense contender of another type, of wrong results or of the paper's kind changes
// nothing.
BOOST_AUTO_TEST_CASE(only_a_right_dense_one_of_the_same_type_is_the_baseline) {
  ProbeRow changed = row();
  changed.contenders.push_back(contender("onednn_bf16", ContenderRole::dense, 0.010));
  changed.contenders.back().dtype = "bf16";
  changed.contenders.push_back(contender("wrong", ContenderRole::dense, 0.001));
  changed.contenders.back().error = 0.1;
  changed.contenders.push_back(
      contender("cudnn_no_workspace", ContenderRole::paper_baseline, 0.050));
  changed.contenders.back().seconds = {0.050};
  const ProbeJudgement j = judge(changed, kMachine);
  BOOST_TEST(j.best_dense.value() == 1U);
  BOOST_TEST(j.speedup.value() == 5.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(j.paper_speedup.value() == 10.0, boost::test_tools::tolerance(1e-12));
}

// D3: a dense baseline at 25 % of what the machine can do gives no ratio. On a machine of four
// times the peak the same 0.025 s are 20 %.
BOOST_AUTO_TEST_CASE(a_weak_baseline_gives_no_ratio) {
  const ProbeJudgement j =
      judge(row(), {.threads = 1, .peak_flops = 4e11, .bandwidth_bytes = 1e10});
  BOOST_TEST(!j.speedup.has_value());
  BOOST_TEST(!j.paper_speedup.has_value());
  BOOST_TEST(j.roof_fraction.value() == 0.2, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(verdict_name(j.verdict) == "none");
  BOOST_TEST(j.reason.find("onednn_nhwc reaches 20 % of its roofline") != std::string::npos);
  // Where memory bounds it, the same time is at the roof: 1 GB/s moves 10 MB in 10 ms.
  const ProbeJudgement bound =
      judge(row(), {.threads = 1, .peak_flops = 4e11, .bandwidth_bytes = 1e9});
  BOOST_TEST(bound.roof_fraction.value() == 0.4, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(bound.speedup.has_value());
}

BOOST_AUTO_TEST_CASE(noise_is_mistrusted_and_few_repetitions_too) {
  ProbeRow noisy = row();
  noisy.contenders[2].seconds = {0.004, 0.004, 0.004, 0.005, 0.005, 0.005, 0.006, 0.006, 0.006};
  const ProbeJudgement j = judge(noisy, kMachine);
  BOOST_TEST(verdict_name(j.verdict) == "mistrusted");
  BOOST_TEST(j.reason.find("scatter by 40 %") != std::string::npos);
  ProbeRow few = row();
  few.contenders[1].seconds.resize(8);
  few.contenders[1].seconds[0] = 0.025;
  BOOST_TEST(judge(few, kMachine).reason.find("timed 8 times") != std::string::npos);
}

// 1 % apart and overlapping: neither; two that are the same to 1 % throughout: the same; 5 % apart
// without overlap: slower.
BOOST_AUTO_TEST_CASE(ambiguous_is_a_verdict) {
  ProbeRow near = row();
  near.contenders[2].seconds = around(0.0252);
  BOOST_TEST(verdict_name(judge(near, kMachine).verdict) == "ambiguous");
  ProbeRow same = row();
  for (const std::size_t i : {1U, 2U}) {
    same.contenders[i].seconds.clear();
    for (int k = 0; k < 9; ++k) same.contenders[i].seconds.push_back(0.025 + 1e-6 * k);
  }
  BOOST_TEST(verdict_name(judge(same, kMachine).verdict) == "same");
  ProbeRow slower = row();
  slower.contenders[2].seconds = around(0.0275);
  BOOST_TEST(verdict_name(judge(slower, kMachine).verdict) == "slower");
}

BOOST_AUTO_TEST_CASE(what_was_not_timed_says_why) {
  ProbeRow missing = row();
  missing.contenders[2].seconds.clear();
  missing.contenders[2].problem = "needs AVX-512";
  BOOST_TEST(judge(missing, kMachine).reason == "unstructured: needs AVX-512");
  missing.contenders[2] = contender("unstructured", ContenderRole::sparse, 0.005);
  missing.contenders[2].error = 0.5;
  BOOST_TEST(judge(missing, kMachine).reason.find("differs from the reference by 0.5") !=
             std::string::npos);
  missing.contenders.pop_back();
  BOOST_TEST(judge(missing, kMachine).reason == "no sparse contender was timed");
}

BOOST_AUTO_TEST_CASE(a_file_comes_back_whole) {
  const ProbeFile found = parse_probe(document(), "p.json");
  BOOST_TEST(to_json(found) == to_json(file()));
  BOOST_TEST(found.ticket->level == 2);
  BOOST_TEST(document()["ticketbench"]["rows"][0]["judgement"]["best_dense"] == "onednn_nhwc");
}

// A judgement that somebody edited isn't believed: it follows from the times.
BOOST_AUTO_TEST_CASE(judgements_are_made_again) {
  json changed = document();
  changed["ticketbench"]["rows"][0]["judgement"]["speedup"] = 50.0;
  BOOST_TEST(to_json(parse_probe(changed, "p.json")) == to_json(file()));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named_with_its_place) {
  json changed = document();
  changed["ticketbench"]["rows"][0]["kept"] = 40000;
  BOOST_TEST(refusal(changed) ==
             "p.json: /ticketbench/rows/0/kept: 40000 found, at most total, 36864");
  changed = document();
  changed["ticketbench"]["rows"][0]["threads"] = 2;
  BOOST_TEST(refusal(changed).find("/ticketbench/rows/0/threads") != std::string::npos);
  changed = document();
  changed["ticketbench"]["schema_version"] = 2;
  BOOST_TEST(refusal(changed).find("knows versions up to 1") != std::string::npos);
  changed = document();
  changed["ticketbench"]["rows"][0]["contenders"][0]["seconds"][0] = -1.0;
  BOOST_TEST(refusal(changed).find("/ticketbench/rows/0/contenders/0/seconds/0") !=
             std::string::npos);
  changed = document();
  changed.erase("benchmarks");
  BOOST_TEST(refusal(changed) != "");
}

// The ratio stands beside both ways; what a file says can't break a table out of its form.
BOOST_AUTO_TEST_CASE(tables_say_the_ratio_and_its_reason) {
  ProbeFile hostile = file();
  hostile.rows[0].name = "a|b\n<script>";
  const std::string text = render(hostile, Format::text);
  BOOST_TEST(text.find("5.00x") != std::string::npos, text);
  BOOST_TEST(text.find("onednn_nhwc") != std::string::npos);
  BOOST_TEST(text.find("faster") != std::string::npos);
  const std::string markdown = render(hostile, Format::markdown);
  BOOST_TEST(markdown.find("<script>") == std::string::npos, markdown);
  BOOST_TEST(markdown.find("a|b") == std::string::npos, markdown);
  BOOST_CHECK_THROW(render(hostile, Format::html), std::invalid_argument);
  hostile.calibration[0].peak_flops = 4e11;
  const std::string weak = render(hostile, Format::text);
  BOOST_TEST(weak.find("null") != std::string::npos, weak);
  BOOST_TEST(weak.find("would flatter") != std::string::npos, weak);
  BOOST_TEST(weak.find("5.00x") == std::string::npos, weak);  // nor in the sum of the layers
}

// A folder holds records and tickets too; a broken file is named and hides no other.
BOOST_AUTO_TEST_CASE(probe_files_are_found_by_name) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / "ticketbench_probe_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder / "below");
  std::ofstream(folder / "probe-1.json") << document();
  std::ofstream(folder / "below" / "probe-2.json") << "{";
  std::ofstream(folder / "below" / "record.json") << "{";
  const LoadedProbes loaded = load_probes({folder.string()});
  BOOST_TEST(loaded.files.size() == 1U);
  BOOST_TEST(loaded.errors.size() == 1U);
  BOOST_TEST(loaded.errors.at(0).find("probe-2.json") != std::string::npos);
  BOOST_CHECK_THROW(load_probes({(folder / "nothing").string()}), std::invalid_argument);
  std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
