#include "reports/json_view.hpp"

#include "reports/tests/sample.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace ticketbench {
namespace {

using nlohmann::json;

// As parse_json reads it; nothing where that would have to say what is wrong.
std::optional<json> parsed(const std::string& text) {
  ViewParser parser;
  if (!parser.parse(text)) return std::nullopt;
  try {
    return parser.root().get<json>();
  } catch (const NotPlain&) {
    return std::nullopt;
  }
}

BOOST_AUTO_TEST_SUITE(json_view)

// Types as well as values: 1 and 1.0 are two things to a schema.
BOOST_AUTO_TEST_CASE(the_same_as_the_other_parser) {
  std::vector<std::string> texts = {"0",
                                    "1",
                                    "-1",
                                    "1.0",
                                    "0.1",
                                    "1e2",
                                    "18446744073709551615",
                                    "-9223372036854775808",
                                    "true",
                                    "null",
                                    R"("")",
                                    R"("\u00e9\n\"\\")",
                                    "[]",
                                    "{}",
                                    R"([1, [2, {"a": [3]}], "b"])",
                                    R"({"b": 1, "a": {"b": 2}})",
                                    "9007199254740993",
                                    "4.9e-324",
                                    "1.7976931348623157e308"};
  texts.push_back(sample_document({}).dump(1));
  for (const std::string& text : texts) {
    const json expected = json::parse(text);
    const std::optional<json> found = parsed(text);
    BOOST_REQUIRE_MESSAGE(found.has_value(), text);
    BOOST_TEST((*found == expected), text);
    BOOST_TEST((found->type() == expected.type()), text);
    BOOST_TEST(found->dump() == expected.dump());
  }
}

BOOST_AUTO_TEST_CASE(what_it_must_not_take) {
  const auto taken = [](const std::string& text) { return parsed(text).has_value(); };
  BOOST_TEST(taken(std::string(100, '[') + "1" + std::string(100, ']')));
  BOOST_TEST(!taken(std::string(101, '[') + "1" + std::string(101, ']')));
  BOOST_TEST(!taken(R"({"a": 1, "b": 2, "a": 1})"));
  for (const char* broken : {"", "{", "[1,]", "1 2", "nope", "1e999", "18446744073709551616",
                             "\"\xff\"", "\"\x01\"", "// a\n1", "[1] [2]"}) {
    BOOST_TEST(!taken(broken), broken);
  }
}

BOOST_AUTO_TEST_CASE(a_view_shows_values) {
  ViewParser parser;
  BOOST_REQUIRE(parser.parse(R"({"a": [1, 2.5, "x"], "b": null, "c": {"d": true}, "e": [3, 4]})"));
  const JsonView view = parser.root();
  BOOST_TEST(view["a"].size() == 3U);
  BOOST_TEST(view["a"].at(0).get<int64_t>() == 1);
  BOOST_TEST(view["a"].at(0).get<double>() == 1.0);
  BOOST_TEST(view["a"].at(1).get<double>() == 2.5);
  BOOST_TEST(view["a"].at(2).get<std::string>() == "x");
  BOOST_TEST(view["b"].is_null());
  BOOST_TEST(view["c"]["d"].get<bool>());
  BOOST_TEST(view["e"].get<std::vector<int64_t>>() == (std::vector<int64_t>{3, 4}),
             boost::test_tools::per_element());
  std::string keys;
  for (const auto& [key, value] : view.items()) keys += key;
  BOOST_TEST(keys == "abce");
  BOOST_CHECK_THROW(view["z"], std::logic_error);
  BOOST_CHECK_THROW((void)view["b"].get<bool>(), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
