// From suites to runs: pure. Suite JSON in, a list of fully resolved runs with hashes and costs
// out.
#pragma once

#include "suites/harness/dry_lab.hpp"
#include "suites/harness/recipe.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ticketbench {

/// Raised when the harness computes other results from the same spec.
inline constexpr int kHarnessVersion = 1;

struct SourceSpec {
  std::string hash;
  std::optional<int64_t> level;  ///< absent: the last
};

/// One run: one seed. Everything that can change its result in exact arithmetic, nothing else.
struct RunSpec {
  std::string dataset;
  std::string model;
  Recipe recipe;
  std::string method;
  nlohmann::json fields;  ///< every one, defaults written out
  std::optional<SourceSpec> source;
  uint64_t seed = 1;

  /// The document that is hashed: harness, method, source, seed.
  [[nodiscard]] nlohmann::json document() const;
  /// SHA-256 of the document: the run's name.
  [[nodiscard]] std::string hash() const;
  [[nodiscard]] Architecture architecture() const;
};

struct PlannedRun {
  std::string name;   ///< its name in the suite
  std::string label;  ///< with the values of its axes
  RunSpec spec;
  std::string hash;
  std::string device;  ///< required; empty: any
  std::string suite_title;
  std::string suite_file;                          ///< as the user named it
  std::string command;                             ///< that runs it again
  std::set<std::optional<int64_t>> source_levels;  ///< of its source, that it asks for
  RunCost cost;
};

/// Sources before the runs that start from them.
struct Plan {
  std::vector<PlannedRun> runs;
  std::string options;  ///< the suites, --set and --plugin it was made from, for a shell
  [[nodiscard]] const PlannedRun* find(const std::string& hash) const;
};

struct PlanOptions {
  std::vector<uint64_t> seeds;       ///< empty: the suite's
  std::vector<std::string> set;      ///< "POINTER=VALUE"
  std::vector<std::string> plugins;  ///< opened by the caller; only for the command
  std::filesystem::path share;       ///< the folder that holds suites/
};

/// Reads suites (files, or names of suites below `options.share`) and resolves them. A run that
/// several suites name is planned once. Throws std::invalid_argument "file: /pointer: what was
/// found, what is allowed".
Plan make_plan(const std::vector<std::string>& suites, const PlanOptions& options);

/// The runs whose hash begins with one of `words`, or whose name one is, with their sources. Throws
/// where one matches nothing.
Plan select_runs(const Plan& plan, const std::vector<std::string>& words);

/// For each run without a source its index in `plan.runs`, then those of all runs that start from
/// it, directly or not, in the plan's order. Every source must be in the plan.
std::vector<std::vector<size_t>> chains(const Plan& plan);

/// Part `index` (from 1) of `count`: whole chains, dealt out by cost.
Plan shard(const Plan& plan, int64_t index, int64_t count);

/// Names of the suites that come along: paths below share's suites/, without .json.
std::vector<std::string> suite_names(const std::filesystem::path& share);

/// Names of the recipes that find_recipe would find.
std::vector<std::string> recipe_names(const std::filesystem::path& suite,
                                      const std::filesystem::path& share);

/// A recipe by name: from a folder `recipes` beside the suite or above it, or below share.
Recipe find_recipe(const std::string& name, const std::filesystem::path& suite,
                   const std::filesystem::path& share);

}  // namespace ticketbench
