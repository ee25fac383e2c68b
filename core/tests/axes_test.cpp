#include "core/axes.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>

namespace ticketbench {
namespace {

using nlohmann::json;

bool no_lists(const std::string&) {
  return false;
}

BOOST_AUTO_TEST_SUITE(axes)

// Two axes of two values, one of them nested: four documents, each value once in each. Pairing the
// lists instead of multiplying them would give two.
BOOST_AUTO_TEST_CASE(axes_multiply) {
  const auto found = axis_choices(
      "", {{"a", {1, 2}}, {"b", {{"c", {"x", "y"}}, {"d", 5}}}, {"e", true}}, no_lists);
  BOOST_REQUIRE(found.size() == 4U);
  BOOST_TEST(found[1].value == json({{"a", 1}, {"b", {{"c", "y"}, {"d", 5}}}, {"e", true}}));
  BOOST_TEST(found[2].value == json({{"a", 2}, {"b", {{"c", "x"}, {"d", 5}}}, {"e", true}}));
  BOOST_TEST(found[1].label == std::vector<std::string>({"a=1", "b.c=y"}),
             boost::test_tools::per_element());
}

// A field that takes a list keeps it; a list of lists is its axis.
BOOST_AUTO_TEST_CASE(a_list_field_is_no_axis) {
  const auto is_list = [](const std::string& path) { return path == "threads"; };
  BOOST_TEST(axis_choices("", {{"threads", {1, 2}}}, is_list).size() == 1U);
  const auto found = axis_choices("", {{"threads", {{1}, {1, 2}}}}, is_list);
  BOOST_REQUIRE(found.size() == 2U);
  BOOST_TEST(found[1].value == json({{"threads", {1, 2}}}));
}

BOOST_AUTO_TEST_CASE(an_empty_axis_is_refused_with_its_place) {
  BOOST_CHECK_EXCEPTION(axis_choices("", {{"a", {{"b", json::array()}}}}, no_lists),
                        std::invalid_argument, [](const std::invalid_argument& error) {
                          return std::string(error.what()).starts_with("/a/b: [] found");
                        });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
