#include "reports/compare.hpp"

#include "reports/compare_speedups.hpp"
#include "reports/configuration.hpp"
#include "reports/escape.hpp"
#include "reports/machine.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace ticketbench {
namespace {

// Enough for a test that can survive Holm's adjustment.
constexpr int64_t kFewestMoreSeeds = 5;

using Runs = std::map<int64_t, const Record*>;  // by seed

const Point* point_at(const Record& record, int64_t level) {
  if (record.status != Status::ok) {
    return nullptr;
  }
  const auto found = std::find_if(record.points.begin(), record.points.end(),
                                  [&](const Point& point) { return point.level == level; });
  return found == record.points.end() ? nullptr : &*found;
}

const Point* point_at(const Runs& runs, int64_t seed, int64_t level) {
  const auto found = runs.find(seed);
  return found == runs.end() ? nullptr : point_at(*found->second, level);
}

std::string ending(const Record& record) {
  return fmt::format("seed {} {}{}{}", record.seed, status_name(record.status),
                     record.reason.empty() ? "" : ": ", record.reason);
}

std::vector<SeedValue> values_at(const Runs& runs, int64_t level) {
  std::vector<SeedValue> values;
  for (const auto& [seed, record] : runs) {
    if (const Point* point = point_at(*record, level)) {
      values.push_back({.seed = seed,
                        .value = 100 * static_cast<double>(point->test.top1_correct) /
                                 static_cast<double>(point->test.examples),
                        .computed = point->prediction_sha256});
    }
  }
  return values;
}

// "0.1000", the mean over the seeds; empty without any.
std::string density_words(const Runs& runs, int64_t level) {
  double sum = 0;
  int64_t n = 0;
  for (const auto& [seed, record] : runs) {
    if (const Point* point = point_at(*record, level)) {
      sum += point->density();
      ++n;
    }
  }
  return n == 0 ? "" : fmt::format("{:.4f}", sum / static_cast<double>(n));
}

// What the runs that gave no value say about a cell. Where none is left, other seeds count as well.
void add_endings(ComparedCell& cell, const Runs& base, const Runs& now, int64_t level) {
  for (const auto& [seed, record] : now) {
    if (point_at(*record, level) != nullptr) {
      continue;
    }
    const bool had_one =
        cell.now.empty() ? !cell.base.empty() : point_at(base, seed, level) != nullptr;
    if (had_one && (record->status == Status::failed || record->status == Status::mistrusted)) {
      cell.broken.push_back(ending(*record));
    } else if (record->status == Status::ok) {
      cell.notes.push_back(fmt::format("seed {} does not reach level {} now", seed, level));
    } else {
      cell.notes.push_back(ending(*record));
    }
  }
  for (const auto& [seed, record] : base) {
    const bool mended = record->status != Status::ok && point_at(now, seed, level) != nullptr;
    if (mended) {
      cell.notes.push_back("in BASE " + ending(*record));
    }
  }
  const std::string before = density_words(base, level);
  const std::string after = density_words(now, level);
  if (!before.empty() && !after.empty() && before != after) {
    cell.notes.push_back(fmt::format("density {} before, {} now", before, after));
  }
}

// Of a cell that has no values on one side or on both.
void decide_one_sided(ComparedCell& cell, const Runs& base, const Runs& now) {
  const auto ended = [](const Runs& runs, Status status) {
    return std::any_of(runs.begin(), runs.end(),
                       [&](const auto& run) { return run.second->status == status; });
  };
  if (now.empty()) {
    cell.verdict = Verdict::gone;
    cell.reason = "no run of it in NEW";
  } else if (!cell.now.empty()) {
    const bool failed = ended(base, Status::failed) || ended(base, Status::mistrusted);
    cell.verdict = failed ? Verdict::better : Verdict::added;
    cell.reason = failed ? "no run of it ended well in BASE" : "not in BASE";
  } else if (!cell.base.empty()) {
    const bool ran = ended(now, Status::ok);
    cell.verdict = ran ? Verdict::gone : Verdict::ambiguous;
    cell.reason = ran ? "no run of NEW reaches it" : "no run of it came to its end in NEW";
  } else {
    cell.verdict = Verdict::mistrusted;
    cell.reason = base.empty() ? "not in BASE, and no run of it ended well in NEW"
                               : "no run of it ended well on either side";
  }
}

// The part of a record's command that names suite and settings; hashes and seeds come after it.
std::string command_stem(const ComparedCell& cell) {
  return cell.command.substr(0, cell.command.find(" --only "));
}

// That times a cell once more. Tickets lie where they are compared, wherever they were timed first.
std::string probe_command(const ComparedCell& cell, const std::string& results) {
  return cell.command.find(" --tickets ") == std::string::npos
             ? cell.command
             : "ticketbench probe --tickets " + escape_shell(results);
}

std::vector<Rerun> reruns_of(const std::vector<ComparedCell>& cells, const std::string& results) {
  using Key = std::tuple<std::string, bool, int64_t, int64_t>;
  std::map<Key, std::set<std::string>> runs;
  for (const ComparedCell& cell : cells) {
    if (cell.suspect && cell.quantity == Quantity::accuracy) {
      const int64_t more = std::max(kFewestMoreSeeds, static_cast<int64_t>(cell.now.size()));
      const bool on_disk = cell.command.ends_with(" --data DIR");
      runs[{command_stem(cell), on_disk, cell.last_seed + 1, cell.last_seed + more}].insert(
          cell.run);
    }
  }
  std::vector<Rerun> reruns;
  std::map<std::string, std::vector<std::string>> probes;
  for (const ComparedCell& cell : cells) {
    if (cell.suspect && cell.quantity == Quantity::speedup) {
      probes[probe_command(cell, results)].push_back(cell.label);
    }
  }
  reruns.reserve(probes.size() + runs.size());
  for (const auto& [command, names] : probes) {
    reruns.push_back({.command = command + " --results " + escape_shell(results),
                      .runs = names,
                      .first_seed = std::nullopt,
                      .last_seed = std::nullopt});
  }
  for (const auto& [key, names] : runs) {
    const auto& [stem, on_disk, first, last] = key;
    std::string command = stem;
    for (const std::string& name : names) command += " --only " + escape_shell(name);
    command += fmt::format(" --seeds {}..{} --results {}{}", first, last, escape_shell(results),
                           on_disk ? " --data DIR" : "");
    reruns.push_back({.command = command,
                      .runs = {names.begin(), names.end()},
                      .first_seed = first,
                      .last_seed = last});
  }
  return reruns;
}

ComparedSide side_of(const std::string& path, const std::map<std::string, Configuration>& all,
                     std::span<const ProbeFile> probes) {
  ComparedSide side{.path = path,
                    .runs = 0,
                    .probes = static_cast<int64_t>(probes.size()),
                    .machines = {},
                    .revisions = {}};
  std::set<std::string> machines;
  std::set<std::string> revisions;
  for (const auto& [key, configuration] : all) {
    for (const auto& [seed, record] : configuration.runs) {
      ++side.runs;
      if (!record->provenance) {
        continue;
      }
      const Provenance& from = *record->provenance;
      revisions.insert(fmt::format("ticketbench {} ({:.12}{})", from.ticketbench, from.git,
                                   from.dirty ? ", changed" : ""));
      if (from.cpu) {
        machines.insert(machine_words(from));
      }
    }
  }
  side.machines.assign(machines.begin(), machines.end());
  side.revisions.assign(revisions.begin(), revisions.end());
  return side;
}

std::set<int64_t> levels_of(const Runs& base, const Runs& now) {
  std::set<int64_t> levels;
  for (const Runs* runs : {&base, &now}) {
    for (const auto& [seed, record] : *runs) {
      if (record->status == Status::ok) {
        for (const Point& point : record->points) levels.insert(point.level);
      }
    }
  }
  return levels;
}

class ComparisonMaker {
 public:
  explicit ComparisonMaker(Comparison& comparison) : comparison_(comparison) {}

