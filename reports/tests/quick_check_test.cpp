// Essence of testing: the quick check and the validator are two judges of one law. Every value of a
// real document is spoilt in every way, and they must agree on each; a keyword read otherwise, or
// forgotten, parts them somewhere.

#include "reports/quick_check.hpp"

#include "reports/json_schema.hpp"
#include "reports/json_view.hpp"
#include "reports/probe.hpp"
#include "reports/record.hpp"
#include "reports/tests/probe_sample.hpp"
#include "reports/tests/sample.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#include <vector>

namespace ticketbench {
namespace {

using nlohmann::json;

class Judges {
 public:
  explicit Judges(const json& schema) : quick_(schema) {
    valijson::SchemaParser parser;
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema), schema_);
    BOOST_TEST(quick_.complete());
  }

  // What both say; fails where they differ.
  bool obeys(const json& document, const std::string& what) {
    const bool slow =
        validator_.validate(schema_, valijson::adapters::NlohmannJsonAdapter(document), nullptr);
    BOOST_TEST(quick_.passes(document) == slow, what);
    // A document as it is written has its keys in order.
    BOOST_REQUIRE(parser_.parse(document.dump()));
    BOOST_TEST(quick_.passes(parser_.root()) == slow, what);
    return slow;
  }

 private:
  QuickCheck quick_;
  ViewParser parser_;
  valijson::Schema schema_;
  valijson::Validator validator_{valijson::Validator::kStrongTypes};
};

std::vector<json> spoilt(const json& value) {
  std::vector<json> ways = {nullptr,
                            true,
                            -1,
                            0,
                            1,
                            1.0,
                            0.5,
                            -0.5,
                            1e300,
                            "",
                            "x",
                            json::array(),
                            json::object(),
                            std::string(64, 'a'),
                            std::string(63, 'a'),
                            std::string(64, 'A'),
                            "2026-11-27T01:02:03Z",
                            "ok",
                            "failed"};
  if (value.is_object()) {
    json more = value;
    more["unknown"] = 1;
    ways.push_back(more);
    for (const auto& [key, child] : value.items()) {
      json less = value;
      less.erase(key);
      ways.push_back(less);
    }
  }
  if (value.is_array()) {
    json more = value;
    more.push_back(1);
    ways.push_back(more);
    if (!value.empty()) {
      more = value;
      more.push_back(value[0]);
      ways.push_back(more);
    }
  }
  return ways;
}

// Every place of `document` in turn; says how many spoilt documents were refused.
int check_all(Judges& judges, json document) {
  judges.obeys(document, "as it is");
  std::vector<std::string> places;
  const json flat = document.flatten();
  for (const auto& [place, value] : flat.items()) {
    for (json::json_pointer at(place); !at.empty(); at = at.parent_pointer()) {
      places.push_back(at.to_string());
    }
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  int refused = 0;
  for (const std::string& place : places) {
    json& value = document[json::json_pointer(place)];
    const json good = value;
    for (const json& bad : spoilt(good)) {
      value = bad;
      refused += judges.obeys(document, place + " = " + bad.dump()) ? 0 : 1;
    }
    value = good;
  }
  return refused;
}

BOOST_AUTO_TEST_SUITE(quick_check)

BOOST_AUTO_TEST_CASE(records) {
  Judges judges(record_schema().text());
  BOOST_TEST(judges.obeys(sample_document({}), "as it is"));
  BOOST_TEST(check_all(judges, sample_document({})) > 1000);
  json failed = sample_document({.points = {}, .status = "failed", .reason = "r"});
  BOOST_TEST(check_all(judges, failed) > 100);
}

BOOST_AUTO_TEST_CASE(probes) {
  Judges judges(probe_schema());
  const json document = {
      {"context", json::object()},
      {"benchmarks", json::array()},
      {"ticketbench", to_json(network_probe(std::string(64, 'a'), 1, 0.002, "t"))}};
  // Its provenance is made up, so all of it is refused; what counts is that both say so.
  check_all(judges, document);
}

// The order of keys decides nothing about a document, but a view in another one isn't looked at.
BOOST_AUTO_TEST_CASE(a_view_with_other_keys_is_left_to_others) {
  const QuickCheck check(json::parse(R"({"type": "object"})"));
  ViewParser parser;
  const auto passes = [&](const char* text) {
    BOOST_REQUIRE(parser.parse(text));
    return check.passes(parser.root());
  };
  BOOST_TEST(passes(R"({"a": 1, "b": 2})"));
  BOOST_TEST(!passes(R"({"b": 1, "a": 2})"));
  BOOST_TEST(!passes(R"({"a": 1, "a": 2})"));
}

BOOST_AUTO_TEST_CASE(keywords) {
  const auto agree = [](const char* schema, const std::vector<const char*>& documents) {
    Judges judges(json::parse(schema));
    int obeyed = 0;
    for (const char* document : documents) {
      obeyed += judges.obeys(json::parse(document), document) ? 1 : 0;
    }
    return obeyed;
  };
  BOOST_TEST(agree(R"({"type": ["integer", "null"], "minimum": 2, "maximum": 3})",
                   {"1", "2", "3", "4", "2.0", "null", "\"2\""}) == 3);
  BOOST_TEST(agree(R"({"exclusiveMinimum": 0})", {"0", "1e-9", "-1", "\"a\""}) == 2);
  BOOST_TEST(agree(R"({"required": ["b", "a"], "additionalProperties": {"type": "string"}})",
                   {R"({"a": "", "b": ""})", R"({"a": ""})", R"({"a": "", "b": 1})",
                    R"({"a": "", "b": "", "c": 1})", "[]"}) == 2);
  BOOST_TEST(
      agree(R"({"oneOf": [{"type": "integer"}, {"minimum": 2}]})", {"1", "2", "2.5", "1.5"}) == 2);
  BOOST_TEST(agree(R"({"if": {"minimum": 2}, "then": {"maximum": 3}, "else": {"enum": [1]}})",
                   {"1", "0", "2", "4"}) == 2);
  BOOST_TEST(agree(R"({"minLength": 2})", {R"("é")", R"("éé")", R"("a")", "1"}) == 2);
  BOOST_TEST(agree(R"({"pattern": "^a+$"})", {R"("aa")", R"("ab")", "1"}) == 2);
  BOOST_TEST(agree(R"({"items": {"$ref": "#/definitions/a"}, "minItems": 1, "maxItems": 2,
                       "definitions": {"a": {"items": {"$ref": "#/definitions/a"}}}})",
                   {"[]", "[1]", "[[[1]]]", "[1, 2, 3]"}) == 2);
  BOOST_TEST(agree(R"({"properties": {"a": false, "b": true}})", {R"({"a": 1})", R"({"b": 1})"}) ==
             1);
}

// Of a keyword that it doesn't know it must not say that it is obeyed.
BOOST_AUTO_TEST_CASE(what_is_unknown_is_not_passed) {
  const QuickCheck check(json::parse(R"({"properties": {"a": {"multipleOf": 2}}})"));
  BOOST_TEST(!check.complete());
  BOOST_TEST(!check.passes(json::parse(R"({"a": 2})")));
  // An integer and a fraction may be one number to others.
  BOOST_TEST(!QuickCheck(json::parse(R"({"const": 1.0})")).complete());
  const json even = json::parse(R"({"multipleOf": 2})");
  BOOST_CHECK_NO_THROW(validate(2, even, "d"));
  BOOST_CHECK_THROW(validate(3, even, "d"), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
