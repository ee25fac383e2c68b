#include "reports/configuration.hpp"

#include "reports/document_words.hpp"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace ticketbench {
namespace {

using nlohmann::json;
using Index = std::map<std::string, const Record*>;  // by hash

constexpr int kLongestChain = 20;  // of runs that start from each other

// The better record is the larger: finished, then newer; the rest only makes the choice the same
// whatever the order of the records.
auto preference(const Record& record) {
  std::vector<int64_t> counts;
  for (const Point& point : record.points) counts.push_back(point.test.top1_correct);
  const Provenance provenance = record.provenance.value_or(Provenance{});
  return std::tuple(record.status == Status::ok, provenance.finished.value_or(""),
                    provenance.host.value_or(""),
                    record.timing ? record.timing->seconds : std::nullopt, counts,
                    status_name(record.status), record.reason, record.name, record.hash);
}

const Record* better(const Record* one, const Record* other) {
  return one == nullptr || worse(*one, *other) ? other : one;
}

const Record* find(const Index& index, const std::string& hash) {
  const auto found = index.find(hash);
  return found == index.end() ? nullptr : found->second;
}

// Method, fields and, through all sources, theirs. `depth` ends a circle that broken records could
// make.
json method_identity(const Record& record, const Index& index, int depth = 0) {
  json result = {
      {"method", record.method}, {"version", record.method_version}, {"fields", record.fields}};
  if (!record.source) {
    return result;
  }
  json& source = result["source"];
  source["level"] = record.source->level ? json(*record.source->level) : json("last");
  const Record* from = find(index, record.source->hash);
  if (from == nullptr || depth > kLongestChain) {
    source["hash"] = record.source->hash;
    return result;
  }
  source["run"] = method_identity(*from, index, depth + 1);
  source["harness"] = {{"version", from->harness_version},
                       {"dataset", from->dataset},
                       {"model", from->model},
                       {"recipe", from->recipe}};
  if (from->seed != record.seed) {
    source["seed"] = from->seed;
  }
  return result;
}

json identity_of(const Record& record, const Index& index) {
  json result = method_identity(record, index);
  result["harness"] = {{"version", record.harness_version},
                       {"dataset", record.dataset},
                       {"model", record.model},
                       {"recipe", record.recipe},
                       {"division", record.division}};
  return result;
}

std::string source_words(const Record& record, const Index& index) {
  if (!record.source) {
    return "";
  }
  const Record* from = find(index, record.source->hash);
  const std::string level = record.source->level ? fmt::format("level {}", *record.source->level)
                                                 : std::string("last level");
  if (from == nullptr) {
    return fmt::format("{:.8} {}, whose record is missing", record.source->hash, level);
  }
  const bool has_levels = record.source->level.value_or(0) > 0 || from->points.size() > 1;
  std::string words = has_levels ? fmt::format("{} {}", from->name, level) : from->name;
  if (from->model != record.model) {
    words += " of " + from->model;
  }
  if (from->dataset != record.dataset) {
    words += " on " + from->dataset;
  }
  return words;
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

bool worse(const Record& one, const Record& other) {
  return preference(one) < preference(other);
}

std::map<std::string, Configuration> configurations(const std::vector<Record>& records) {
  Index index;
  for (const Record& record : records) {
    const Record*& place = index[record.hash];
    place = better(place, &record);
  }
  std::map<std::string, Configuration> result;
  for (const auto& [hash, record] : index) {
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