  // `base` or `now`, but not both, may be missing.
  void add(const std::string& label, const Configuration* base, const Configuration* now) {
    const Runs none;
    const Runs& before = base == nullptr ? none : base->runs;
    const Runs& after = now == nullptr ? none : now->runs;
    const Configuration& known = now == nullptr ? *base : *now;
    ComparedCell blank;
    blank.board = known.board;
    blank.label = label;
    blank.run = known.any().name;
    blank.method = known.any().method;
    blank.command = known.any().command;
    for (const Runs* runs : {&before, &after}) {
      if (!runs->empty()) blank.last_seed = std::max(blank.last_seed, runs->rbegin()->first);
    }
    const std::set<int64_t> levels = levels_of(before, after);
    if (levels.empty()) {
      for (const auto& [seed, record] : after) blank.notes.push_back(ending(*record));
      decide_one_sided(blank, before, after);
      comparison_.cells.push_back(blank);
    }
    for (const int64_t level : levels) {
      ComparedCell cell = blank;
      cell.level = level;
      if (*levels.rbegin() > 0) cell.label += fmt::format(", level {}", level);
      cell.base = values_at(before, level);
      cell.now = values_at(after, level);
      add_endings(cell, before, after, level);
      if (cell.base.empty() || cell.now.empty()) decide_one_sided(cell, before, after);
      comparison_.cells.push_back(std::move(cell));
    }
  }

