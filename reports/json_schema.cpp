#include "reports/json_schema.hpp"

#include "reports/json_view.hpp"
#include "reports/quick_check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <system_error>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#include <vector>

namespace ticketbench {
namespace {

using nlohmann::json;
using Pointer = json::json_pointer;

// Keywords that only mean something together with others, or hold schemas of their own.
const std::set<std::string> kExplainedBefore = {"type",
                                                "properties",
                                                "patternProperties",
                                                "additionalProperties",
                                                "required",
                                                "items",
                                                "additionalItems",
                                                "allOf",
                                                "anyOf",
                                                "oneOf",
                                                "if",
                                                "then",
                                                "else",
                                                "definitions"};

constexpr std::size_t kLongestQuote = 60;

[[noreturn]] void refuse(const std::string& source, const Pointer& pointer,
                         const std::string& message) {
  throw std::invalid_argument(located(source, pointer.to_string(), message));
}

// `text` cut at a character, not inside one, so that it stays UTF-8.
std::string shortened(std::string text, std::size_t longest) {
  if (text.size() <= longest) {
    return text;
  }
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0U) == 0x80U) --longest;
  text.resize(longest);
  return text + "...";
}

std::string counted(const json& count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count.dump(), count == 1 ? one : many);
}

std::string quoted(const json& value) {
  switch (value.type()) {
    case json::value_t::object:
      return value.empty() ? "{}" : "an object of " + counted(value.size(), "key", "keys");
    case json::value_t::array:
      return value.empty() ? "[]" : "an array of " + counted(value.size(), "item", "items");
    default:
      return shortened(value.dump(-1, ' ', false, json::error_handler_t::replace), kLongestQuote);
  }
}

// Number of single-character insertions, deletions and replacements between two words.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

// ", did you mean "x"?" for the nearest candidate, `none` where no one is near.
std::string suggestion(const std::string& word, const std::vector<std::string>& candidates,
                       const std::string& none) {
  if (word.size() > kLongestQuote) {
    return none;
  }
  std::size_t best = std::max<std::size_t>(2, word.size() / 3) + 1;  // as core's nearest
  std::string answer = none;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best) {
      best = distance;
      answer = fmt::format(", did you mean {}?", json(candidate).dump());
    }
  }
  return answer;
}

// Follows the parser through a document and refuses what nlohmann::json would let pass.
class StrictReader {
 public:
  explicit StrictReader(const std::string& source) : source_(source) {}

  bool operator()(int /*depth*/, json::parse_event_t event, json& parsed) {
    switch (event) {
      case json::parse_event_t::object_start:
      case json::parse_event_t::array_start:
        if (frames_.size() >= kDeepestJson) {
          refuse(source_, pointer(), fmt::format("nested deeper than {} levels", kDeepestJson));
        }
        frames_.push_back({.is_array = event == json::parse_event_t::array_start,
                           .keys = {},
                           .place = "0",
                           .index = 0});
        break;
      case json::parse_event_t::key:
        frames_.back().place = parsed.get<std::string>();
        if (!frames_.back().keys.insert(frames_.back().place).second) {
          refuse(source_, pointer(), "this key stands twice in one object, expected once");
        }
        break;
      case json::parse_event_t::object_end:
      case json::parse_event_t::array_end:
        frames_.pop_back();
        next_item();
        break;
      case json::parse_event_t::value:
        next_item();
        break;
    }
    return true;
  }

 private:
  struct Frame {
    bool is_array = false;
    std::set<std::string> keys;
    std::string place;
    std::size_t index = 0;
  };

  void next_item() {
    if (frames_.empty() || !frames_.back().is_array) {
      return;
    }
    frames_.back().place = std::to_string(++frames_.back().index);
  }

  [[nodiscard]] Pointer pointer() const {
    Pointer result;
    for (const Frame& frame : frames_) result.push_back(frame.place);
    return result;
  }

  const std::string& source_;
  std::vector<Frame> frames_;
};

// "line:column" of the last character the parser had read; columns count characters, from 1.
std::string place_of(std::string_view text, std::size_t bytes_read) {
  std::size_t line = 1;
  std::size_t column = 1;
  const std::size_t last = std::min(bytes_read == 0 ? 0 : bytes_read - 1, text.size());
  for (const char c : text.substr(0, last)) {
    if (c == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++column;
    }
  }
  return fmt::format("{}:{}", line, column);
}

