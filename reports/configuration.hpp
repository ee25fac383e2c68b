// Runs gathered by configuration: everything that decides a run's result but its seed.

#pragma once

#include "reports/record.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace ticketbench {

struct Configuration {
  nlohmann::json identity;                // equal for its seeds, different for all else
  std::string board;                      // "cifar10 · resnet20s · cifar_short · suite-protocol"
  std::string source;                     // the run it starts from, in words; empty without one
  std::map<int64_t, const Record*> runs;  // by seed, at least one; whatever their status

  [[nodiscard]] const Record& any() const { return *runs.begin()->second; }
};

// By identity, written out. Of several records of one run the better counts: ended well, then
// newer. Points into `records`. Two runs that start from a source whose record is missing are two
// configurations: nobody can say that they belong together.
std::map<std::string, Configuration> configurations(const std::vector<Record>& records);

// A short name for each identity: the run's name, and what tells it from the others of its method
// on its board. Of equal identities (in several sets of results) the first is taken.
std::map<std::string, std::string> labels(std::span<const Configuration* const> all);

}  // namespace ticketbench
