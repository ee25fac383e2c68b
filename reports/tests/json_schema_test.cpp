#include "reports/json_schema.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>

namespace ticketbench {
namespace {

using nlohmann::json;

std::string message_of(const auto& action) {
  try {
    action();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "nothing was refused";
}

std::string parse_message(const std::string& text) {
  return message_of([&] { parse_json(text, "a.json"); });
}

std::string validate_message(const std::string& document, const std::string& schema) {
  return message_of([&] { validate(json::parse(document), json::parse(schema), "a.json"); });
}

BOOST_AUTO_TEST_SUITE(json_schema)

// The place must be that of the offending character and not that of the line's start or the file's
// end: the fault sits in the third line, behind a character of two bytes that is one column.
BOOST_AUTO_TEST_CASE(broken_json_names_line_and_column) {
  BOOST_TEST(parse_message("{\n  \"a\": 1,\n  \"\u00e9\": nope\n}") ==
             "a.json:3:9: broken JSON: syntax error while parsing value - invalid literal; last "
             "read: '\"\u00e9\": no'");
  BOOST_TEST(parse_message("").rfind("a.json:1:1: broken JSON: ", 0) == 0U);
  BOOST_TEST(parse_message("{\"a\": 1,}").find("a.json:1:9: ") == 0U);
  BOOST_TEST(parse_message("{\"a\": 1").find("expected '}'") != std::string::npos);
  BOOST_TEST(parse_message("// hi\n1").find("a.json:1:1: ") == 0U);
  BOOST_TEST(parse_message("[1] [2]").find("expected end of input") != std::string::npos);
  BOOST_TEST(parse_message("[1e999]") == "a.json: broken JSON: number overflow parsing '1e999'");
  BOOST_TEST(parse_message("\"\xff\"").find("a.json:1:2: ") == 0U);
}

// nlohmann::json keeps the last of two equal keys in silence. Equal keys in different objects, the
// trap of a single set of keys, must pass; the pointer must survive the nesting before it.
BOOST_AUTO_TEST_CASE(a_key_twice_is_refused) {
  BOOST_TEST(parse_message(R"({"a": [{"k": 1}, {"k": 1}], "b": {"a": {"k": 2}}, "k": 3})") ==
             "nothing was refused");
  BOOST_TEST(parse_message(R"({"a": [0, [1, 2], {"x": {}, "k/": 1, "k/": 2}]})") ==
             "a.json: /a/2/k~1: this key stands twice in one object, expected once");
}

// Deep nesting would exhaust the stack of everything recursive behind the parser.
BOOST_AUTO_TEST_CASE(deep_nesting_is_refused) {
  BOOST_TEST(parse_message(std::string(100, '[') + std::string(100, ']')) == "nothing was refused");
  BOOST_TEST(parse_message(std::string(1000000, '[')).find("nested deeper than 100") !=
             std::string::npos);
}

// One row for each keyword: the message must hold the pointer, what was found and what is allowed;
// valijson's own messages have neither of the last two.
BOOST_AUTO_TEST_CASE(messages_say_what_was_found_and_what_is_allowed) {
  struct Case {
    const char* schema;
    const char* document;
    const char* message;
  };
  const Case cases[] = {
      {R"({"type": "integer"})", "1.5", "a.json: /: found 1.5, expected an integer"},
      {R"({"type": "integer"})", R"("1")", R"(a.json: /: found "1", expected an integer)"},
      {R"({"type": ["object", "null"]})", "[1, 2]",
       "a.json: /: found an array of 2 items, expected an object or null"},
      {R"({"enum": ["ok", "failed"]})", R"("okay")",
       R"(a.json: /: found "okay", expected one of "ok", "failed", did you mean "ok"?)"},
      {R"({"enum": ["ok", "failed"]})", "3",
       R"(a.json: /: found 3, expected one of "ok", "failed")"},
      {R"({"const": 1})", "2", "a.json: /: found 2, expected 1"},
      {R"({"minimum": 0, "maximum": 1})", "-0.5",
       "a.json: /: found -0.5, expected a number >= 0 and <= 1"},
      {R"({"exclusiveMinimum": 0})", "0", "a.json: /: found 0, expected a number > 0"},
      {R"({"minLength": 1})", R"("")", R"(a.json: /: found "", expected at least 1 character)"},
      {R"({"minItems": 2})", "[]", "a.json: /: found [], expected at least 2 items"},
      {R"({"maxItems": 1})", "[1, 2]",
       "a.json: /: found an array of 2 items, expected at most 1 item"},
      {R"({"uniqueItems": true})", "[1, 1]",
       "a.json: /: found an array of 2 items, expected no item twice"},
      {R"({"pattern": "^[a-z]+$"})", R"("A")",
       R"(a.json: /: found "A", expected text that matches ^[a-z]+$)"},
      {R"({"pattern": "^[a-z]+$", "description": "a lower-case word"})", R"("A")",
       R"(a.json: /: found "A", expected a lower-case word)"},
      {R"({"required": ["a", "b"]})", R"({"a": 1})", R"(a.json: /: key "b" is missing)"},
      {R"({"properties": {"seed": {}, "name": {}}, "additionalProperties": false})",
       R"({"sede": 1})",
       R"(a.json: /sede: unknown key, did you mean "seed"? expected one of name, seed)"},
      {R"({"properties": {"seed": {}}, "additionalProperties": false})", R"({"x": 1})",
       "a.json: /x: unknown key; expected seed"},
      {R"({"additionalProperties": {"type": "integer"}})", R"({"a": 1, "b": "x"})",
       R"(a.json: /b: found "x", expected an integer)"},
      {R"({"patternProperties": {"^n_": {"type": "integer"}}, "additionalProperties": false})",
       R"({"n_1": 1, "n_2": null})", "a.json: /n_2: found null, expected an integer"},
      {R"({"items": {"properties": {"a/b": {"minimum": 1}}}})", R"([{"a/b": 1}, {"a/b": 0}])",
       "a.json: /1/a~1b: found 0, expected a number >= 1"},
      {R"({"items": [{"type": "null"}], "additionalItems": false})", "[null, 1]",
       "a.json: /1: not allowed here"},
      {R"({"oneOf": [{"type": "integer", "minimum": 0}, {"const": "last"}]})", "-1",
       "a.json: /: found -1, expected a number >= 0"},
      {R"({"oneOf": [{"type": "integer", "minimum": 0}, {"const": "last"}]})", R"("first")",
       R"(a.json: /: found "first", expected an integer or "last")"},
      {R"({"anyOf": [{"enum": [1, 2]}, {"type": "null"}], "description": "1, 2 or nothing"})", "3",
       "a.json: /: found 3, expected 1, 2 or nothing"},
      {R"({"allOf": [{"minimum": 1}, {"maximum": 3}]})", "4",
       "a.json: /: found 4, expected a number <= 3"},
      {R"({"if": {"properties": {"s": {"const": "ok"}}},
           "then": {"description": "ok needs data", "properties": {"d": {"type": "object"}}}})",
       R"({"s": "ok", "d": null})", "a.json: /d: found null, expected an object (ok needs data)"},
      {R"({"not": {"const": 1}})", "1", "a.json: /: found 1, expected not an object of 1 key"},
      {R"({"properties": {"a": {"$ref": "#/definitions/n"}},
           "definitions": {"n": {"items": {"$ref": "#/definitions/m"}}, "m": {"type": "null"}}})",
       R"({"a": [null, 1]})", "a.json: /a/1: found 1, expected null"},
  };
  for (const Case& one : cases) {
    BOOST_TEST_CONTEXT(one.schema << " on " << one.document) {
      BOOST_TEST(validate_message(one.document, one.schema) == one.message);
    }
  }
}

