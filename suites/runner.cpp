#include "suites/runner.hpp"

#include "core/files.hpp"
#include "core/method.hpp"
#include "core/sha256.hpp"
#include "reports/record.hpp"
#include "suites/harness/harness_lab.hpp"
#include "suites/machine.hpp"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

namespace ticketbench {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// What a stored record says of a run; absent where there is none that can be read.
std::optional<Record> stored_record(const fs::path& folder) {
  const fs::path file = folder / "record.json";
  if (!fs::exists(file)) return std::nullopt;
  try {
    return load_record(file.string());
  } catch (const NewerRecord&) {
    throw;  // not ours to replace
  } catch (const std::invalid_argument&) {
    return std::nullopt;  // broken: the run is done again, its record replaced
  }
}

// Of a process that was killed while it wrote.
void remove_parts(const fs::path& folder) {
  std::vector<fs::path> parts;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".part") parts.push_back(entry.path());
  }
  for (const fs::path& part : parts) fs::remove(part);
}

bool finished(const Record& record) {
  return record.status == Status::ok || record.status == Status::mistrusted;
}

std::string ticket_name(int64_t level) {
  return fmt::format("ticket_{}.safetensors", level);
}

int64_t level_of(const std::optional<int64_t>& level, const Record& record) {
  return level.value_or(record.points.empty() ? 0 : record.points.back().level);
}

bool is_paper_recipe(const Recipe& recipe) {
  return recipe.name.starts_with("papers/");
}

class Runner {
 public:
  Runner(const Plan& plan, const RunOptions& options, const RunObserver& observer)
      : plan_(plan),
        options_(options),
        observer_(observer),
        device_(open_device(options.device)),
        outcomes_(plan.runs.size()) {
    load_data();
    check_results();
    weigh_chains();
    machine_ = describe_machine(device_);
    const int64_t cores = usable_cores();
    threads_ = options_.threads > 0
                   ? options_.threads
                   : std::max<int64_t>(1, cores / std::max<int64_t>(1, options_.jobs));
  }

  std::vector<Outcome> run() {
    std::vector<std::jthread> workers;
    for (int64_t i = 0; i < std::max<int64_t>(1, options_.jobs); ++i)
      workers.emplace_back([this] { work(); });
    workers.clear();
    drop_tickets();
    std::vector<Outcome> result;
    for (const auto& outcome : outcomes_) result.push_back(outcome.value_or(Outcome::interrupted));
    return result;
  }

 private:
  // All data before the first run: a missing file is said now and not after an hour.
  void load_data() {
    for (const PlannedRun& run : plan_.runs) {
      const DatasetCard& card = find_dataset(run.spec.dataset);
      if (datasets_.contains(card.name) || (card.on_disk() && options_.data.empty())) continue;
      if (!stored(run))
        datasets_[card.name] = std::make_shared<Dataset>(card.load(card, options_.data));
    }
  }

  void check_results() const {
    std::error_code error;
    fs::create_directories(options_.results, error);
    if (error || ::access(options_.results.c_str(), W_OK) != 0) {
      throw std::invalid_argument(fmt::format("--results {}: can't write there: {}",
                                              options_.results.string(),
                                              error ? error.message() : std::strerror(errno)));
    }
  }

  // The record of a run that needs no work: finished, with the tickets that others start from.
  std::optional<Record> stored(const PlannedRun& run) {
    const fs::path folder = run_folder(options_.results, run.hash);
    auto record = finished_record(run.hash);
    if (!record) return std::nullopt;
    for (const auto& level : needed_now(run)) {
      if (!fs::exists(folder / ticket_name(level_of(level, *record)))) return std::nullopt;
    }
    return record;
  }

  // Read once: a finished record only changes by losing tickets.
  std::optional<Record> finished_record(const std::string& hash) {
    {
      const std::lock_guard guard(records_mutex_);
      if (const auto it = finished_.find(hash); it != finished_.end()) return it->second;
    }
    auto record = stored_record(run_folder(options_.results, hash));
    if (!record || !finished(*record)) return std::nullopt;
    const std::lock_guard guard(records_mutex_);
    return finished_[hash] = *record;
  }

