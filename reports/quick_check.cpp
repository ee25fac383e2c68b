#include "reports/quick_check.hpp"

#include "reports/json_view.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace ticketbench {
namespace {

using nlohmann::json;

const std::set<std::string> kSilent = {"$schema", "$comment", "title", "description",
                                       "definitions"};
constexpr std::string_view kSha256 = "^[0-9a-f]{64}$";

// Types of values, as bits.
constexpr unsigned kNull = 1;
constexpr unsigned kBoolean = 2;
constexpr unsigned kInteger = 4;
constexpr unsigned kFraction = 8;
constexpr unsigned kString = 16;
constexpr unsigned kArray = 32;
constexpr unsigned kObject = 64;
constexpr unsigned kAny = 127;

unsigned type_of(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return kNull;
    case json::value_t::boolean:
      return kBoolean;
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
      return kInteger;
    case json::value_t::number_float:
      return kFraction;
    case json::value_t::string:
      return kString;
    case json::value_t::array:
      return kArray;
    case json::value_t::object:
      return kObject;
    default:
      return 0;
  }
}

unsigned type_of(const JsonView& value) {
  switch (value.type()) {
    case simdjson::dom::element_type::NULL_VALUE:
      return kNull;
    case simdjson::dom::element_type::BOOL:
      return kBoolean;
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64:
      return kInteger;
    case simdjson::dom::element_type::DOUBLE:
      return kFraction;
    case simdjson::dom::element_type::STRING:
      return kString;
    case simdjson::dom::element_type::ARRAY:
      return kArray;
    case simdjson::dom::element_type::OBJECT:
      return kObject;
  }
  return 0;
}

std::string_view text_of(const json& value) {
  return value.get_ref<const std::string&>();
}

std::string_view text_of(const JsonView& value) {
  return value.get<std::string_view>();
}

std::optional<unsigned> type_named(const json& name) {
  if (name == "null") return kNull;
  if (name == "boolean") return kBoolean;
  if (name == "integer") return kInteger;
  if (name == "number") return kInteger | kFraction;
  if (name == "string") return kString;
  if (name == "array") return kArray;
  if (name == "object") return kObject;
  return std::nullopt;
}

// What a schema may name for it to be judged here: fractions are rounded in more than one way.
bool comparable(const json& value) {
  return value.is_string() || value.is_number_integer() || value.is_boolean() || value.is_null();
}

