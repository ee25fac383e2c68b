#include "reports/compare_speedups.hpp"

#include "reports/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace ticketbench {
namespace {

struct Session {
  const ProbeFile* file = nullptr;
  const ProbeRow* row = nullptr;
};
using Sessions = std::vector<Session>;  // from the oldest on

bool on_gpu(const ProbeFile& file) {
  return file.provenance.at("gpu").is_string();
}

// What was timed, whatever the machine and the moment.
std::string key_of(const ProbeFile& file, const ProbeRow& row) {
  const std::string what = file.ticket && file.ticket->run
                               ? fmt::format("{} {}", *file.ticket->run, file.ticket->level)
                               : file.spec.dump();
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", what, row.kind, row.name, row.what,
                     row.batch, row.threads, row.dtype, row.cache, on_gpu(file));
}

std::map<std::string, Sessions> sessions_of(std::span<const ProbeFile> files) {
  std::map<std::string, Sessions> found;
  for (const ProbeFile& file : files) {
    for (const ProbeRow& row : file.rows) {
      const bool sparse =
          std::any_of(row.contenders.begin(), row.contenders.end(),
                      [](const Contender& one) { return one.role == ContenderRole::sparse; });
      if (sparse) found[key_of(file, row)].push_back({&file, &row});
    }
  }
  const auto order = [](const Session& one) {
    return std::pair(one.file->provenance.at("finished").get<std::string>(), one.file->hash);
  };
  for (auto& [key, sessions] : found) {
    std::stable_sort(sessions.begin(), sessions.end(),
                     [&](const Session& a, const Session& b) { return order(a) < order(b); });
  }
  return found;
}

std::string machine_of(const ProbeFile& file) {
  const nlohmann::json& by = file.provenance;
  return fmt::format("{}{}, {}", on_gpu(file) ? by.at("gpu").get<std::string>() + ", " : "",
                     by.at("cpu").get<std::string>(), by.at("instruction_set").get<std::string>());
}

std::string label_of(const Session& one, const std::map<std::string, TicketOrigin>& origins) {
  const ProbeRow& row = *one.row;
  std::string how = fmt::format("speed-up of {}{}, {} thread{}, batch {}", row.name,
                                row.dtype == "fp32" ? "" : " in " + row.dtype, row.threads,
                                row.threads == 1 ? "" : "s", row.batch);
  if (!one.file->ticket || !one.file->ticket->run) return how;
  const std::string& run = *one.file->ticket->run;
  const auto origin = origins.find(run);
  const std::string ticket =
      origin == origins.end()
          ? fmt::format("run {:.8}", run)
          : fmt::format("{} seed {}", origin->second.label, origin->second.seed);
  return fmt::format("{}, level {}: {}", ticket, one.file->ticket->level, how);
}

std::string board_of(const Session& one, const std::map<std::string, TicketOrigin>& origins) {
  if (one.file->ticket && one.file->ticket->run) {
    const auto origin = origins.find(*one.file->ticket->run);
    if (origin != origins.end()) return origin->second.board;
  }
  return "probes";
}

// What the sessions of one side say.
struct Side {
  std::vector<SeedValue> values;
  std::string times;   // of the last session: "dense 25.1 ms, sparse 5.01 ms"
  std::string why;     // of no values
  std::string broken;  // the sparse way computes something else now, or nothing
};

Side side_of(const Sessions& sessions) {
  Side side;
  int64_t number = 0;
  for (const Session& session : sessions) {
    const ProbeRow& row = *session.row;
    const ProbeJudgement j = judge(row, session.file->calibration_of(row));
    ++number;
    if (j.verdict == ProbeVerdict::mistrusted || !j.speedup) {
      side.why = j.reason;
      if (j.best_dense && !j.best_sparse) side.broken = j.reason;
      continue;
    }
    const double dense = median(row.contenders[*j.best_dense].seconds);
    const std::vector<double>& sparse = row.contenders[*j.best_sparse].seconds;
    for (const double seconds : sparse) {
      side.values.push_back({.seed = number, .value = dense / seconds, .computed = ""});
    }
    side.times =
        fmt::format("dense {:.3g} ms, sparse {:.3g} ms", 1e3 * dense, 1e3 * median(sparse));
  }
  return side;
}

void decide(ComparedCell& cell, const Sessions& before, const Sessions& after) {
  const std::string was_on = machine_of(*before.back().file);
  const std::string is_on = machine_of(*after.back().file);
  if (was_on != is_on) {
    cell.verdict = Verdict::mistrusted;
    cell.reason = fmt::format("timed on {}, then on {}", was_on, is_on);
    return;
  }
  Side base = side_of(before);
  Side now = side_of(after);
  if (!base.values.empty() && !now.broken.empty()) {
    cell.broken.push_back(now.broken);
  } else if (base.values.empty() || now.values.empty()) {
    cell.verdict = Verdict::mistrusted;
    cell.reason = now.values.empty() ? now.why : "in BASE: " + base.why;
    return;
  }
  cell.base = std::move(base.values);
  cell.now = std::move(now.values);
  if (!cell.now.empty()) cell.notes.push_back(fmt::format("{}; now {}", base.times, now.times));
}

}  // namespace

std::vector<ComparedCell> compared_speedups(std::span<const ProbeFile> base,
                                            std::span<const ProbeFile> now,
                                            const std::map<std::string, TicketOrigin>& origins) {
  const std::map<std::string, Sessions> before = sessions_of(base);
  const std::map<std::string, Sessions> after = sessions_of(now);
  std::set<std::string> keys;
  for (const auto* side : {&before, &after}) {
    for (const auto& [key, sessions] : *side) keys.insert(key);
  }
  std::vector<ComparedCell> cells;
  for (const std::string& key : keys) {
    const auto was = before.find(key);
    const auto is = after.find(key);
    const Session& known = is == after.end() ? was->second.back() : is->second.back();
    ComparedCell cell;
    cell.quantity = Quantity::speedup;
    cell.board = board_of(known, origins);
    cell.label = label_of(known, origins);
    cell.command = known.file->command;
    if (known.file->ticket) cell.level = known.file->ticket->level;
    if (was == before.end()) {
      cell.verdict = Verdict::added;
      cell.reason = "not timed in BASE";
    } else if (is == after.end()) {
      cell.verdict = Verdict::gone;
      cell.reason = "not timed in NEW";
    } else {
      decide(cell, was->second, is->second);
    }
    cells.push_back(std::move(cell));
  }
  std::stable_sort(cells.begin(), cells.end(), [](const ComparedCell& a, const ComparedCell& b) {
    return std::tie(a.board, a.label) < std::tie(b.board, b.label);
  });
  return cells;
}

}  // namespace ticketbench
