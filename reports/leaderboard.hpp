// The leaderboard as data: which rows a set of records makes, what they hold and how they rank.
// Pure: the same records in any order give the same boards. leaderboard_render.hpp writes it down.

#pragma once

#include "reports/record.hpp"
#include "reports/statistics.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ticketbench {

// Fewer seeds make a row provisional; a place is settled from the second number on.
inline constexpr int64_t kSeedsToShow = 3;
inline constexpr int64_t kSeedsToRank = 5;

// Training up to a point: means over the seeds.
struct Cost {
  double examples = 0;
  double macs = 0;
  std::optional<double> seconds;
};

// The test of one seed, as counts.
struct SeedResult {
  int64_t seed = 0;
  int64_t examples = 0;
  int64_t top1_correct = 0;

  [[nodiscard]] double percent() const;
};

// One operating point of one method: all seeds of the same method, version, fields, level, source.
struct Row {
  std::string label;  // the run's name and what tells this row from the others of its method
  std::string run;
  std::string method;
  std::string title;
  std::string paper;
  int64_t version = 0;
  nlohmann::json fields;
  int64_t level = 0;
  std::string source;  // in words, empty without a source
  std::string structure;
  std::vector<SeedResult> results;  // by ascending seed
  Spread top1;                      // percent
  Spread density;                   // kept fraction of the prunable weights
  Spread kept_macs;
  int64_t dense_macs = 0;
  std::optional<Spread> vs_dense;  // percentage points, over the seeds both rows have
  Cost own;                        // this run alone
  Cost total;                      // and all of its sources
  bool sources_missing = false;    // then `total` is too small
  bool reference = false;          // the dense row of its board
  bool selected_on_test = false;
  bool superseded = false;       // the board has a newer version of the method
  std::optional<int64_t> group;  // of rows of about one density, from 1 on
  std::optional<int64_t> place;  // in its group; equal means share a place

  [[nodiscard]] bool provisional() const { return top1.n < kSeedsToShow; }
  [[nodiscard]] bool settled() const { return top1.n >= kSeedsToRank; }
};

// A run without a result that may be ranked.
struct UnrankedRun {
  std::string label;
  std::string method;
  int64_t seed = 0;
  Status status = Status::failed;
  std::string reason;
  std::string command;
  std::string hash;
};

// What may be compared: one dataset, model, recipe and division.
struct Board {
  std::string dataset;
  std::string model;
  std::string recipe;
  std::string division;
  std::string variant;    // what tells it from another board of these four, mostly empty
  std::vector<Row> rows;  // the reference, then by density, then by accuracy
  std::vector<UnrankedRun> unranked;
  std::vector<std::string>
      missing;  // baselines that every board should have, and what became of their runs
  std::vector<std::string> machines;  // what the rows were measured on
  int64_t runs = 0;
  int64_t duplicates = 0;               // records of a row and seed that are there already
  int64_t runs_of_changed_sources = 0;  // made by a build with uncommitted changes

  // Whether any row is.
  [[nodiscard]] bool provisional() const;
};

struct Leaderboard {
  std::vector<Board> boards;
  int64_t duplicates = 0;  // records left out because their run is there already, on any board
};

// Only records with status ok make rows. Of several records of one run the newest counts. Rows
// whose densities lie within 0.005 and within a tenth of the densest one's form a group.
Leaderboard make_leaderboard(const std::vector<Record>& records);

}  // namespace ticketbench
