// Progress of runs for people: a line per running job on a terminal, plain lines elsewhere.
#pragma once

#include "suites/runner.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace ticketbench {

class ProgressPrinter {
 public:
  /// Writes to standard error.
  explicit ProgressPrinter(const Plan& plan);
  [[nodiscard]] RunObserver observer();

 private:
  void started(const PlannedRun& run, bool resumed);
  void progress(const PlannedRun& run, const Progress& progress, int64_t points);
  void finished(const PlannedRun& run, Outcome outcome, const std::string& reason);
  void print_line(const std::string& line);
  void draw();

  const Plan& plan_;
  bool terminal_;
  size_t drawn_lines_ = 0;
  size_t done_ = 0;
  std::map<std::string, std::string> lines_;  ///< by hash, of running jobs
  std::map<std::string, std::chrono::steady_clock::time_point> last_plain_;
  std::map<std::string, std::chrono::steady_clock::time_point> start_;
};

/// The same for bytes: rate and time left on a terminal, a line now and then elsewhere.
class TransferPrinter {
 public:
  /// Writes to standard error.
  TransferPrinter();
  /// `doing` ("fetching FILE") has come to `bytes` of `of`; the first call for it names it only.
  void progress(const std::string& doing, int64_t bytes, int64_t of);
  /// Ends a line that is still being drawn.
  void end();

 private:
  using Clock = std::chrono::steady_clock;
  bool terminal_;
  bool drawn_ = false;
  std::string doing_;
  int64_t first_bytes_ = 0;  ///< a resumed transfer doesn't begin at 0
  Clock::time_point start_;
  Clock::time_point last_;
};

/// "ok", "done before", ...
std::string to_text(Outcome outcome);

/// A run's label with its seed.
std::string label_of(const PlannedRun& run);

}  // namespace ticketbench
