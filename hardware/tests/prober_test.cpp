// Essence of testing: nothing here asserts on time. What is checked is who is timed: right results
// only, each the wanted number of times, and that a wrong one is said and not timed (a fast wrong
// answer is no result).

#include "hardware/harness/prober.hpp"

#include "core/tests/support.hpp"
#include "hardware/harness/probe.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace ticketbench {
namespace {

using nlohmann::json;

// Gives a wrong result.
class OffByOne : public PreparedProbe {
 public:
  explicit OffByOne(const Problem& problem) : problem_(problem) {}
  void run() override {
    output_ = at::conv2d(problem_.input, problem_.weight, {}, problem_.shape.stride,
                         problem_.shape.padding) +
              1;
  }
  [[nodiscard]] torch::Tensor output() const override { return output_; }

 private:
  const Problem& problem_;
  torch::Tensor output_;
};
struct WrongProbe {
  static constexpr ProbeCard card{.name = "wrong_on_purpose",
                                  .title = "a test's",
                                  .role = ContenderRole::sparse,
                                  .layout = "NCHW"};
  static std::string refusal(const Problem&) { return ""; }
  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    return std::make_unique<OffByOne>(problem);
  }
};
TICKETBENCH_REGISTER_PROBE(WrongProbe);

struct Throwing {
  static constexpr ProbeCard card{.name = "throwing_on_purpose",
                                  .title = "a test's",
                                  .role = ContenderRole::sparse,
                                  .layout = "NCHW"};
  static std::string refusal(const Problem&) { return ""; }
  static std::unique_ptr<PreparedProbe> prepare(const Problem&, kernels::ThreadPool&) {
    throw std::invalid_argument("needs another machine\nand a second line");
  }
};
TICKETBENCH_REGISTER_PROBE(Throwing);

constexpr Measurement kQuick{.batch = 2, .threads = {}, .repetitions = 3, .min_seconds = 1e-4};

ProbeSpec layer_spec() {
  ProbeSpec spec;
  spec.shape = {4, 6, 6, 8, 3, 1, 1};
  spec.random.density = 0.25;
  spec.measurement = kQuick;
  spec.measurement.threads = {1};
  return spec;
}

json caller() {
  return {{"ticketbench", "0"}, {"git", ""},       {"dirty", false}, {"compiler", ""},
          {"libtorch", ""},     {"device", "cpu"}, {"host", "h"},    {"cpu", "c"},
          {"gpu", nullptr},     {"cores", 1},      {"started", "s"}, {"finished", "f"}};
}

const Contender* find(const ProbeRow& row, const std::string& name) {
  const auto found = std::find_if(row.contenders.begin(), row.contenders.end(),
                                  [&](const Contender& one) { return one.probe == name; });
  return found == row.contenders.end() ? nullptr : &*found;
}

BOOST_AUTO_TEST_SUITE(prober)

