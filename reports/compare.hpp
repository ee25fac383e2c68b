// Two sets of results compared cell by cell: the nightly gate. Pure: the same records in any order
// give the same comparison. compare_render.hpp writes it down.

#pragma once

#include "reports/probe.hpp"
#include "reports/record.hpp"
#include "reports/verdict.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ticketbench {

// One side as a whole.
struct ComparedSide {
  std::string path;                    // as the user named it
  int64_t runs = 0;                    // records, each run once
  int64_t probes = 0;                  // files of measured times
  std::vector<std::string> machines;   // what they ran on
  std::vector<std::string> revisions;  // of the program
};

// More seeds for suspect cells of one suite, or another session of a probe.
struct Rerun {
  std::string command;                // whole
  std::vector<std::string> runs;      // by their names in the suite
  std::optional<int64_t> first_seed;  // of a suite
  std::optional<int64_t> last_seed;
};

struct Comparison {
  Gate gate;
  ComparedSide base;
  ComparedSide now;
  std::vector<ComparedCell> cells;  // the most urgent first, then by board and label
  std::vector<Rerun> reruns;        // for the suspects among them

  [[nodiscard]] int64_t count(Verdict verdict) const;
  // Whether any cell is worse.
  [[nodiscard]] bool regressed() const { return count(Verdict::worse) > 0; }
};

struct SideOfComparison {
  std::string path;
  const std::vector<Record>& records;
  std::span<const ProbeFile> probes = {};
};

// A run that ended well in `base` and is failed or mistrusted in `now` makes its cells worse: the
// program does the same every time, so once is enough; so does a cell none of whose runs ends well
// any more, whatever their seeds. One that was skipped or ran out of time decides nothing.
// Speed-ups are compared row by row where both sides timed the same on the same machine. Throws
// std::invalid_argument for a margin or alpha out of range.
Comparison compare(const SideOfComparison& base, const SideOfComparison& now, const Gate& gate);

}  // namespace ticketbench
