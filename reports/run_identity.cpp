#include "reports/run_identity.hpp"

#include <fmt/format.h>

#include <optional>
#include <tuple>

namespace ticketbench {
namespace {

using nlohmann::json;

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

json identity_to(int depth, const Record& record, const RunIndex& index) {
  json result = {
      {"method", record.method}, {"version", record.method_version}, {"fields", record.fields}};
  if (!record.source) {
    return result;
  }
  json& source = result["source"];
  source["level"] = record.source->level ? json(*record.source->level) : json("last");
  const Record* from = index.find(record.source->hash);
  if (from == nullptr || depth > kLongestChain) {
    source["hash"] = record.source->hash;
    return result;
  }
  source["run"] = identity_to(depth + 1, *from, index);
  source["harness"] = {{"version", from->harness_version},
                       {"dataset", from->dataset},
                       {"model", from->model},
                       {"recipe", from->recipe}};
  if (from->seed != record.seed) {
    source["seed"] = from->seed;
  }
  return result;
}

}  // namespace

bool worse(const Record& one, const Record& other) {
  return preference(one) < preference(other);
}

RunIndex::RunIndex(const std::vector<Record>& records) {
  for (const Record& record : records) {
    const auto [place, is_new] = by_hash_.emplace(record.hash, &record);
    if (is_new) {
      continue;
    }
    ++duplicates_;
    if (worse(*place->second, record)) {
      place->second = &record;
    }
  }
}

const Record* RunIndex::find(const std::string& hash) const {
  const auto found = by_hash_.find(hash);
  return found == by_hash_.end() ? nullptr : found->second;
}

json method_identity(const Record& record, const RunIndex& index) {
  return identity_to(0, record, index);
}

std::string source_words(const Record& record, const RunIndex& index) {
  if (!record.source) {
    return "";
  }
  const Record* from = index.find(record.source->hash);
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

}  // namespace ticketbench