// Milliseconds of each call, the first one cold. Way 1 takes 1.27 times as long as way 0, so it is
// out after three calls; way 2 is not, and turns out to be the quickest. Of ways 0 and 2 three
// milliseconds more are taken: three calls of 1.02, four of 0.9.
BOOST_AUTO_TEST_CASE(the_quickest_of_the_near_ones_is_found) {
  const std::vector<std::vector<double>> milliseconds{
      {9, 1.02, 1.02, 1.02, 1.02, 1.02}, {9, 1.3, 1.3}, {9, 1.1, 1.1, 0.9, 0.9, 0.9, 0.9}};
  std::vector<size_t> calls(3, 0);
  BOOST_TEST(quickest(3, [&](size_t way) {
               return 1e-3 * milliseconds.at(way).at(calls.at(way)++);
             }) == 2U);
  BOOST_TEST(calls == std::vector<size_t>({6, 3, 7}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(right_ones_are_timed_as_often_as_asked) {
  kernels::ThreadPool pool(1);
  const TimedRow timed = time_layer(problem_of(layer_spec()), kQuick, pool, std::regex(".*"));
  for (const char* name : {"onednn_nhwc", "onednn_nchw", "blas", "tiled", "unstructured"}) {
    BOOST_TEST_CONTEXT(name) {
      const Contender* one = find(timed.row, name);
      BOOST_REQUIRE(one != nullptr);
      BOOST_TEST(one->problem == "");
      BOOST_TEST(one->seconds.size() == 3U);
      BOOST_TEST(one->error.value() < 1e-5);
    }
  }
  BOOST_TEST(find(timed.row, "unwarmed")->seconds.size() == 1U);
  BOOST_TEST(find(timed.row, "unstructured")->pack_seconds.has_value());
  BOOST_TEST(find(timed.row, "onednn_bf16")->error.value() > 1e-5);  // said, not hidden
  BOOST_TEST(find(timed.row, "slim") == nullptr);
  BOOST_TEST(timed.row.kept == 72);  // a quarter of 8 * 36
}

// One image fills sixteen lanes with its pixels: another kernel, the same result.
BOOST_AUTO_TEST_CASE(a_single_image_is_right_too) {
  kernels::ThreadPool pool(1);
  ProbeSpec spec = layer_spec();
  spec.measurement.batch = 1;
  const TimedRow timed = time_layer(problem_of(spec), kQuick, pool, std::regex("tiled|unstruct"));
  for (const char* name : {"tiled", "unstructured"}) {
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(find(timed.row, name)->problem == "");
      BOOST_TEST(find(timed.row, name)->error.value() < 1e-5);
    }
  }
}

// D20: what LibTorch computes is timed without autograd.
BOOST_AUTO_TEST_CASE(nothing_is_timed_with_autograd) {
  kernels::ThreadPool pool(1);
  const Problem layer = problem_of(layer_spec());
  for (const char* name : {"onednn_nhwc", "onednn_nchw", "onednn_bf16", "blas", "unwarmed"}) {
    const auto ready = Registry<Probe>::instance().find("probe", name).prepare(layer, pool);
    ready->run();
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(ready->output().is_inference());
    }
  }
}

BOOST_AUTO_TEST_CASE(wrong_ones_are_said_and_not_timed) {
  kernels::ThreadPool pool(1);
  const TimedRow timed = time_layer(problem_of(layer_spec()), kQuick, pool, std::regex("purpose"));
  BOOST_TEST(timed.row.contenders.size() == 2U);
  BOOST_TEST(find(timed.row, "wrong_on_purpose")->seconds.empty());
  BOOST_TEST(find(timed.row, "wrong_on_purpose")->error.value() > 0.1);
  BOOST_TEST(find(timed.row, "throwing_on_purpose")->problem == "needs another machine");
}

// What filters and blocks leave is computed by their own probes, and right.
BOOST_AUTO_TEST_CASE(structures_have_probes_of_their_own) {
  kernels::ThreadPool pool(1);
  for (const auto& [kind, name] :
       std::vector<std::pair<StructureKind, std::string>>{{StructureKind::filter, "slim"},
                                                          {StructureKind::channel, "slim"},
                                                          {StructureKind::block, "block"}}) {
    ProbeSpec spec = layer_spec();
    spec.random.structure.kind = kind;
    const TimedRow timed = time_layer(problem_of(spec), kQuick, pool, std::regex(".*"));
    BOOST_TEST_CONTEXT(name) {
      const Contender* one = find(timed.row, name);
      BOOST_REQUIRE(one != nullptr);
      BOOST_TEST(one->error.value() < 1e-5);
      BOOST_TEST(one->seconds.size() == 3U);
    }
  }
}

// Regroup's blocks, from a ticket as imp_regroup writes it.
// A probe of a GPU needs one: it must not even be made ready where a CPU is timed.
BOOST_AUTO_TEST_CASE(a_cpu_is_timed_without_a_gpu) {
  kernels::ThreadPool pool(1);
  const TimedRow timed =
      time_layer(problem_of(layer_spec()), kQuick, pool, std::regex("cudnn|gpu|onednn_nchw"));
  BOOST_REQUIRE(timed.row.contenders.size() == 1U);
  BOOST_TEST(timed.row.contenders[0].probe == "onednn_nchw");
  BOOST_TEST(Registry<Probe>::instance().contains("cudnn_nhwc"));
}

BOOST_AUTO_TEST_CASE(groups_are_computed_by_their_blocks) {
  Subject subject = subject_of({.model = "resnet8", .input_size = 8, .density = 0.5});
  const std::string name = "layer1.0.conv1.weight";
  torch::Tensor mask = torch::zeros({16, 144}, torch::kBool);
  mask.slice(0, 0, 4).slice(1, 10, 30).fill_(true);
  subject.mask[name] = mask.view({16, 16, 3, 3});
  subject.state[name].mul_(subject.mask[name]);
  subject.extra["blocks/" + name + "/rows"] = torch::arange(0, 4);
  subject.extra["blocks/" + name + "/columns"] = torch::arange(10, 30);
  subject.extra["blocks/" + name + "/sizes"] = torch::tensor({4, 20}).view({1, 2});
  subject.structure.kind = StructureKind::group;
  kernels::ThreadPool pool(1);
  const Problem first = problems_of(subject, 2, false, 0).front();
  const TimedRow timed = time_layer(first, kQuick, pool, std::regex("group"));
  BOOST_REQUIRE(find(timed.row, "group") != nullptr);
  BOOST_TEST(find(timed.row, "group")->error.value() < 1e-5);
  BOOST_TEST(timed.row.kept == 80);
}

BOOST_AUTO_TEST_CASE(a_report_is_what_its_schema_says) {
  ProbeSpec spec;
  spec.random = {.model = "resnet8", .input_size = 8};
  spec.measurement = kQuick;
  spec.measurement.threads = {1, 2};
  size_t rows = 0;
  Calibrations calibrations;
  calibrations[{2, "fp32", false}] = {.threads = 2, .peak_flops = 1e9, .bandwidth_bytes = 1e9};
  const json document = run_probe(
      spec, "command", caller(), std::regex("onednn|unstructured|libtorch|sparse_network"),
      calibrations, {.started = [&](const std::string&, size_t, size_t count) { rows = count; }});
  const ProbeFile file = parse_probe(document, "p.json");
  BOOST_TEST(file.rows.size() == rows);
  BOOST_TEST(file.rows.back().kind == "network");
  BOOST_TEST(file.calibration.size() == 2U);
  BOOST_TEST(file.calibration[1].peak_flops == 1e9);  // what is known isn't measured again
  BOOST_TEST(calibrations.at({1, "fp32", false}).peak_flops == file.calibration[0].peak_flops);
  BOOST_TEST(find(file.rows.back(), "sparse_network")->error.value() < 1e-4);
  BOOST_TEST(find(file.rows.back(), "libtorch_folded")->seconds.size() == 3U);
  // Google Benchmark's tools pair rows by name: one for each repetition of each contender.
  const json& first = document.at("benchmarks").at(0);
  BOOST_TEST(first.at("name").get<std::string>().find("/batch:2/threads:1") != std::string::npos);
  BOOST_TEST(first.at("real_time").get<double>() > 0);
}

// Half an hour of timing must not end in a file that can't be read.
BOOST_AUTO_TEST_CASE(a_filter_leaves_rows_out) {
  ProbeSpec spec;
  spec.random = {.model = "resnet8", .input_size = 8};
  spec.measurement = kQuick;
  spec.measurement.threads = {1};
  Calibrations calibrations;
  const auto probed = [&](const char* filter) {
    return run_probe(spec, "command", caller(), std::regex(filter), calibrations, {});
  };
  const ProbeFile file = parse_probe(probed("onednn_nchw"), "p.json");
  BOOST_TEST(!file.rows.empty());
  for (const ProbeRow& row : file.rows) BOOST_TEST(row.kind == "layer");
  BOOST_CHECK_THROW(probed("nobody"), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(an_interrupted_probe_gives_nothing) {
  const ProbeObserver observer{.started = {}, .interrupted = [] { return true; }};
  Calibrations calibrations;
  BOOST_CHECK_THROW(
      run_probe(layer_spec(), "c", caller(), std::regex(".*"), calibrations, observer),
      std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