  // Levels of `run` that unfinished runs of the plan start from; absent: the last.
  std::set<std::optional<int64_t>> needed_now(const PlannedRun& run) {
    std::set<std::optional<int64_t>> levels;
    for (const PlannedRun& other : plan_.runs) {
      if (!other.spec.source || other.spec.source->hash != run.hash) continue;
      if (!finished_record(other.hash) || !needed_now(other).empty())
        levels.insert(other.source_levels.begin(), other.source_levels.end());
    }
    return levels;
  }

  // MACs of each run and of the longest chain of runs that start from it.
  void weigh_chains() {
    for (const PlannedRun& run : plan_.runs) chain_macs_.push_back(run.cost.macs);
    for (size_t i = plan_.runs.size(); i-- > 0;) {  // dependants before their source
      const auto& source = plan_.runs[i].spec.source;
      for (size_t s = 0; source && s < i; ++s) {
        if (plan_.runs[s].hash == source->hash)
          chain_macs_[s] = std::max(chain_macs_[s], plan_.runs[s].cost.macs + chain_macs_[i]);
      }
    }
  }

  // The next run whose source has ended: one by one in the plan's order, side by side the one with
  // the longest chain, so that none is left alone at the end. Absent: nothing can begin now. Sets
  // `over` where nothing ever will.
  std::optional<size_t> take(bool& over) {
    over = true;
    std::optional<size_t> best;
    for (size_t i = 0; i < plan_.runs.size(); ++i) {
      if (outcomes_[i] || taken_.contains(i)) continue;
      over = false;
      const auto& source = plan_.runs[i].spec.source;
      if (source) {
        const auto at = std::find_if(plan_.runs.begin(), plan_.runs.end(),
                                     [&](const PlannedRun& r) { return r.hash == source->hash; });
        if (at != plan_.runs.end() && !outcomes_[static_cast<size_t>(at - plan_.runs.begin())])
          continue;
      }
      if (!best || (options_.jobs > 1 && chain_macs_[i] > chain_macs_[*best])) best = i;
    }
    return best;
  }

  bool source_busy(size_t index) const {
    const auto& source = plan_.runs[index].spec.source;
    for (size_t i = 0; source && i < plan_.runs.size(); ++i) {
      if (plan_.runs[i].hash == source->hash) return outcomes_[i] == Outcome::busy;
    }
    return false;
  }

  void work() {
    at::set_num_threads(static_cast<int>(threads_));
    std::unique_lock lock(mutex_);
    for (;;) {
      bool over = false;
      const auto next = stop_ ? std::nullopt : take(over);
      if (stop_ || over) return;
      if (!next) {
        changed_.wait(lock);
        continue;
      }
      taken_.insert(*next);
      const bool waits = source_busy(*next);
      lock.unlock();
      std::string reason = "its source is busy; run again when that has ended";
      const Outcome outcome = waits ? Outcome::busy : carry_out(plan_.runs[*next], reason);
      lock.lock();
      outcomes_[*next] = outcome;
      stop_ = stop_ || outcome == Outcome::interrupted;
      if (observer_.finished) {
        const std::lock_guard guard(observer_mutex_);
        observer_.finished(plan_.runs[*next], outcome, reason);
      }
      changed_.notify_all();
    }
  }

  Outcome carry_out(const PlannedRun& run, std::string& reason) {
    reason.clear();
    if (options_.interrupted && options_.interrupted()) return Outcome::interrupted;
    const fs::path folder = run_folder(options_.results, run.hash);
    const auto before = [&]() -> std::optional<Outcome> {
      const auto record = stored(run);
      if (!record) return std::nullopt;
      reason = record->reason;
      return record->status == Status::mistrusted ? Outcome::mistrusted : Outcome::cached;
    };
    try {
      if (const auto outcome = before()) return *outcome;
      fs::create_directories(folder);
      const RunLock lock(folder);
      if (!lock.held()) {
        reason = fmt::format("process {} is running it; run again when it has ended",
                             read_file(folder / "lock"));
        return Outcome::busy;
      }
      // Another process may have done it since it was looked for.
      if (const auto outcome = before()) return *outcome;
      remove_parts(folder);
      return carry_out_locked(run, folder, reason);
    } catch (const Interrupted&) {
      reason = "saved; run again to go on";
      return Outcome::interrupted;
    } catch (const std::exception& error) {
      reason = error.what();  // the folder itself is the trouble: there's no record to write
      return Outcome::failed;
    }
  }

