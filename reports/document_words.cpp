#include "reports/document_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace ticketbench {
namespace {

using nlohmann::json;

std::string pointer_to_path(std::string pointer) {
  std::replace(pointer.begin(), pointer.end(), '/', '.');
  return pointer.empty() ? pointer : pointer.substr(1);
}

std::string value_text(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// Leaves by path. nlohmann's flatten makes of an empty document a leaf without a path.
json leaves_of(const json& document) {
  return document.empty() ? json::object() : document.flatten();
}

}  // namespace

std::set<std::string> differing_paths(const std::vector<json>& documents) {
  std::map<std::string, std::map<std::string, std::size_t>> counts;
  for (const json& document : documents) {
    const json leaves = leaves_of(document);
    for (const auto& [path, value] : leaves.items()) ++counts[path][value.dump()];
  }
  std::set<std::string> paths;
  for (const auto& [path, values] : counts) {
    if (values.begin()->second != documents.size()) {
      paths.insert(path);
    }
  }
  return paths;
}

std::string words_at(const json& document, const std::set<std::string>& paths) {
  const json leaves = leaves_of(document);
  std::vector<std::string> words;
  for (const auto& [path, value] : leaves.items()) {
    if (paths.contains(path)) {
      words.push_back(fmt::format("{}={}", pointer_to_path(path), value_text(value)));
    }
  }
  return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace ticketbench