// The library's sentence without its own prefix ("[json.exception...] parse error at line ...: ").
std::string words_of(const json::exception& error) {
  std::string words = error.what();
  if (const auto end = words.find("] "); end != std::string::npos) {
    words.erase(0, end + 2);
  }
  if (words.rfind("parse error", 0) == 0) {
    if (const auto end = words.find(": "); end != std::string::npos) {
      words.erase(0, end + 2);
    }
  }
  return shortened(words, 300);
}

std::unique_ptr<const valijson::Schema> prepared(const json& schema) {
  auto result = std::make_unique<valijson::Schema>();
  valijson::SchemaParser parser;
  try {
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema), *result);
  } catch (const std::exception& error) {
    throw std::logic_error(fmt::format("broken JSON Schema: {}", error.what()));
  }
  return result;
}

bool obeys(const json& document, const valijson::Schema& schema) {
  // Strong types: "1" is not an integer. Kept, since it remembers the patterns it has compiled.
  thread_local valijson::Validator validator(valijson::Validator::kStrongTypes);
  return validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(document), nullptr);
}

bool obeys(const json& document, const json& schema) {
  return obeys(document, *prepared(schema));
}

// Finds the words for a violation. valijson says whether a value obeys a keyword; this walks down
// to the first keyword that is violated, because valijson's own messages name neither the value
// found nor the values allowed.
class Explainer {
 public:
  Explainer(const json& root, const std::string& source) : root_(root), source_(source) {}

  // Throws the message for `value`, which violates `node`. Returns if no keyword of it is violated.
  void explain(const json& value, const json& node, const Pointer& at,
               const std::string& cause) const {
    if (node.is_boolean()) {
      say(at, "not allowed here", cause);
    }
    if (node.contains("$ref")) {
      return explain(value, resolve(node), at, cause);
    }

    if (violates(value, node, {"type"})) {
      say(at, fmt::format("found {}, expected {}", quoted(value), type_words(node["type"])), cause);
    }
    // Before "required": a misspelt key is both unknown and missing, and the first says more.
    if (value.is_object()) {
      explain_keys(value, node, at, cause);
    }
    if (violates(value, node, {"required"})) {
      for (const json& key : node["required"]) {
        if (!value.contains(key)) {
          say(at, fmt::format("key {} is missing", key.dump()), cause);
        }
      }
    }
    explain_items(value, node, at, cause);
    explain_logic(value, node, at, cause);
    for (const auto& [keyword, rule] : node.items()) {
      if (!kExplainedBefore.contains(keyword) && violates(value, node, {keyword.c_str()})) {
        say(at, leaf_words(value, node, keyword, rule), cause);
      }
    }
  }

 private:
  [[noreturn]] void say(const Pointer& at, const std::string& message,
                        const std::string& cause) const {
    refuse(source_, at, cause.empty() ? message : fmt::format("{} ({})", message, cause));
  }

  [[nodiscard]] json resolve(const json& node) const {
    return root_.at(Pointer(node["$ref"].get<std::string>().substr(1)));
  }

  [[nodiscard]] bool violates_node(const json& value, const json& node) const {
    json alone = {{"allOf", json::array({node})}};
    if (root_.contains("definitions")) {
      alone["definitions"] = root_["definitions"];
    }
    return !obeys(value, alone);
  }

  // Whether `value` violates these keywords of the node, taken without the others.
  [[nodiscard]] bool violates(const json& value, const json& node,
                              const std::vector<const char*>& keywords) const {
    json part = json::object();
    for (const char* keyword : keywords) {
      if (node.contains(keyword)) {
        part[keyword] = node[keyword];
      }
    }
    return !part.empty() && violates_node(value, part);
  }

  void explain_keys(const json& value, const json& node, const Pointer& at,
                    const std::string& cause) const {
    const json known = node.value("properties", json::object());
    const json patterns = node.value("patternProperties", json::object());
    const json others = node.value("additionalProperties", json(true));
    for (const auto& [key, child] : value.items()) {
      if (known.contains(key) || matches_any(key, patterns)) {
        continue;
      }
      if (others == false) {
        say(at / key, unknown_key_words(key, known), cause);
      }
      if (violates_node(child, others)) {
        explain(child, others, at / key, cause);
      }
    }
    for (const auto& [key, child] : value.items()) {
      if (known.contains(key) && violates_node(child, known[key])) {
        explain(child, known[key], at / key, cause);
      }
      for (const auto& [pattern, rule] : patterns.items()) {
        if (matches(key, pattern) && violates_node(child, rule)) {
          explain(child, rule, at / key, cause);
        }
      }
    }
  }

