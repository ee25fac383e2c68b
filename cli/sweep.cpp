// ticketbench status, collect, clean: a sweep's results folder.

#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "core/files.hpp"
#include "reports/record.hpp"
#include "suites/plan.hpp"
#include "suites/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace ticketbench {
namespace {

namespace fs = std::filesystem;

// Where a run of a plan stands, from its folder alone.
std::string standing(const fs::path& folder) {
  if (fs::exists(folder / "record.json")) {
    try {
      const Record record = load_record((folder / "record.json").string());
      return record.reason.empty()
                 ? std::string(status_name(record.status))
                 : fmt::format("{}: {}", status_name(record.status), record.reason);
    } catch (const std::invalid_argument&) {
      return "broken record; will run again";
    }
  }
  return fs::exists(folder / "journal") ? "begun" : "to do";
}

void status(const SuiteArguments& suites, const std::string& results) {
  std::map<std::string, int64_t> counts;
  const Plan plan = plan_of(suites);
  for (const PlannedRun& run : plan.runs) {
    const std::string state = standing(run_folder(results, run.hash));
    counts[state.substr(0, state.find(':'))] += 1;
    fmt::print("{}  {:<44} {}\n", run.hash.substr(0, 8), label_of(run), state);
  }
  std::string summary;
  for (const auto& [state, count] : counts)
    summary += fmt::format("{}{} {}", summary.empty() ? "" : ", ", count, state);
  fmt::print("{} runs: {}\n", plan.runs.size(), summary);
}

// The status of a stored record; absent where it is broken.
std::optional<Status> status_of(const fs::path& record) {
  try {
    return load_record(record.string()).status;
  } catch (const NewerRecord&) {
    throw;
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

// How much a record tells: of two of one run the better stays. A broken one tells nothing.
int worth(const std::optional<Status>& status) {
  constexpr std::array kOrder{Status::skipped, Status::failed, Status::timeout, Status::mistrusted,
                              Status::ok};
  if (!status) return 0;
  return 1 + static_cast<int>(std::find(kOrder.begin(), kOrder.end(), *status) - kOrder.begin());
}

// Runs of other folders into one; where both have a run, the better record stays.
void collect(const std::vector<std::string>& from, const std::string& into, Exit& exit) {
  int64_t taken = 0;
  int64_t there = 0;
  for (const std::string& source : from) {
    if (!fs::is_directory(source))
      throw std::invalid_argument(fmt::format("{}: not a folder", source));
    for (const auto& entry : fs::directory_iterator(source)) {
      const fs::path record = entry.path() / "record.json";
      if (!fs::is_regular_file(record)) continue;
      Record found;
      try {
        found = load_record(record.string());
      } catch (const std::invalid_argument& error) {
        fmt::print(stderr, "ticketbench: {}\n", error.what());
        exit.code = kFailed;
        continue;
      }
      const fs::path target = run_folder(into, found.hash);
      if (fs::exists(target / "record.json") &&
          worth(status_of(target / "record.json")) >= worth(found.status)) {
        ++there;
        continue;
      }
      fs::create_directories(target);
      for (const auto& file : fs::directory_iterator(entry.path())) {
        if (file.path().extension() != ".safetensors") continue;
        write_atomically(target / file.path().filename(), read_file(file));
      }
      write_atomically(target / "record.json",
                       read_file(record));  // last: the record says that the run is whole
      ++taken;
    }
  }
  fmt::print("{} runs gathered into {}, {} were there\n", taken, into, there);
}

void clean(const std::string& results, bool dry_run) {
  if (!fs::is_directory(results))
    throw std::invalid_argument(fmt::format("--results {}: not a folder", results));
  int64_t files = 0;
  int64_t resumable = 0;
  uintmax_t bytes = 0;
  for (const auto& run : fs::directory_iterator(results)) {
    const fs::path record = run.path() / "record.json";
    if (!fs::is_regular_file(record)) {
      resumable += fs::exists(run.path() / "journal") ? 1 : 0;
      continue;
    }
    const RunLock lock(run.path());
    const std::optional<Status> ended = status_of(record);
    // What ran out of time or failed can go on from its journal.
    if (!lock.held() || ended == Status::timeout || ended == Status::failed) {
      ++resumable;
      continue;
    }
    std::vector<fs::path> found;
    for (const auto& file : fs::recursive_directory_iterator(run.path())) {
      const auto extension = file.path().extension();
      if (extension == ".safetensors" || extension == ".part") found.push_back(file.path());
    }
    for (const fs::path& file : found) {
      ++files;
      bytes += fs::file_size(file);
      if (dry_run) fmt::print("{}\n", file.string());
      if (!dry_run) fs::remove(file);
    }
    if (!dry_run) fs::remove_all(run.path() / "journal");
    if (!dry_run && !found.empty()) forget_tickets(run.path());
  }
  fmt::print("{}: {} {} tickets and checkpoints of runs that have ended, {}; records stay\n",
             results, dry_run ? "would remove" : "removed", files,
             bytes_text(static_cast<double>(bytes)));
  if (resumable > 0)
    fmt::print("{} runs that are running or can go on were left alone\n", resumable);
}

}  // namespace

void add_status(CLI::App& app, Exit&) {
  CLI::App* command = app.add_subcommand("status", "where a sweep stands");
  auto suites = std::make_shared<SuiteArguments>();
  auto results = std::make_shared<std::string>("results");
  suites->add_to(*command);
  command->add_option("--results", *results, "where records lie")->capture_default_str();
  command->callback([suites, results] { status(*suites, *results); });
}

void add_collect(CLI::App& app, Exit& exit) {
  CLI::App* command =
      app.add_subcommand("collect", "gather shards: finished runs of several folders into one");
  auto from = std::make_shared<std::vector<std::string>>();
  auto into = std::make_shared<std::string>("results");
  command->add_option("from", *from, "results folders")->required();
  command->add_option("--results", *into, "the folder they go into")->capture_default_str();
  command->callback([from, into, &exit] { collect(*from, *into, exit); });
}

void add_clean(CLI::App& app, Exit&) {
  CLI::App* command = app.add_subcommand(
      "clean", "remove tickets and checkpoints of runs that have ended, never records");
  auto results = std::make_shared<std::string>("results");
  auto dry_run = std::make_shared<bool>(false);
  command->add_option("results,--results", *results, "the folder to clean")->capture_default_str();
  command->add_flag("--dry-run", *dry_run, "only say what would go");
  command->callback([results, dry_run] { clean(*results, *dry_run); });
}

}  // namespace ticketbench