  Outcome carry_out_locked(const PlannedRun& run, const fs::path& folder, std::string& reason) {
    Life life{.started = utc_now()};
    reason = why_not_here(run);
    if (!reason.empty()) {
      write_record(run, folder, "skipped", reason, life);
      return Outcome::skipped;
    }
    std::unique_ptr<HarnessLab>& lab = life.lab;
    try {
      lab = std::make_unique<HarnessLab>(lab_options(run, folder, life.sources));
      if (observer_.started) {
        const std::lock_guard guard(observer_mutex_);
        observer_.started(run, lab->resume_count() > 0);
      }
      const auto method = make_method(run.spec.method);
      read_fields([&](Fields& f) { method->fields(f); }, run.spec.fields, "");
      method->run(*lab);
      if (lab->results().at("points").empty())
        throw std::runtime_error("the method returned without a record");
      reason = lab->mistrust();
      write_record(run, folder, reason.empty() ? "ok" : "mistrusted", reason, life);
    } catch (const TimedOut&) {
      reason = fmt::format("out of time after {:.0f} s (--timeout); run again with more to go on",
                           options_.timeout_seconds);
      write_record(run, folder, "timeout", reason, life);
      return Outcome::timeout;
    } catch (const Interrupted&) {
      throw;
    } catch (const std::exception& error) {
      reason = first_line(error.what());
      write_record(run, folder, "failed", reason, life);
      return Outcome::failed;
    }
    fs::remove_all(folder / "journal");
    return reason.empty() ? Outcome::done : Outcome::mistrusted;
  }

  // LibTorch appends a stack trace to its messages.
  static std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

  [[nodiscard]] std::string why_not_here(const PlannedRun& run) const {
    if (run.device == "cuda" && !device_.is_cuda()) {
      return has_gpu() ? "requires a GPU; run with --device cuda"
                       : "requires a GPU, and there is none on this machine";
    }
    if (run.device == "cpu" && !device_.is_cpu()) return "requires the CPU; run with --device cpu";
    const DatasetCard& card = find_dataset(run.spec.dataset);
    if (!datasets_.contains(card.name))
      return fmt::format("{} has to be there: give the folder that holds it with --data",
                         card.name);
    if (run.spec.source) {
      const auto record = stored_record(run_folder(options_.results, run.spec.source->hash));
      if (!record || !finished(*record)) {
        return fmt::format(
            "its source {} did not end well{}", run.spec.source->hash.substr(0, 8),
            record ? fmt::format(" ({}: {})", status_name(record->status), record->reason) : "");
      }
    }
    return "";
  }

  // A folder's images aren't part of a run's identity; what began with others isn't gone on with.
  [[nodiscard]] std::string fingerprints(const std::string& dataset) const {
    std::string text;
    for (const DatasetFile& found : datasets_.at(dataset)->found) text += " " + found.sha256;
    return text;
  }

  LabOptions lab_options(const PlannedRun& run, const fs::path& folder, json& sources) {
    LabOptions lab{.identity = run.hash,
                   .program = fmt::format("{} {}{} {} {}{}", options_.version, options_.revision,
                                          options_.dirty ? " changed" : "", options_.compiler,
                                          device_.str(), fingerprints(run.spec.dataset)),
                   .folder = folder,
                   .architecture = run.spec.architecture(),
                   .recipe = run.spec.recipe,
                   .dataset_card = &find_dataset(run.spec.dataset),
                   .dataset = datasets_.at(run.spec.dataset),
                   .seed = run.spec.seed,
                   .device = device_,
                   .origin = {{"run", run.hash},
                              {"method", run.spec.method},
                              {"dataset", run.spec.dataset},
                              {"seed", std::to_string(run.spec.seed)}},
                   .interrupted = options_.interrupted,
                   .timeout_seconds = options_.timeout_seconds,
                   .save_every_seconds = options_.save_every_seconds};
    if (run.spec.source) {
      const SourceSpec& source = *run.spec.source;
      lab.source = [this, &source, &sources](int64_t level) {
        const fs::path from = run_folder(options_.results, source.hash);
        const Record record = load_record((from / "record.json").string());
        const int64_t wanted = level == kSourceLevel ? level_of(source.level, record) : level;
        const fs::path file = from / ticket_name(wanted);
        Ticket ticket = load_ticket(file);
        sources.push_back({{"level", wanted}, {"ticket_sha256", sha256(read_file(file))}});
        return ticket;
      };
    }
    lab.progress = [this, &run](const Progress& progress, int64_t points) {
      const std::lock_guard guard(observer_mutex_);
      if (observer_.progress) observer_.progress(run, progress, points);
    };
    return lab;
  }

