#include "reports/configuration.hpp"

#include "reports/document_words.hpp"
#include "reports/run_identity.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace ticketbench {
namespace {

using nlohmann::json;

// Of two records of one run or seed, of which one may be missing.
const Record* better(const Record* one, const Record* other) {
  return one == nullptr || worse(*one, *other) ? other : one;
}

json identity_of(const Record& record, const RunIndex& index) {
  json result = method_identity(record, index);
  result["harness"] = {{"version", record.harness_version},
                       {"dataset", record.dataset},
                       {"model", record.model},
                       {"recipe", record.recipe},
                       {"division", record.division}};
  return result;
}

// Of one method on one board, from here on by identity.
using Alike = std::map<std::string, const Configuration*>;

std::map<std::string, std::string> labels_of_method(const Alike& alike) {
  std::vector<json> fields;
  std::set<int64_t> versions;
  for (const auto& [key, one] : alike) {
    fields.push_back(one->identity["fields"]);
    versions.insert(one->any().method_version);
  }
  const std::set<std::string> paths = differing_paths(fields);
  std::map<std::string, std::string> result;
  for (const auto& [key, one] : alike) {
    std::string text = one->any().name;
    if (versions.size() > 1) {
      text += fmt::format(" v{}", one->any().method_version);
    }
    if (const std::string words = words_at(one->identity["fields"], paths); !words.empty()) {
      text += " " + words;
    }
    if (!one->source.empty()) {
      text += " from " + one->source;
    }
    result[key] = text;
  }
  return result;
}

}  // namespace

std::map<std::string, Configuration> configurations(const std::vector<Record>& records) {
  const RunIndex index(records);
  std::map<std::string, Configuration> result;
  for (const auto& [hash, record] : index.all()) {
    json identity = identity_of(*record, index);
    Configuration& one = result[identity.dump()];
    one.identity = std::move(identity);
    one.board = fmt::format("{} · {} · {} · {}", record->dataset, record->model,
                            record->recipe_name(), record->division);
    // A second record of one seed is a run whose hash is not that of its spec.
    const Record*& place = one.runs[record->seed];
    place = better(place, record);
  }
  for (auto& [key, one] : result) one.source = source_words(one.any(), index);
  return result;
}

std::map<std::string, std::string> labels(std::span<const Configuration* const> all) {
  std::map<std::pair<std::string, std::string>, Alike> methods;  // by board and method
  for (const Configuration* one : all) {
    methods[{one->board, one->any().method}].emplace(one->identity.dump(), one);
  }
  std::map<std::string, std::string> result;
  std::map<std::pair<std::string, std::string>, Alike> same;  // by board and label
  for (const auto& [name, alike] : methods) {
    for (const auto& [key, label] : labels_of_method(alike)) {
      same[{name.first, label}].emplace(key, alike.at(key));
      result[key] = label;
    }
  }
  // Those that differ only in their sources, or in the content of their recipe, still look alike.
  for (const auto& [name, alike] : same) {
    if (alike.size() == 1) {
      continue;
    }
    std::vector<json> identities;
    for (const auto& [key, one] : alike) identities.push_back(one->identity);
    const std::set<std::string> paths = differing_paths(identities);
    for (const auto& [key, one] : alike) {
      result[key] += fmt::format(" ({})", words_at(one->identity, paths));
    }
  }
  return result;
}

}  // namespace ticketbench
