#include "reports/json_view.hpp"

namespace ticketbench {
namespace {

using nlohmann::json;
using simdjson::dom::element_type;

json converted(simdjson::dom::element from, std::size_t deepest);

json object_of(simdjson::dom::element from, std::size_t deepest) {
  json result = json::object();
  auto& object = result.get_ref<json::object_t&>();
  for (const auto& [key, value] : simdjson::dom::object(from)) {
    const auto [place, is_new] = object.try_emplace(std::string(key));
    if (!is_new) throw NotPlain();
    place->second = converted(value, deepest);
  }
  return result;
}

json array_of(simdjson::dom::element from, std::size_t deepest) {
  json result = json::array();
  auto& items = result.get_ref<json::array_t&>();
  const simdjson::dom::array array(from);
  items.reserve(array.size());
  for (const simdjson::dom::element value : array) items.push_back(converted(value, deepest));
  return result;
}

json converted(simdjson::dom::element from, std::size_t deepest) {
  switch (from.type()) {
    case element_type::OBJECT:
    case element_type::ARRAY:
      if (deepest == 0) throw NotPlain();
      return from.is_object() ? object_of(from, deepest - 1) : array_of(from, deepest - 1);
    case element_type::STRING:
      return std::string(std::string_view(from));
    case element_type::INT64:
      // As nlohmann's parser types them: what isn't negative is unsigned.
      if (const auto value = int64_t(from); value < 0) return value;
      return static_cast<uint64_t>(int64_t(from));
    case element_type::UINT64:
      return uint64_t(from);
    case element_type::DOUBLE:
      return double(from);
    case element_type::BOOL:
      return bool(from);
    case element_type::NULL_VALUE:
      break;
  }
  return nullptr;
}

// The library's answer, or a mistake of the reader.
template <class T>
T sure(const simdjson::simdjson_result<T>& result) {
  T value{};
  if (simdjson::simdjson_result<T>(result).get(value) != simdjson::SUCCESS) {
    throw std::logic_error("a document was read otherwise than its schema says");
  }
  return value;
}

template <class T>
std::vector<T> vector_of(const JsonView& view) {
  std::vector<T> values;
  values.reserve(view.size());
  for (const JsonView item : view) values.push_back(item.get<T>());
  return values;
}

}  // namespace

std::size_t JsonView::size() const {
  return array().size();
}

simdjson::dom::array JsonView::array() const {
  return sure(element_.get_array());
}

simdjson::dom::object JsonView::object() const {
  return sure(element_.get_object());
}

bool JsonView::contains(std::string_view key) const {
  return object().at_key(key).error() == simdjson::SUCCESS;
}

JsonView JsonView::operator[](std::string_view key) const {
  return JsonView(sure(object().at_key(key)));
}

JsonView JsonView::at(std::size_t index) const {
  return JsonView(sure(array().at(index)));
}

template <>
bool JsonView::get<bool>() const {
  return sure(element_.get_bool());
}

template <>
int64_t JsonView::get<int64_t>() const {
  return sure(element_.get_int64());
}

template <>
double JsonView::get<double>() const {
  return sure(element_.get_double());
}

template <>
std::string_view JsonView::get<std::string_view>() const {
  return sure(element_.get_string());
}

template <>
std::string JsonView::get<std::string>() const {
  return std::string(get<std::string_view>());
}

template <>
json JsonView::get<json>() const {
  return converted(element_, kDeepestJson);
}

template <>
std::vector<int64_t> JsonView::get<std::vector<int64_t>>() const {
  return vector_of<int64_t>(*this);
}

template <>
std::vector<std::string> JsonView::get<std::vector<std::string>>() const {
  return vector_of<std::string>(*this);
}

bool JsonView::operator==(int64_t number) const {
  return get<int64_t>() == number;
}

bool ViewParser::parse(std::string_view text) {
  return parser_.parse(text.data(), text.size()).get(root_) == simdjson::SUCCESS;
}

}  // namespace ticketbench
