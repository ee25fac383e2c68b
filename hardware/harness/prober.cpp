#include "hardware/harness/prober.hpp"

#include "core/files.hpp"
#include "core/sha256.hpp"
#include "hardware/harness/calibration.hpp"
#include "hardware/harness/gpu_calibration.hpp"
#include "hardware/harness/probe.hpp"
#include "hardware/kernels/reference.hpp"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <torch/cuda.h>

#include <filesystem>
#include <memory>
#include <stdexcept>

namespace ticketbench {
namespace {

using nlohmann::json;
using torch::Tensor;

// The first and the last image: one at the head of a vector of images, one at an end that may be
// padded.
Tensor ends(const Tensor& batch) {
  return torch::stack({batch[0], batch[batch.size(0) - 1]}).contiguous();
}

std::vector<float> reference_of(const Problem& problem) {
  kernels::ConvShape two = problem.shape;
  two.batch = 2;
  const Tensor input = ends(problem.input);
  return kernels::reference(two, floats_of(input), floats_of(problem.weight), {});
}

Contender contender_of(const ProbeCard& card, const Problem& problem) {
  return {.probe = std::string(card.name),
          .role = card.role,
          .dtype = card.dtype.empty() ? to_string(problem.type) : std::string(card.dtype),
          .layout = std::string(card.layout),
          .seconds = {},
          .pack_seconds = std::nullopt,
          .error = std::nullopt,
          .problem = ""};
}

// Launches follow each other without a wait, as in a network; the last one is waited for.
constexpr int64_t kLaunches = 20;

void run_on_gpu(PreparedProbe& probe, int64_t times) {
  for (int64_t i = 0; i < times; ++i) probe.run();
  torch::cuda::synchronize();
}

// Whether a result is too far off to be timed; of types that stand beside the row's it is only said
// how far off it is.
bool wrong(const Contender& contender, const std::string& dtype) {
  return contender.dtype == dtype && contender.error &&
         !(*contender.error <= ProbeRules{}.largest_error(dtype));
}

json fields_of(ProbeSpec spec) {
  return write_fields([&](Fields& f) { spec.fields(f); });
}

}  // namespace

void time_contenders(TimedRow& timed, const std::vector<TimedCall>& calls,
                     const std::vector<size_t>& places, const Measurement& measurement) {
  const Timings timings = time_interleaved(calls, {.repetitions = measurement.repetitions,
                                                   .min_seconds = measurement.min_seconds,
                                                   .cold = measurement.cache == CacheState::cold});
  for (size_t i = 0; i < places.size(); ++i)
    timed.row.contenders[places[i]].seconds = timings.seconds[i];
  timed.context = timings.context;
  timed.benchmarks = timings.rows;
}

TimedRow time_layer(const Problem& problem, const Measurement& measurement,
                    kernels::ThreadPool& pool, const std::regex& filter) {
  TimedRow timed;
  timed.row = {.name = problem.name,
               .kind = "layer",
               .what = kernels::to_string(problem.shape),
               .structure = to_string(problem.structure.kind),
               .total = problem.shape.weights(),
               .kept = problem.kept(),
               .dense_flops = problem.dense_flops(),
               .kept_flops = problem.kept_flops(),
               .bytes = problem.bytes(),
               .batch = problem.shape.batch,
               .threads = pool.size(),
               .copies = problem.copies,
               .cache = to_string(measurement.cache),
               .dtype = to_string(measurement.dtype),
               .contenders = {}};
  const std::vector<float> expected = reference_of(problem);
  const Registry<Probe>& registry = Registry<Probe>::instance();
  std::vector<std::unique_ptr<PreparedProbe>> prepared;
  std::vector<TimedCall> calls;
  std::vector<size_t> places;
  for (const std::string& name : registry.names()) {
    const Probe& probe = registry.find("probe", name);
    if (probe.card.device != measurement.device || !std::regex_search(name, filter) ||
        !probe.refusal(problem).empty())
      continue;
    Contender contender = contender_of(probe.card, problem);
    try {
      std::unique_ptr<PreparedProbe> ready = probe.prepare(problem, pool);
      const bool gpu = probe.card.device == ProbeDevice::cuda;
      PreparedProbe* one = ready.get();
      const double first = seconds_of([&] { gpu ? run_on_gpu(*one, 1) : one->run(); });
      contender.pack_seconds = ready->pack_seconds();
      const Tensor found = ends(ready->output());
      contender.error = kernels::relative_error(floats_of(found), expected);
      if (probe.card.role == ContenderRole::paper_baseline) {
        contender.seconds = {first};
      } else if (!wrong(contender, timed.row.dtype)) {
        places.push_back(timed.row.contenders.size());
        calls.push_back({.name = fmt::format("{}/{}/batch:{}/threads:{}", problem.name, name,
                                             problem.shape.batch, pool.size()),
                         .call = [one, gpu] { gpu ? run_on_gpu(*one, kLaunches) : one->run(); },
                         .times = gpu ? kLaunches : 1});
        prepared.push_back(std::move(ready));
      }
    } catch (const std::exception& error) {
      const std::string text = error.what();
      contender.problem = text.substr(0, text.find('\n'));  // LibTorch appends a stack trace
    }
    timed.row.contenders.push_back(std::move(contender));
  }
  time_contenders(timed, calls, places, measurement);
  return timed;
}

json run_probe(const ProbeSpec& spec, const std::string& command, json provenance,
               const std::regex& filter, Calibrations& calibrations,
               const ProbeObserver& observer) {
  check(spec);
  ProbeFile file{.hash = "",
                 .spec = fields_of(spec),
                 .command = command,
                 .provenance = std::move(provenance),
                 .calibration = {},
                 .ticket = std::nullopt,
                 .rows = {}};
  std::optional<Subject> subject;
  if (!spec.ticket.empty()) {
    const Ticket ticket = load_ticket(spec.ticket);
    const auto run = ticket.origin.find("run");
    file.ticket =
        ProbedTicket{.file = std::filesystem::path(spec.ticket).filename().string(),
                     .sha256 = sha256(read_file(spec.ticket)),
                     .mask_sha256 = ticket.mask.sha256(),
                     .run = run == ticket.origin.end() ? std::nullopt : std::optional(run->second),
                     .level = ticket.level};
    // The content, not where it lies, is what was asked for.
    file.spec["ticket"] = file.ticket->sha256;
    subject = subject_of(ticket);
  } else if (spec.shape.empty()) {
    subject = subject_of(spec.random);
  }
  std::vector<Problem> problems;
  if (!subject) {
    problems.push_back(problem_of(spec));
  } else if (spec.layers) {
    problems = problems_of(*subject, spec.measurement.batch, true, spec.map);
  }
  for (Problem& problem : problems) problem.type = spec.measurement.dtype;
  const bool gpu = spec.measurement.device == ProbeDevice::cuda;
  const bool whole = subject && spec.network && spec.map == 0 && !gpu;

  file.provenance.update(machine_state());
  file.provenance["load"] = {{"before", load_average()}, {"after", 0.0}};
  json document = {{"context", json::object()}, {"benchmarks", json::array()}};
  const size_t count =
      spec.measurement.threads.size() * (problems.size() + static_cast<size_t>(whole));
  size_t number = 0;
  const auto take = [&](const std::string& name, const std::function<TimedRow()>& time) {
    if (observer.interrupted()) throw std::runtime_error("interrupted; nothing was written");
    if (observer.started) observer.started(name, ++number, count);
    TimedRow timed = time();
    if (timed.row.contenders.empty()) return;  // the filter finds none for it
    document["context"] = timed.context;
    for (json& row : timed.benchmarks) document["benchmarks"].push_back(std::move(row));
    file.rows.push_back(std::move(timed.row));
  };
  for (const double wanted : spec.measurement.threads) {
    const auto threads = static_cast<int64_t>(wanted);
    at::set_num_threads(static_cast<int>(threads));
    kernels::ThreadPool pool(threads);
    Calibration& machine = calibrations[{threads, to_string(spec.measurement.dtype), gpu}];
    if (machine.threads == 0) {
      machine = gpu ? calibrate_gpu(spec.measurement.dtype) : calibrate(threads);
    }
    file.calibration.push_back(machine);
    for (const Problem& problem : problems) {
      take(problem.name, [&] { return time_layer(problem, spec.measurement, pool, filter); });
    }
    if (whole) {
      take(subject->architecture.model,
           [&] { return time_network(*subject, spec.measurement, pool, filter); });
    }
  }
  if (file.rows.empty())
    throw std::invalid_argument(
        "nothing was timed: no probe that the filter finds computes any of these layers; "
        "'ticketbench list probes' names them");
  file.provenance["load"]["after"] = load_average();
  file.hash = sha256(json{{"spec", file.spec},
                          {"cpu", file.provenance.at("cpu")},
                          {"host", file.provenance.at("host")},
                          {"started", file.provenance.at("started")}}
                         .dump());
  document["ticketbench"] = to_json(file);
  return document;
}

}  // namespace ticketbench
