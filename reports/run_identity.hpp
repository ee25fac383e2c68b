// What a run is without its seed, and the records by the hash of their runs: what boards,
// comparisons and histories gather by.

#pragma once

#include "reports/record.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ticketbench {

// Runs that start from each other, at most: broken records could make a circle.
constexpr int kLongestChain = 20;

// Whether `other` is to be taken where both are records of one run: the finished one, then the
// newer. The same whatever the order of the records.
bool worse(const Record& one, const Record& other);

// Records by hash, each run once, by its better record. Points into `records`.
class RunIndex {
 public:
  explicit RunIndex(const std::vector<Record>& records);

  // Nothing where there is none.
  [[nodiscard]] const Record* find(const std::string& hash) const;
  [[nodiscard]] const std::map<std::string, const Record*>& all() const { return by_hash_; }
  [[nodiscard]] int64_t duplicates() const { return duplicates_; }

 private:
  std::map<std::string, const Record*> by_hash_;
  int64_t duplicates_ = 0;
};

// Method, version, fields and, through all sources, theirs: equal for the seeds of one row of a
// board, different for all else. A source whose record is missing is known by its hash alone, which
// holds a seed: its rows stay apart, since nobody can say that they belong together.
nlohmann::json method_identity(const Record& record, const RunIndex& index);

// The run that a run starts from: "imp level 3 of resnet20"; empty without one.
std::string source_words(const Record& record, const RunIndex& index);

}  // namespace ticketbench