  // One attempt at a run.
  struct Life {
    std::string started;
    std::unique_ptr<HarnessLab> lab = nullptr;  // null: it can't run here
    json sources = json::array();               // tickets it started from
  };

  void write_record(const PlannedRun& run, const fs::path& folder, const std::string& status,
                    const std::string& reason, const Life& life) {
    const HarnessLab* const lab = life.lab.get();
    const auto method = make_method(run.spec.method);
    const Card& card = method->card();
    json deviations = json::array();
    for (const std::string_view sentence : card.deviations) {
      if (!sentence.empty()) deviations.push_back(sentence);
    }
    json record{
        {"schema", "ticketbench/record"},
        {"schema_version", 1},
        {"hash", run.hash},
        {"name", run.name},
        {"spec", run.spec.document()},
        {"status", status},
        {"reason", reason},
        {"division", is_paper_recipe(run.spec.recipe) ? "paper-protocol" : "suite-protocol"},
        {"selected_on_test", run.spec.recipe.selection == Selection::best_test},
        {"command", run.command},
        {"suite", {{"title", run.suite_title}, {"file", run.suite_file}}},
        {"method_card",
         {{"title", card.title},
          {"paper", card.paper},
          {"place", card.place},
          {"deviations", deviations}}},
        {"data", describe_data(run)},
        {"results",
         {{"points", json::array()}, {"measures", json::array()}, {"curves", json::array()}}},
        {"timing", nullptr},
        {"provenance", machine_}};
    json& provenance = record["provenance"];
    provenance.update({{"ticketbench", options_.version},
                       {"git", options_.revision},
                       {"dirty", options_.dirty},
                       {"compiler", options_.compiler},
                       {"engine", "eager"},
                       {"threads", threads_},
                       {"peak_memory_bytes", peak_memory_bytes()},
                       {"started", life.started},
                       {"finished", utc_now()},
                       {"resume_count", lab != nullptr ? lab->resume_count() : 0},
                       {"source_tickets", life.sources},
                       {"deterministic", device_.is_cpu()}});
    if (lab != nullptr) {
      record["results"] = lab->results();
      record["timing"] = lab->timing();
      settle_tickets(run, folder, record["results"]["points"],
                     status == "ok" || status == "mistrusted");
    }
    // Never a worse result over a better one: a finished run whose ticket was wanted again may fail
    // now, and one that was skipped tells less than any other.
    if (const auto before = stored_record(folder)) {
      const bool ends = status == "ok" || status == "mistrusted";
      if (finished(*before) && !ends) return;
      if (before->status != Status::skipped && status == "skipped") return;
    }
    // As it will be read: what can't be read again is a defect of ours, so it is said now.
    const std::string text = record.dump(1) + "\n";
    parse_record(json::parse(text), (folder / "record.json").string());
    write_atomically(folder / "record.json", text);
  }

  // Names the tickets that stay, removes the others.
  void settle_tickets(const PlannedRun& run, const fs::path& folder, json& points, bool ended) {
    const std::set<std::optional<int64_t>> needed_levels = needed_now(run);
    std::set<int64_t> stay;
    for (size_t i = 0; i < points.size(); ++i) {
      const int64_t level = points[i].at("level");
      const bool last = i + 1 == points.size();
      const bool kept = options_.keep == Keep::all || (options_.keep == Keep::last && last);
      const bool needed =
          needed_levels.contains(level) || (last && needed_levels.contains(std::nullopt));
      if (kept || needed || !ended)
        stay.insert(level);  // an unfinished run goes on from all it has
    }
    for (json& point : points) {
      const fs::path file = folder / ticket_name(point.at("level"));
      point["ticket_sha256"] = nullptr;
      if (stay.contains(point.at("level").get<int64_t>())) {
        point["ticket_sha256"] = sha256(read_file(file));
      } else {
        point["ticket"] = nullptr;
        fs::remove(file);
      }
    }
  }

