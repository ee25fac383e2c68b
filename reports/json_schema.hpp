// JSON in, with errors for people: strict parsing, and validation against a JSON Schema (draft-07).
// Nothing here knows a particular format: suites, recipes and records are all read through it.

#pragma once

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace ticketbench {

class JsonView;

// The document in `text`. Stricter than JSON: a key twice in one object and nesting deeper than 100
// are refused. Throws std::invalid_argument: "source:line:column: what is wrong", or, for the two
// rules above, "source: /json/pointer: what is wrong". `source` names the text, usually a file.
nlohmann::json parse_json(std::string_view text, const std::string& source);

// A file's content. Throws std::invalid_argument if it can't be read.
std::string read_text_file(const std::string& path);

// parse_json of a file's content. Throws std::invalid_argument if it can't be read.
nlohmann::json parse_json_file(const std::string& path);

// A schema, prepared once for many documents; several threads may use one at a time.
class JsonSchema {
 public:
  // Throws std::logic_error if the schema is broken.
  explicit JsonSchema(nlohmann::json schema);

  [[nodiscard]] const nlohmann::json& text() const { return schema_; }

  // Whether the document obeys, as a quick look finds: false says nothing.
  [[nodiscard]] bool surely_obeyed_by(const JsonView& document) const;

  // As the function below.
  void validate(const nlohmann::json& document, const std::string& source) const;

 private:
  struct Prepared;
  nlohmann::json schema_;
  std::shared_ptr<const Prepared> prepared_;
};

// Returns if `document` obeys `schema`, else throws std::invalid_argument with one violation:
// "source: /json/pointer: what was found, what is allowed".
// A "description" beside a "pattern", "anyOf" or "oneOf" is used as the words for what is allowed;
// beside the keywords of a "then" or "else" it is given as the cause.
// 1 is an integer and 1.0 is not. Throws std::logic_error if the schema itself is broken.
void validate(const nlohmann::json& document, const nlohmann::json& schema,
              const std::string& source);

// "source: /json/pointer: message", the one form of an error in a document; the root is "/".
std::string located(const std::string& source, const std::string& pointer,
                    const std::string& message);

}  // namespace ticketbench