// As JSON Schema compares: 1 is 1.0.
template <class Value>
bool equal(const json& named, const Value& value) {
  const unsigned type = type_of(value);
  const unsigned expected = type_of(named);
  if (expected == kInteger && (type == kInteger || type == kFraction)) {
    return value.template get<double>() == named.get<double>();
  }
  if (type != expected) return false;
  if (type == kString) return text_of(value) == text_of(named);
  return type == kNull || value.template get<bool>() == named.get<bool>();
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

struct QuickCheck::Node {
  struct Property {
    std::string key;
    const Node* node = nullptr;  // none: anything
    bool required = false;
  };

  unsigned types = kAny;
  std::vector<Property> properties;  // sorted, as an object's keys are
  const Node* others = nullptr;      // of other keys; none: anything
  bool no_others = false;
  const Node* items = nullptr;
  std::size_t least_items = 0;
  std::size_t most_items = std::numeric_limits<std::size_t>::max();
  std::size_t least_length = 0;
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  bool above_minimum = false;  // which itself is excluded
  bool sha256 = false;
  std::optional<std::regex> pattern;
  std::vector<json> values;  // enum and const; empty: any
  std::vector<const Node*> all_of;
  std::vector<const Node*> any_of;
  std::vector<const Node*> one_of;
  const Node* condition = nullptr;
  const Node* then = nullptr;
  const Node* otherwise = nullptr;
  const Node* reference = nullptr;  // stands for all of the above
  bool never = false;               // the schema `false`

  template <class Value>
  [[nodiscard]] bool passes(const Value& value) const;
  template <class Value>
  [[nodiscard]] bool passes_object(const Value& value) const;
  template <class Value>
  [[nodiscard]] bool passes_array(const Value& value) const;
  [[nodiscard]] bool passes_number(double number) const;
  [[nodiscard]] bool passes_string(std::string_view text) const;
  template <class Value>
  [[nodiscard]] bool passes_logic(const Value& value) const;
};

template <class Value>
bool QuickCheck::Node::passes_object(const Value& value) const {
  auto property = properties.begin();
  std::optional<std::string_view> before;
  for (const auto& [key, child] : value.items()) {
    if (before && *before >= key) return false;
    before = key;
    for (; property != properties.end() && property->key < key; ++property) {
      if (property->required) return false;
    }
    if (property != properties.end() && property->key == key) {
      if (property->node != nullptr && !property->node->passes(child)) return false;
      ++property;
    } else if (no_others || (others != nullptr && !others->passes(child))) {
      return false;
    }
  }
  return std::none_of(property, properties.end(), [](const Property& p) { return p.required; });
}

template <class Value>
bool QuickCheck::Node::passes_array(const Value& value) const {
  std::size_t count = 0;
  for (const auto& item : value) {
    ++count;
    if (items != nullptr && !items->passes(item)) return false;
  }
  return count >= least_items && count <= most_items;
}

bool QuickCheck::Node::passes_number(double number) const {
  return number >= minimum && number <= maximum && !(above_minimum && number == minimum);
}

bool QuickCheck::Node::passes_string(std::string_view text) const {
  if (least_length > 0 && characters(text) < least_length) return false;
  if (sha256 && !is_sha256(text)) return false;
  return !pattern || std::regex_search(text.begin(), text.end(), *pattern);
}

template <class Value>
bool QuickCheck::Node::passes_logic(const Value& value) const {
  const auto passing = [&](const Node* node) { return node->passes(value); };
  if (!std::all_of(all_of.begin(), all_of.end(), passing)) return false;
  if (!any_of.empty() && std::none_of(any_of.begin(), any_of.end(), passing)) return false;
  if (!one_of.empty() && std::count_if(one_of.begin(), one_of.end(), passing) != 1) return false;
  if (condition == nullptr) return true;
  const Node* branch = condition->passes(value) ? then : otherwise;
  return branch == nullptr || branch->passes(value);
}

template <class Value>
bool QuickCheck::Node::passes(const Value& value) const {
  if (reference != nullptr) return reference->passes(value);
  const unsigned type = type_of(value);
  if (never || (types & type) == 0) return false;
  if (type == kObject && !passes_object(value)) return false;
  if (type == kArray && !passes_array(value)) return false;
  if ((type & (kInteger | kFraction)) != 0 && !passes_number(value.template get<double>())) {
    return false;
  }
  if (type == kString && !passes_string(text_of(value))) return false;
  if (!values.empty() && std::none_of(values.begin(), values.end(),
                                      [&](const json& one) { return equal(one, value); })) {
    return false;
  }
  return passes_logic(value);
}

QuickCheck::QuickCheck(const json& schema) {
  root_ = compile(schema, schema);
  compiled_.clear();
}

QuickCheck::~QuickCheck() = default;

bool QuickCheck::passes(const json& document) const {
  return complete_ && root_->passes(document);
}

bool QuickCheck::passes(const JsonView& document) const {
  return complete_ && root_->passes(document);
}

QuickCheck::Node* QuickCheck::compile(const json& schema, const json& root) {
  for (const auto& [known, node] : compiled_) {
    if (known == &schema) return node;
  }
  nodes_.push_back(std::make_unique<Node>());
  Node& node = *nodes_.back();
  compiled_.emplace_back(&schema, &node);
  if (schema.is_boolean()) {
    node.never = !schema.get<bool>();
    return &node;
  }
  if (schema.contains("$ref")) {
    const std::string target = schema["$ref"];
    complete_ = complete_ && target.starts_with("#/");
    if (complete_) node.reference = compile(root.at(json::json_pointer(target.substr(1))), root);
    return &node;
  }
  const auto compile_all = [&](const json& list, std::vector<const Node*>& into) {
    for (const json& one : list) into.push_back(compile(one, root));
  };
  std::set<std::string> required;
  for (const auto& [keyword, rule] : schema.items()) {
    if (kSilent.contains(keyword)) continue;
    if (keyword == "type") {
      node.types = 0;
      for (const json& name : rule.is_array() ? rule : json::array({rule})) {
        const std::optional<unsigned> type = type_named(name);
        complete_ = complete_ && type;
        node.types |= type.value_or(0);
      }
    } else if (keyword == "properties") {
      for (const auto& [key, child] : rule.items()) {
        node.properties.push_back({.key = key, .node = compile(child, root)});
      }
    } else if (keyword == "required") {
      required = rule.get<std::set<std::string>>();
    } else if (keyword == "additionalProperties") {
      node.no_others = rule == false;
      if (rule.is_object()) node.others = compile(rule, root);
    } else if (keyword == "items" && !rule.is_array()) {
      node.items = compile(rule, root);
    } else if (keyword == "minItems") {
      node.least_items = rule;
    } else if (keyword == "maxItems") {
      node.most_items = rule;
    } else if (keyword == "minLength") {
      node.least_length = rule;
    } else if (keyword == "minimum") {
      node.minimum = std::max(node.minimum, rule.get<double>());
    } else if (keyword == "maximum") {
      node.maximum = rule;
    } else if (keyword == "exclusiveMinimum" && !schema.contains("minimum")) {
      node.minimum = rule;
      node.above_minimum = true;
    } else if (keyword == "pattern") {
      node.sha256 = rule == kSha256;
      if (!node.sha256) node.pattern.emplace(rule.get<std::string>());
    } else if (keyword == "enum" && !schema.contains("const")) {
      node.values = rule.get<std::vector<json>>();
    } else if (keyword == "const") {
      node.values = {rule};
    } else if (keyword == "allOf") {
      compile_all(rule, node.all_of);
    } else if (keyword == "anyOf") {
      compile_all(rule, node.any_of);
    } else if (keyword == "oneOf") {
      compile_all(rule, node.one_of);
    } else if (keyword == "if") {
      node.condition = compile(rule, root);
    } else if (keyword == "then") {
      node.then = compile(rule, root);
    } else if (keyword == "else") {
      node.otherwise = compile(rule, root);
    } else {
      complete_ = false;
    }
  }
  complete_ = complete_ && std::all_of(node.values.begin(), node.values.end(), comparable);
  for (Node::Property& property : node.properties) {
    property.required = required.erase(property.key) > 0;
  }
  for (const std::string& key : required) {
    // A required key of which nothing else is said obeys the rule for others.
    node.properties.push_back({.key = key, .node = node.others, .required = true});
    complete_ = complete_ && !node.no_others;
  }
  std::sort(node.properties.begin(), node.properties.end(),
            [](const Node::Property& a, const Node::Property& b) { return a.key < b.key; });
  return &node;
}

}  // namespace ticketbench
