// Which finished operating points answer a published cell. docs/reproducing.md explains the rules.
#pragma once

#include "reports/published.hpp"
#include "reports/record.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ticketbench {

// One point of one record; both outlive it.
struct Match {
  const Record* record = nullptr;
  const Point* point = nullptr;
};

// Under which recipe a run was made, as a cell's paper sees it. Only the first answers the cell;
// what the others measured can be shown beside it.
enum class Protocol {
  own,      // the paper's own, of the cell's variant
  related,  // another of this paper: a second reading of its protocol, or another variant
  foreign,  // anything else
};

// Densities further apart than this are different operating points.
inline constexpr double kDensityTolerance = 0.005;

// Points of `records` that fit the cell of `paper` in all but level and density: its method,
// variant, source, dataset and model, under a recipe of `protocol`. Only runs that are ok, by hash.
// Where a source is asked for its record must be among `records`.
std::vector<Match> candidates(const std::string& paper, const Cell& cell,
                              std::span<const Record> records, Protocol protocol = Protocol::own);

// What answers the cell: of the candidates those at its level, else of each seed the one nearest to
// its density within the tolerance; for a sparsest winning density all of them.
std::vector<Match> answers(const std::string& paper, const Cell& cell,
                           std::span<const Record> records, Protocol protocol = Protocol::own);

// The dense runs that a cell is compared with: of its model, dataset and recipe variant. For costs
// in units of a dense ResNet-34: of that model.
std::vector<Match> dense_answers(const std::string& paper, const Cell& cell,
                                 std::span<const Record> records,
                                 Protocol protocol = Protocol::own);

// Whether the cell's metric is a comparison with dense runs.
bool needs_dense(const Cell& cell);

// What was measured, in the cell's unit.
struct Measured {
  std::optional<double> value;       // mean over seeds; absent: not run, or no winning ticket
  std::optional<double> std;         // sample standard deviation over seeds; absent for one
  int64_t n = 0;                     // seeds; 0: not run
  std::vector<std::string> records;  // hashes of the runs behind the value
  std::vector<std::string> dense;    // and of those it is compared with
  // Why nothing was measured: "not run", "dense not run", or "ambiguous" where runs of several
  // recipes or fields, or two of one seed, would answer; empty: it was.
  std::string problem;
};

// Seeds for which something is missing don't count.
Measured measure(const std::string& paper, const Cell& cell, std::span<const Record> records,
                 Protocol protocol = Protocol::own);

}  // namespace ticketbench
