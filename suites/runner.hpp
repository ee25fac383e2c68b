// Runs a plan: sources first, several runs side by side, each under a lock, finished ones left
// alone.
#pragma once

#include "suites/harness/trainer.hpp"
#include "suites/plan.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ticketbench {

/// Which tickets stay when a run has ended; those that other runs of the plan start from stay as
/// long as those need them.
enum class Keep { last, all, none };
constexpr auto enum_names(Keep) {
  return std::to_array<std::string_view>({"last", "all", "none"});
}

/// How a run of the plan ended here.
enum class Outcome {
  done,         ///< ran now, status ok
  cached,       ///< had been done
  mistrusted,   ///< ran now (or before), finished but not believable
  skipped,      ///< can't run here: no such device, no data, no source
  failed,       ///< threw
  timeout,      ///< out of time
  interrupted,  ///< stopped by a signal, saved
  busy,         ///< another process holds its lock
};

struct RunOptions {
  std::filesystem::path results;
  std::filesystem::path data;  ///< empty: not given
  std::string device = "cpu";
  int64_t jobs = 1;
  int64_t threads = 0;  ///< of each run; 0: cores / jobs
  Keep keep = Keep::last;
  double timeout_seconds = 0;
  double save_every_seconds = 60;
  std::string revision;  ///< git, for the provenance
  bool dirty = false;
  std::string version;
  std::string compiler;
  std::function<bool()> interrupted;
};

/// What the runner tells while it works; called from several threads, one at a time.
struct RunObserver {
  std::function<void(const PlannedRun&, bool resumed)> started;
  std::function<void(const PlannedRun&, const Progress&, int64_t points)> progress;
  std::function<void(const PlannedRun&, Outcome, const std::string& reason)> finished;
};

/// One outcome per run of the plan. Throws std::invalid_argument for what is wrong before anything
/// runs (device, data, results folder).
std::vector<Outcome> run_plan(const Plan& plan, const RunOptions& options,
                              const RunObserver& observer);

/// An exclusive lock on a run's folder, held while the object lives; the kernel drops it when the
/// process dies. Throws std::runtime_error where the lock file can't be written.
class RunLock {
 public:
  explicit RunLock(const std::filesystem::path& folder);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;
  [[nodiscard]] bool held() const { return held_; }

 private:
  int descriptor_;
  bool held_ = false;
};

/// Takes the names of tickets out of the record in `folder`, but for those of levels that stay.
void forget_tickets(const std::filesystem::path& folder, const std::set<int64_t>& stay = {});

/// The folder of a run below `results`.
std::filesystem::path run_folder(const std::filesystem::path& results, const std::string& hash);

}  // namespace ticketbench
