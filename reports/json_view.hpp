// A JSON document that is looked at where the parser left it: ten thousand records a second.

#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <simdjson.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ticketbench {

// What a view turns into by itself.
template <class T>
concept kShown = std::is_same_v<T, bool> || std::is_same_v<T, int64_t> ||
    std::is_same_v<T, double> || std::is_same_v<T, std::string> ||
    std::is_same_v<T, std::vector<int64_t>> || std::is_same_v<T, std::vector<std::string>>;

// A value as nlohmann::json shows it, as far as a reader of validated documents needs that: a key
// that is missing or a type that doesn't fit is a mistake of the reader (std::logic_error).
class JsonView {
 public:
  explicit JsonView(simdjson::dom::element element) : element_(element) {}

  [[nodiscard]] simdjson::dom::element_type type() const { return element_.type(); }
  [[nodiscard]] bool is_null() const { return element_.is_null(); }
  [[nodiscard]] bool is_array() const { return element_.is_array(); }
  [[nodiscard]] bool is_object() const { return element_.is_object(); }
  [[nodiscard]] bool is_structured() const { return is_array() || is_object(); }
  [[nodiscard]] bool is_number() const { return element_.is_number(); }
  [[nodiscard]] std::size_t size() const;  // of an array

  [[nodiscard]] bool contains(std::string_view key) const;
  JsonView operator[](std::string_view key) const;
  JsonView operator[](const char* key) const { return (*this)[std::string_view(key)]; }
  [[nodiscard]] JsonView at(std::size_t index) const;

  // Of the types above, std::string_view, and nlohmann::json, which throws NotPlain (below) for
  // what a strict parser refuses. A double may be any number.
  template <class T>
  [[nodiscard]] T get() const;
  template <class T>
  requires kShown<T>
  operator T() const {  // NOLINT(google-explicit-constructor): as nlohmann::json
    return get<T>();
  }
  bool operator==(int64_t number) const;

  [[nodiscard]] auto begin() const { return Iterator{array().begin()}; }
  [[nodiscard]] auto end() const { return Iterator{array().end()}; }

  // Keys and values of an object.
  [[nodiscard]] auto items() const { return Fields{object()}; }

 private:
  struct Iterator {
    simdjson::dom::array::iterator at;
    JsonView operator*() const { return JsonView(*at); }
    Iterator& operator++() {
      ++at;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at != other.at; }
  };
  struct FieldIterator {
    simdjson::dom::object::iterator at;
    std::pair<std::string_view, JsonView> operator*() const {
      return {at.key(), JsonView(at.value())};
    }
    FieldIterator& operator++() {
      ++at;
      return *this;
    }
    bool operator!=(const FieldIterator& other) const { return at != other.at; }
  };
  struct Fields {
    simdjson::dom::object object;
    [[nodiscard]] FieldIterator begin() const { return {object.begin()}; }
    [[nodiscard]] FieldIterator end() const { return {object.end()}; }
  };

  [[nodiscard]] simdjson::dom::array array() const;
  [[nodiscard]] simdjson::dom::object object() const;

  simdjson::dom::element element_;
};

// A key twice in one object, or deeper nesting than is allowed: others say where.
struct NotPlain : std::runtime_error {
  NotPlain() : std::runtime_error("a key stands twice, or the nesting is too deep") {}
};

template <>
bool JsonView::get<bool>() const;
template <>
int64_t JsonView::get<int64_t>() const;
template <>
double JsonView::get<double>() const;
template <>
std::string_view JsonView::get<std::string_view>() const;
template <>
std::string JsonView::get<std::string>() const;
template <>
nlohmann::json JsonView::get<nlohmann::json>() const;
template <>
std::vector<int64_t> JsonView::get<std::vector<int64_t>>() const;
template <>
std::vector<std::string> JsonView::get<std::vector<std::string>>() const;

// Parses, and keeps its memory from one document to the next.
class ViewParser {
 public:
  // False where the text is broken or holds a number beyond 64 bits. The view of a document lives
  // until the next one is parsed.
  bool parse(std::string_view text);
  [[nodiscard]] JsonView root() const { return JsonView(root_); }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

// What is allowed between brackets.
constexpr std::size_t kDeepestJson = 100;

}  // namespace ticketbench