  // After the whole plan: tickets that were only kept for runs that have ended, of runs carried
  // out here.
  void drop_tickets() {
    if (options_.keep == Keep::all) return;
    for (size_t i = 0; i < plan_.runs.size(); ++i) {
      if (outcomes_[i] != Outcome::done && outcomes_[i] != Outcome::mistrusted) continue;
      const PlannedRun& run = plan_.runs[i];
      const fs::path folder = run_folder(options_.results, run.hash);
      const RunLock lock(folder);
      const auto record = finished_record(run.hash);
      if (!lock.held() || !record || record->points.empty()) continue;
      std::set<int64_t> stay;
      if (options_.keep == Keep::last) stay.insert(record->points.back().level);
      for (const auto& level : needed_now(run)) stay.insert(level_of(level, *record));
      // First the record: it names no file that isn't there.
      forget_tickets(folder, stay);
      for (const Point& point : record->points) {
        if (!stay.contains(point.level)) fs::remove(folder / ticket_name(point.level));
      }
    }
  }

  json describe_data(const PlannedRun& run) const {
    const DatasetCard& card = find_dataset(run.spec.dataset);
    Recipe recipe = run.spec.recipe;
    const auto loaded = datasets_.find(card.name);
    json files = json::array();
    for (const DatasetFile& file :
         loaded == datasets_.end() || !card.files.empty() ? card.files : loaded->second->found) {
      files.push_back({{"name", fs::path(file.path).filename().string()},
                       {"bytes", file.bytes},
                       {"sha256", file.sha256}});
    }
    return {{"name", card.name},
            {"classes", card.classes},
            {"files", files},
            {"train", recipe.train_size(card.train_examples)},
            {"val", recipe.validation_examples},
            {"test", recipe.test_size(card.test_examples)},
            {"val_source", recipe.validation_examples > 0 ? "train" : "none"},
            {"input", {card.input.channels, card.input.height, card.input.width}},
            {"mean", recipe.mean.empty() ? card.mean : recipe.mean},
            {"std", recipe.mean.empty() ? card.deviation : recipe.deviation},
            {"augmentation", write_fields([&](Fields& f) { recipe.augmentation.fields(f); })},
            {"last_batch", recipe.last_batch == LastBatch::keep ? "kept" : "dropped"}};
  }

  const Plan& plan_;
  const RunOptions& options_;
  const RunObserver& observer_;
  torch::Device device_;
  std::map<std::string, std::shared_ptr<const Dataset>> datasets_;
  json machine_;
  int64_t threads_ = 1;
  std::mutex mutex_;
  std::mutex observer_mutex_;
  std::mutex records_mutex_;
  std::map<std::string, Record> finished_;
  std::condition_variable changed_;
  std::set<size_t> taken_;
  std::vector<double> chain_macs_;
  std::vector<std::optional<Outcome>> outcomes_;
  bool stop_ = false;
};

}  // namespace

std::vector<Outcome> run_plan(const Plan& plan, const RunOptions& options,
                              const RunObserver& observer) {
  return Runner(plan, options, observer).run();
}

RunLock::RunLock(const fs::path& folder)
    : descriptor_(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  const auto refuse = [&] {
    throw std::runtime_error(
        fmt::format("can't write {}: {}", (folder / "lock").string(), std::strerror(errno)));
  };
  if (descriptor_ < 0) refuse();
  held_ = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
  if (!held_) return;
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, pid.data(), pid.size(), 0) < 0) {
    ::close(descriptor_);
    refuse();
  }
}

RunLock::~RunLock() {
  ::close(descriptor_);
}

void forget_tickets(const fs::path& folder, const std::set<int64_t>& stay) {
  json document = json::parse(read_file(folder / "record.json"));
  const json before = document;
  for (json& point : document["results"]["points"]) {
    if (stay.contains(point.at("level").get<int64_t>())) continue;
    point["ticket"] = nullptr;
    point["ticket_sha256"] = nullptr;
  }
  if (document != before) write_atomically(folder / "record.json", document.dump(1) + "\n");
}

fs::path run_folder(const fs::path& results, const std::string& hash) {
  return results / hash;
}

}  // namespace ticketbench
