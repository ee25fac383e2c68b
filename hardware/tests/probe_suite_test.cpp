#include "hardware/harness/probe_suite.hpp"

#include "core/tests/support.hpp"
#include "reports/json_schema.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>

namespace ticketbench {
namespace {

using nlohmann::json;
using testing::error_of;
using testing::says;

std::string refusal(const std::string& text) {
  return error_of<std::invalid_argument>(
      [&] { (void)read_probe_suite(json::parse(text), "p.json"); });
}

BOOST_AUTO_TEST_SUITE(probe_suite)

// Two densities times two structures; `threads` takes a list and is no axis; a probe's own value
// wins over the common one.
BOOST_AUTO_TEST_CASE(axes_multiply_over_common_fields) {
  const auto specs = read_probe_suite(json::parse(R"({
    "title": "t",
    "common": {"batch": 16, "threads": [1, 2]},
    "probes": [
      {"model": "resnet8", "density": [0.5, 0.1], "structure": {"kind": ["unstructured", "filter"]}},
      {"model": "resnet20", "batch": 1}]})"),
                                      "p.json");
  BOOST_REQUIRE(specs.size() == 5U);
  BOOST_TEST(specs[0].measurement.batch == 16);
  BOOST_TEST(specs[0].measurement.threads.size() == 2U);
  BOOST_TEST(specs[3].random.density == 0.1);
  BOOST_TEST((specs[3].random.structure.kind == StructureKind::filter));
  BOOST_TEST(specs[4].measurement.batch == 1);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named_with_its_place) {
  const auto probe = [](const std::string& fields) {
    return R"({"title": "t", "probes": [)" + fields + "]}";
  };
  BOOST_TEST(says(refusal(probe(R"({"densty": 0.1})")),
                  {"p.json: /probes/0/densty", "did you mean 'density'"}));
  BOOST_TEST(says(refusal(probe(R"({"density": 2})")), {"p.json: /probes/0/density: 2 found"}));
  BOOST_TEST(says(refusal(probe(R"({"threads": [1.5]})")),
                  {"/probes/0/threads: 1.5 found, whole numbers expected"}));
  BOOST_TEST(says(refusal(probe(R"({"shape": [1, 2]})")),
                  {"/probes/0/shape: 2 numbers found, 7 expected"}));
  BOOST_TEST(says(refusal(probe(R"({"layers": false, "network": false})")),
                  {"/probes/0/layers: false found, and nothing else to time"}));
  BOOST_TEST(says(refusal(probe("")), {"p.json: /probes"}));
  BOOST_TEST(says(refusal(R"({"probes": [{"density": 0.5}]})"), {"title"}));
}

// What comes along can be read.
BOOST_AUTO_TEST_CASE(every_probe_suite_that_comes_along_is_sound) {
  size_t count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(TICKETBENCH_ROOT) + "/suites/probes")) {
    const std::string path = entry.path().string();
    BOOST_TEST_CONTEXT(path) {
      BOOST_TEST(!read_probe_suite(parse_json_file(path), path).empty());
    }
    ++count;
  }
  BOOST_TEST(count >= 4U);
}

// Groups are found in a network's ticket; a layer alone has none.
BOOST_AUTO_TEST_CASE(a_single_layer_has_no_groups) {
  BOOST_TEST(says(refusal(R"({"title": "t", "probes": [
    {"shape": [8, 4, 4, 8, 3, 1, 1], "structure": {"kind": "group"}}]})"),
                  {"/structure/kind", "only a network has groups"}));
}

// What would be timed otherwise than asked: on a CPU in a type it doesn't compute in, on a GPU with
// caches that nothing empties, or a network that no GPU computes.
BOOST_AUTO_TEST_CASE(devices_are_asked_for_what_they_can_do) {
  const auto refused = [](const json& fields) {
    try {
      read_probe_spec(fields, "");
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  BOOST_TEST(refused({{"dtype", "tf32"}}).find("/dtype") != std::string::npos);
  BOOST_TEST(refused({{"device", "cuda"}, {"cache", "cold"}}).find("/cache") != std::string::npos);
  BOOST_TEST(refused({{"device", "cuda"}, {"threads", {2}}}).find("/threads") != std::string::npos);
  BOOST_TEST(refused({{"device", "cuda"}, {"layers", false}}).find("/layers") != std::string::npos);
  BOOST_TEST(refused({{"device", "tpu"}}).find("/device") != std::string::npos);
  BOOST_TEST(refused({{"device", "cuda"}, {"dtype", "tf32"}}).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