// A misspelt key makes two faults, one unknown and one missing; only the first helps.
BOOST_AUTO_TEST_CASE(a_misspelt_key_is_named_before_the_missing_one) {
  BOOST_TEST(
      validate_message(R"({"sede": 1})", R"({"properties": {"seed": {}}, "required": ["seed"],
                                                    "additionalProperties": false})") ==
      R"(a.json: /sede: unknown key, did you mean "seed"? expected seed)");
}

// A value of a megabyte must not become a message of a megabyte, nor be cut inside a character.
BOOST_AUTO_TEST_CASE(long_values_are_cut) {
  std::string text = "\"x";
  for (int i = 0; i < 1000; ++i) text += "\u00e9";
  const std::string message = validate_message(text + "\"", R"({"type": "null"})");
  BOOST_TEST(message.size() < 120U);
  BOOST_TEST(json(message).dump().find("\u00e9...") != std::string::npos);
}

// A fault in the schema is the programmer's and must not look like the user's.
BOOST_AUTO_TEST_CASE(a_broken_schema_is_a_logic_error) {
  BOOST_CHECK_THROW(validate(1, json{{"type", 5}}, "a.json"), std::logic_error);
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read) {
  BOOST_TEST(message_of([] { parse_json_file("/nowhere/x.json"); }) ==
             "/nowhere/x.json: can't be read as a file");
  BOOST_TEST(message_of([] { parse_json_file("/"); }) == "/: can't be read as a file");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