 private:
  Comparison& comparison_;
};

void check(const Gate& gate) {
  if (!(gate.margin > 0 && gate.margin < 100)) {
    throw std::invalid_argument(fmt::format(
        "--margin {}: expected percentage points, a number > 0 and < 100", gate.margin));
  }
  if (!(gate.alpha > 0 && gate.alpha < 1)) {
    throw std::invalid_argument(
        fmt::format("--alpha {}: expected a number > 0 and < 1", gate.alpha));
  }
  if (!(gate.time_margin > 0 && gate.time_margin < 1)) {
    throw std::invalid_argument(
        fmt::format("--time-margin {}: expected a fraction of a speed-up, a number > 0 and < 1",
                    gate.time_margin));
  }
}

}  // namespace

int64_t Comparison::count(Verdict verdict) const {
  return std::count_if(cells.begin(), cells.end(),
                       [&](const ComparedCell& cell) { return cell.verdict == verdict; });
}

Comparison compare(const SideOfComparison& base, const SideOfComparison& now, const Gate& gate) {
  check(gate);
  const std::map<std::string, Configuration> before = configurations(base.records);
  const std::map<std::string, Configuration> after = configurations(now.records);
  std::vector<const Configuration*> all;
  all.reserve(before.size() + after.size());
  for (const auto& [key, one] : after) all.push_back(&one);
  for (const auto& [key, one] : before) all.push_back(&one);
  Comparison result{.gate = gate,
                    .base = side_of(base.path, before, base.probes),
                    .now = side_of(now.path, after, now.probes),
                    .cells = {},
                    .reruns = {}};
  std::map<std::tuple<std::string, std::string, std::string>, std::string> order;
  const std::map<std::string, std::string> names = labels(all);
  for (const auto& [key, label] : names) {
    const auto found = after.find(key);
    const Configuration& known = found == after.end() ? before.at(key) : found->second;
    order[{known.board, label, key}] = label;
  }
  ComparisonMaker maker(result);
  for (const auto& [place, label] : order) {
    const std::string& key = std::get<2>(place);
    const auto one = before.find(key);
    const auto other = after.find(key);
    maker.add(label, one == before.end() ? nullptr : &one->second,
              other == after.end() ? nullptr : &other->second);
  }
  std::map<std::string, TicketOrigin> origins;  // by run
  for (const auto* side : {&before, &after}) {
    for (const auto& [key, configuration] : *side) {
      for (const auto& [seed, record] : configuration.runs) {
        origins[record->hash] = {
            .board = configuration.board, .label = names.at(key), .seed = seed};
      }
    }
  }
  for (ComparedCell& cell : compared_speedups(base.probes, now.probes, origins)) {
    result.cells.push_back(std::move(cell));
  }
  judge(result.cells, gate);
  std::stable_sort(
      result.cells.begin(), result.cells.end(),
      [](const ComparedCell& a, const ComparedCell& b) { return a.verdict < b.verdict; });
  result.reruns = reruns_of(result.cells, now.path);
  return result;
}

}  // namespace ticketbench
