// What a gate says of cells measured twice, before and after a change.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ticketbench {

// The most urgent first.
enum class Verdict {
  worse,       // confirmed: by its test among all tests, or a run that ended well before and fails
  ambiguous,   // neither this nor that can be said
  mistrusted,  // nothing believable to compare
  gone,
  added,
  better,  // confirmed as `worse` is
  same,    // equal, or equivalent within the margin
};

// "worse", ..., "new" for `added`.
std::string_view verdict_name(Verdict verdict);

struct Gate {
  double margin = 0.3;  // percentage points: a difference below it doesn't matter
  double alpha = 0.05;  // chance that any cell is called worse or better where nothing has changed
  double time_margin = 0.1;  // the same for speed-ups, as a fraction of BASE's
};

enum class Quantity {
  accuracy,  // percent, one value for each seed
  speedup,   // over the best dense way, one value for each repetition in a session of a probe
};

struct SeedValue {
  int64_t seed = 0;      // of a speed-up: the session, of which several values come
  double value = 0;      // in the cell's quantity; more is better
  std::string computed;  // equal and not empty where two runs computed the same
};

// A statistical comparison of the two sides.
struct Evidence {
  std::string test;                  // "paired", "Welch", "paired and Welch", "Mann-Whitney"
  double change = 0;                 // after minus before, of means; of medians for Mann-Whitney
  std::optional<double> half_width;  // of its 95 % interval
  double p_changed = 1;
  double p_adjusted = 1;  // among all cells that were tested
  double p_equivalent = 1;
};

// One operating point of one configuration on both sides, or what a probe timed of its ticket.
struct ComparedCell {
  Quantity quantity = Quantity::accuracy;
  std::string board, label, run, method;
  std::optional<int64_t> level;  // absent where no run ever reached one
  std::vector<SeedValue> base;   // of runs that ended well, by seed
  std::vector<SeedValue> now;
  std::vector<std::string> broken;  // runs that ended well before and don't now, with their reasons
  std::vector<std::string> notes;   // what else a reader must know
  std::optional<Evidence> evidence;
  Verdict verdict = Verdict::ambiguous;
  std::string reason;
  bool suspect = false;  // worth more seeds: the test found it worse, or might with more
  std::string command;   // that runs one of its seeds again
  int64_t last_seed = 0;
};

// Fills in evidence, verdict, reason and `suspect` of the cells that have values on both sides or
// broken runs; leaves the others as they are.
//
// Values are compared by a t test: paired by seed where both sides have the same seeds, else
// Welch's; where some are shared both are made and the better p value counts twice (Bonferroni). A
// sample's variance is at least what the other cells let expect (variance_prior.hpp). Speed-ups are
// compared by Mann and Whitney's test over all repetitions. These aren't independent, since a
// session places its memory once for all: so the change that must reach the margin is that between
// the nearest sessions of both sides, and NEW needs two of them for `worse` or `better`. Holm's
// method keeps the chance of any false `worse` or `better` at alpha; either also takes a change of
// at least the margin. `same` is TOST within the margin, at alpha for each cell, or equal results
// at all seeds that both sides have.
void judge(std::vector<ComparedCell>& cells, const Gate& gate);

}  // namespace ticketbench
