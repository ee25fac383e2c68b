#include "hardware/harness/probe_suite.hpp"

#include "core/tests/support.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

using nlohmann::json;
using testing::error_of;
using testing::says;

std::string refusal(const json& document) {
  return error_of<std::invalid_argument>([&] { (void)read_probe_suite(document, "p.json"); });
}

BOOST_AUTO_TEST_SUITE(probe_suite)

// Two densities times two structures; `threads` takes a list and is no axis; a probe's own value
// wins over the common one.
BOOST_AUTO_TEST_CASE(axes_multiply_over_common_fields) {
  const auto specs = read_probe_suite({{"title", "t"},
                                       {"common", {{"batch", 16}, {"threads", {1, 2}}}},
                                       {"probes",
                                        {{{"model", "resnet8"},
                                          {"density", {0.5, 0.1}},
                                          {"structure", {{"kind", {"unstructured", "filter"}}}}},
                                         {{"model", "resnet20"}, {"batch", 1}}}}},
                                      "p.json");
  BOOST_REQUIRE(specs.size() == 5U);
  BOOST_TEST(specs[0].measurement.batch == 16);
  BOOST_TEST(specs[0].measurement.threads.size() == 2U);
  BOOST_TEST(specs[3].random.density == 0.1);
  BOOST_TEST((specs[3].random.structure.kind == StructureKind::filter));
  BOOST_TEST(specs[4].measurement.batch == 1);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named_with_its_place) {
  BOOST_TEST(says(refusal({{"title", "t"}, {"probes", {{{"densty", 0.1}}}}}),
                  {"p.json: /probes/0/densty", "did you mean 'density'"}));
  BOOST_TEST(says(refusal({{"title", "t"}, {"probes", {{{"density", 2}}}}}),
                  {"p.json: /probes/0/density: 2 found"}));
  BOOST_TEST(says(refusal({{"title", "t"}, {"probes", {{{"threads", {1.5}}}}}}),
                  {"/probes/0/threads: 1.5 found, whole numbers expected"}));
  BOOST_TEST(says(refusal({{"title", "t"}, {"probes", {{{"shape", {1, 2}}}}}}),
                  {"/probes/0/shape: 2 numbers found, 7 expected"}));
  BOOST_TEST(says(refusal({{"title", "t"}, {"probes", json::array()}}), {"p.json: /probes"}));
  BOOST_TEST(says(refusal({{"probes", {{{"density", 0.5}}}}}), {"title"}));
}

// Groups are found in a network's ticket; a layer alone has none.
BOOST_AUTO_TEST_CASE(a_single_layer_has_no_groups) {
  BOOST_TEST(says(
      refusal(
          {{"title", "t"},
           {"probes", {{{"shape", {8, 4, 4, 8, 3, 1, 1}}, {"structure", {{"kind", "group"}}}}}}}),
      {"/structure/kind", "only a network has groups"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
