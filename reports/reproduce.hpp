// Published tables beside what was measured here, with a verdict on each cell.
#pragma once

#include "reports/claim_verdict.hpp"
#include "reports/join.hpp"
#include "reports/published.hpp"
#include "reports/record.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ticketbench {

// A run that a suite plans, as far as a report must know it.
struct PlannedWork {
  std::string hash;
  std::string recipe;
  int64_t iterations = 0;
  double macs = 0;
};

// What the program knows beside records: this folder knows no suites and no plugins. All of it may
// be missing; then nothing is said about it.
struct Surroundings {
  struct Recipe {
    std::string title;
    nlohmann::json content;  // as a record's spec has it
  };
  std::map<std::string, Recipe> recipes;                       // that come along, by name
  std::map<std::string, std::vector<std::string>> deviations;  // of methods, by name
  std::map<std::string, std::vector<PlannedWork>> plans;       // of suites, by name
  double macs_per_second = 0;
  std::string rate;  // how that was reckoned: "2 cores x 30"
};

struct ReproducedCell {
  Cell cell;
  Measured measured;         // empty where the cell isn't comparable
  ClaimJudgement judgement;  // not_run where it isn't
};

// Comparable cells by verdict, in the order of kClaimVerdicts.
struct VerdictCounts {
  std::size_t cells = 0;  // comparable or not
  std::size_t comparable = 0;
  std::array<std::size_t, kClaimVerdicts.size()> of = {};

  [[nodiscard]] std::size_t operator[](ClaimVerdict verdict) const;
  // Judged: run under the paper's recipe.
  [[nodiscard]] std::size_t run() const;
  void add(const ReproducedCell& entry);
  void add(const VerdictCounts& other);
};

// A name and what is said about it.
struct Described {
  std::string name;
  std::vector<std::string> sentences;
};

// What has still to be run.
struct Remaining {
  std::size_t planned = 0;
  std::size_t runs = 0;  // of them not in the records
  int64_t iterations = 0;
  double macs = 0;
  double macs_per_second = 0;  // 0: not known
  std::string rate;
};

struct Reproduction {
  Paper paper;           // without its tables
  PublishedTable table;  // without its cells
  std::vector<ReproducedCell> cells;
  VerdictCounts counts;
  // Of the cells with a p value: differences beyond the margin, and those of them that stay
  // significant by Holm's adjustment over all.
  std::size_t tested = 0;
  std::size_t alarms = 0;
  std::size_t alarms_after_holm = 0;
  std::vector<std::string> margins;   // a sentence for each
  std::vector<Described> recipes;     // the paper's own, planned or used: what they are
  std::vector<Described> readings;    // second readings of these, which answer no cell
  std::vector<Described> deviations;  // of the methods, from their papers
  std::optional<Remaining> remaining;
};

// Throws std::invalid_argument for a table the paper hasn't, naming those there are, and for a
// comparable cell whose metric has no margin.
Reproduction reproduce(const Paper& paper, const std::string& table,
                       std::span<const Record> records, const Surroundings& surroundings = {});

// All tables of all papers.
struct Overview {
  std::vector<Reproduction> tables;    // by paper, as published
  std::optional<Remaining> remaining;  // a run that several tables share counts once
};

Overview reproduce_all(const std::vector<Paper>& papers, std::span<const Record> records,
                       const Surroundings& surroundings = {});

}  // namespace ticketbench