  static std::string unknown_key_words(const std::string& key, const json& known) {
    std::vector<std::string> names;
    for (const auto& [name, _] : known.items()) names.push_back(name);
    if (names.empty()) {
      return "unknown key, expected none";
    }
    return fmt::format("unknown key{} expected {}{}", suggestion(key, names, ";"),
                       names.size() > 1 ? "one of " : "", fmt::join(names, ", "));
  }

  static bool matches(const std::string& key, const std::string& pattern) {
    return obeys(key, {{"pattern", pattern}});
  }

  static bool matches_any(const std::string& key, const json& patterns) {
    return std::any_of(patterns.items().begin(), patterns.items().end(),
                       [&](const auto& item) { return matches(key, item.key()); });
  }

  void explain_items(const json& value, const json& node, const Pointer& at,
                     const std::string& cause) const {
    if (!value.is_array() || !violates(value, node, {"items", "additionalItems"})) {
      return;
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
      const json& items = node["items"];
      const json& rule = items.is_array() && i < items.size() ? items[i]
                         : items.is_array()                   ? node["additionalItems"]
                                                              : items;
      if (violates_node(value[i], rule)) {
        explain(value[i], rule, at / i, cause);
      }
    }
  }

  void explain_logic(const json& value, const json& node, const Pointer& at,
                     const std::string& cause) const {
    for (const json& rule : node.value("allOf", json::array())) {
      if (violates_node(value, rule)) {
        explain(value, rule, at, cause);
      }
    }
    if (violates(value, node, {"if", "then", "else"})) {
      const json& rule = violates_node(value, node["if"]) ? node["else"] : node["then"];
      explain(value, rule, at, rule.is_object() ? rule.value("description", cause) : cause);
    }
    for (const char* keyword : {"anyOf", "oneOf"}) {
      if (!violates(value, node, {keyword})) {
        continue;
      }
      // The only branch made for this kind of value is the one that was meant.
      std::vector<json> meant;
      for (const json& branch : node[keyword]) {
        const json rule = branch.contains("$ref") ? resolve(branch) : branch;
        if (rule.contains("type") && !violates(value, rule, {"type"})) {
          meant.push_back(rule);
        }
      }
      if (meant.size() == 1 && violates_node(value, meant[0])) {
        explain(value, meant[0], at, cause);
      }
      std::vector<std::string> allowed;
      for (const json& branch : node[keyword]) allowed.push_back(allowed_words(branch));
      say(at,
          fmt::format("found {}, expected {}", quoted(value),
                      node.value("description", fmt::format("{}", fmt::join(allowed, " or ")))),
          cause);
    }
  }

  static std::string type_words(const json& type) {
    if (type.is_array()) {
      std::vector<std::string> words;
      for (const json& one : type) words.push_back(type_words(one));
      return fmt::format("{}", fmt::join(words, " or "));
    }
    auto name = type.get<std::string>();
    if (name == "null") {
      return name;
    }
    return (name == "integer" || name == "object" || name == "array" ? "an " : "a ") + name;
  }

  // What a branch of "anyOf" or "oneOf" accepts, in few words.
  [[nodiscard]] std::string allowed_words(const json& branch) const {
    const json node = branch.contains("$ref") ? resolve(branch) : branch;
    if (node.contains("description")) {
      return node["description"];
    }
    if (node.contains("const")) {
      return node["const"].dump();
    }
    if (node.contains("enum")) {
      return enum_words(node["enum"]);
    }
    if (node.contains("type")) {
      return type_words(node["type"]);
    }
    return "another form";
  }

  static std::string enum_words(const json& values) {
    std::vector<std::string> words;
    for (const json& value : values) words.push_back(value.dump());
    return fmt::format("{}{}", words.size() > 1 ? "one of " : "", fmt::join(words, ", "));
  }

