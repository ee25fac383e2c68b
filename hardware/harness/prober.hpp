// Runs probes: every registered way of computing a layer, and whole networks, into a report.
#pragma once

#include "hardware/harness/spec.hpp"
#include "hardware/harness/timing.hpp"
#include "hardware/kernels/cpu/thread_pool.hpp"
#include "reports/probe.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <regex>
#include <string>
#include <tuple>
#include <vector>

namespace ticketbench {

/// A row as timed, with Google Benchmark's own account of it.
struct TimedRow {
  ProbeRow row;
  nlohmann::json context;
  nlohmann::json benchmarks = nlohmann::json::array();
};

/// Times `calls` against each other; call i is that of the row's contender `places[i]`.
void time_contenders(TimedRow& timed, const std::vector<TimedCall>& calls,
                     const std::vector<size_t>& places, const Measurement& measurement);

/// Times all registered probes that can compute the layer and whose name `filter` finds. LibTorch's
/// threads are those of `pool`. Every result is compared with the reference on the first and the
/// last image before it is timed; what differs is not timed but said.
TimedRow time_layer(const Problem& problem, const Measurement& measurement,
                    kernels::ThreadPool& pool, const std::regex& filter);

/// The whole network: by LibTorch as it is, with norms folded, also in bfloat16, without pruned
/// filters where whole ones are pruned; and by SparseNetwork. Logits are compared with LibTorch's.
TimedRow time_network(const Subject& subject, const Measurement& measurement,
                      kernels::ThreadPool& pool, const std::regex& filter);

struct ProbeObserver {
  /// Before each row: its name, its number from 1 on, and how many there are.
  std::function<void(const std::string& name, size_t number, size_t count)> started;
  std::function<bool()> interrupted = [] { return false; };
};

/// By number of threads, type, and whether it is the GPU's.
using Calibrations = std::map<std::tuple<int64_t, std::string, bool>, Calibration>;

/// All that the spec asks for, as the document of schema/probe.schema.json. `provenance` holds what
/// only the caller knows (program, revision, processor, start); hash, calibration and the machine's
/// state are added. `calibrations` are taken where they are there, and measured and kept where not.
/// Rows for which `filter` finds no probe are left out. Throws std::invalid_argument for a bad spec
/// and where no row is left, std::runtime_error where the observer interrupted.
nlohmann::json run_probe(const ProbeSpec& spec, const std::string& command,
                         nlohmann::json provenance, const std::regex& filter,
                         Calibrations& calibrations, const ProbeObserver& observer);

}  // namespace ticketbench
