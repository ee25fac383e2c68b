// The leaderboard as data: which rows a set of records makes, what they hold and how they rank.
// Pure: the same records in any order give the same boards. leaderboard_render.hpp writes it down.

#pragma once

#include "reports/measured_time.hpp"
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

// A board keeps so many training curves, each of so many values: hundreds would fill a page.
inline constexpr std::size_t kMostCurves = 40;
inline constexpr std::size_t kMostCurveValues = 60;

// What rows of one group have alike, and a board holds fixed: weights kept, or multiply-adds kept.
enum class Budget { parameters, macs };

// Training up to a point: means over the seeds.
struct Cost {
  double examples = 0;
  double macs = 0;
  std::optional<double> seconds;
};

// The test of one seed, as counts, and the run that gave it.
struct SeedResult {
  int64_t seed = 0;
  std::string hash;
  std::string command;
  std::string file;
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
  std::optional<Spread> vs_dense;      // percentage points, over the seeds both rows have
  Cost own;                            // this run alone
  Cost total;                          // and all of its sources
  bool sources_missing = false;        // then `total` is too small
  std::vector<MeasuredTime> measured;  // of the ticket, by device
  bool reference = false;              // the dense row of its board
  bool selected_on_test = false;
  bool superseded = false;        // the board has a newer version of the method
  bool on_density_front = false;  // Pareto fronts: ranking.hpp
  bool on_macs_front = false;
  std::optional<int64_t> group;  // of rows that keep about as much, from 1 on
  std::optional<int64_t> place;  // in its group; ranking.hpp says who shares one

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

// Percent of right answers by epoch, of one run; its levels and phases one after another.
struct TrainingCurve {
  struct Value {
    int64_t epoch = 0;
    double percent = 0;
  };
  std::string label;
  std::string method;
  std::string hash;
  int64_t seed = 0;
  bool on_test = false;  // else on the training images
  std::vector<Value> values;
};

// What may be compared: one dataset, model, recipe, division and budget.
struct Board {
  std::string dataset;
  std::string model;
  std::string recipe;
  std::string division;
  std::string variant;  // what tells it from another board of these four, mostly empty
  Budget budget = Budget::parameters;
  std::vector<Row> rows;  // the reference, then group by group, the best first
  std::vector<UnrankedRun> unranked;
  std::vector<std::string>
      missing;  // baselines that every board should have, and what became of their runs
  std::vector<std::string> machines;  // what the rows were measured on
  std::vector<TrainingCurve> curves;  // of each run's first seed, at most kMostCurves
  int64_t curves_left_out = 0;
  int64_t runs = 0;
  int64_t duplicates = 0;               // records of a row and seed that are there already
  int64_t runs_of_changed_sources = 0;  // made by a build with uncommitted changes

  // Whether any row is.
  [[nodiscard]] bool provisional() const;
};

// How often a method's errors are within a ratio of the best ones: performance_profile.hpp.
struct ProfileCurve {
  std::string method;
  std::string title;
  std::vector<double>
      ratios;       // to the least error, ascending, one for each problem it has a row in
  double area = 0;  // under its profile, 1 for a method that is always the best
};

struct PerformanceProfile {
  Budget budget = Budget::parameters;
  int64_t problems = 0;
  bool provisional = false;          // some of its rows are not settled
  std::vector<ProfileCurve> curves;  // by descending area

  // Of the problems, the share that the method solves with at most `ratio` times the least error.
  [[nodiscard]] double share(const ProfileCurve& curve, double ratio) const;
};

struct Leaderboard {
  std::vector<Board> boards;
  std::vector<PerformanceProfile> profiles;
  int64_t duplicates = 0;  // records left out because their run is there already, on any board
};

// Only records with status ok make rows. Of several records of one run the newest counts. What can
// be compared makes a board of fixed parameters and, where rows compete there, behind it one of
// fixed MACs: the same rows in other groups, without the runs that can't be ranked and the curves.
Leaderboard make_leaderboard(const std::vector<Record>& records);

// Gives each row the times that probes measured of its tickets.
void add_measured_times(Leaderboard& leaderboard, const std::vector<ProbeFile>& probes);

}  // namespace ticketbench