  // The range of a node as words, from all of its four keywords: a bound alone says too little.
  static std::string range_words(const json& node) {
    std::vector<std::string> bounds;
    for (const auto& [keyword, sign] : {std::pair{"minimum", ">="},
                                        {"exclusiveMinimum", ">"},
                                        {"maximum", "<="},
                                        {"exclusiveMaximum", "<"}}) {
      if (node.contains(keyword)) {
        bounds.push_back(fmt::format("{} {}", sign, node[keyword].dump()));
      }
    }
    return fmt::format("{}", fmt::join(bounds, " and "));
  }

  static std::string leaf_words(const json& value, const json& node, const std::string& keyword,
                                const json& rule) {
    const std::string found = fmt::format("found {}, expected ", quoted(value));
    if (keyword == "enum") {
      std::vector<std::string> names;
      for (const json& one : rule) {
        if (one.is_string()) {
          names.push_back(one);
        }
      }
      return found + enum_words(rule) +
             (value.is_string() ? suggestion(value.get<std::string>(), names, "") : "");
    }
    if (keyword == "const") {
      return found + rule.dump();
    }
    if (keyword == "pattern") {
      return found + node.value("description", "text that matches " + rule.get<std::string>());
    }
    if (keyword.find("inimum") != std::string::npos ||
        keyword.find("aximum") != std::string::npos) {
      return found + "a number " + range_words(node);
    }
    if (keyword == "minLength" || keyword == "maxLength") {
      return found + (keyword == "minLength" ? "at least " : "at most ") +
             counted(rule, "character", "characters");
    }
    if (keyword == "minItems" || keyword == "maxItems") {
      return found + (keyword == "minItems" ? "at least " : "at most ") +
             counted(rule, "item", "items");
    }
    if (keyword == "uniqueItems") {
      return found + "no item twice";
    }
    return fmt::format("{}{} {}", found, keyword, quoted(rule));
  }

  const json& root_;
  const std::string& source_;
};

}  // namespace

std::string located(const std::string& source, const std::string& pointer,
                    const std::string& message) {
  return fmt::format("{}: {}: {}", source, pointer.empty() ? "/" : pointer, message);
}

json parse_json(std::string_view text, const std::string& source) {
  // Most documents are as they should be; what is wrong with one takes longer to say.
  thread_local ViewParser parser;
  try {
    if (parser.parse(text)) return parser.root().get<json>();
  } catch (const NotPlain&) {
    // The parser below says where.
  }
  try {
    return json::parse(text.begin(), text.end(), json::parser_callback_t(StrictReader(source)));
  } catch (const json::parse_error& error) {
    throw std::invalid_argument(
        fmt::format("{}:{}: broken JSON: {}", source, place_of(text, error.byte), words_of(error)));
  } catch (const json::exception& error) {
    throw std::invalid_argument(fmt::format("{}: broken JSON: {}", source, words_of(error)));
  }
}

std::string read_text_file(const std::string& path) {
  std::error_code problem;  // also for a folder, which opens like a file
  const std::uintmax_t size = std::filesystem::file_size(path, problem);
  std::ifstream file(path, std::ios::binary);
  if (problem || !file) {
    throw std::invalid_argument(fmt::format("{}: can't be read as a file", path));
  }
  std::string text(size, ' ');
  file.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

json parse_json_file(const std::string& path) {
  return parse_json(read_text_file(path), path);
}

struct JsonSchema::Prepared {
  explicit Prepared(const json& text) : schema(prepared(text)), quick(text) {}

  std::unique_ptr<const valijson::Schema> schema;  // first: it says what is wrong with a text
  QuickCheck quick;
};

JsonSchema::JsonSchema(json schema) : schema_(std::move(schema)) {
  prepared_ = std::make_shared<Prepared>(schema_);
}

bool JsonSchema::surely_obeyed_by(const JsonView& document) const {
  return prepared_->quick.passes(document);
}

void JsonSchema::validate(const json& document, const std::string& source) const {
  if (prepared_->quick.passes(document) || obeys(document, *prepared_->schema)) {
    return;
  }
  Explainer(schema_, source).explain(document, schema_, Pointer(), "");
  refuse(source, Pointer(), "does not obey its schema");
}

void validate(const json& document, const json& schema, const std::string& source) {
  JsonSchema(schema).validate(document, source);
}

}  // namespace ticketbench
