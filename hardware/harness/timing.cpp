#include "hardware/harness/timing.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <sstream>
#include <stdexcept>

namespace ticketbench {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Larger than the caches next to the cores; what lies beyond them is shared with other machines.
void overwrite_caches() {
  static std::vector<char> memory(size_t{64} << 20);
  for (size_t i = 0; i < memory.size(); i += 64) memory[i] = static_cast<char>(memory[i] + 1);
  benchmark::DoNotOptimize(memory.data());
}

void time_call(benchmark::State& state, const TimedCall& timed, bool cold) {
  for (auto _ : state) {
    if (cold) overwrite_caches();
    const auto start = Clock::now();
    timed.call();
    state.SetIterationTime(seconds_since(start) / static_cast<double>(timed.times));
  }
}

// Google Benchmark takes its settings as a command line, and keeps a pointer to its first word.
void initialise(const TimingSettings& settings) {
  static std::vector<std::string> words;
  words = std::vector<std::string>{"ticketbench",
                                   fmt::format("--benchmark_repetitions={}", settings.repetitions),
                                   fmt::format("--benchmark_min_time={}", settings.min_seconds),
                                   "--benchmark_enable_random_interleaving=true"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  auto count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
}

}  // namespace

Timings time_interleaved(const std::vector<TimedCall>& calls, const TimingSettings& settings) {
  // Google Benchmark would write no document at all.
  if (calls.empty()) return {.seconds = {}, .context = json::object(), .rows = json::array()};
  initialise(settings);
  benchmark::ClearRegisteredBenchmarks();
  for (const TimedCall& timed : calls) {
    benchmark::RegisterBenchmark(timed.name.c_str(), [&](benchmark::State& state) {
      time_call(state, timed, settings.cold);
    })->UseManualTime();
  }
  std::ostringstream text;
  std::ostringstream warnings;  // on frequency scaling: the report says what the machine is
  benchmark::JSONReporter reporter;
  reporter.SetOutputStream(&text);
  reporter.SetErrorStream(&warnings);
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::ClearRegisteredBenchmarks();

  const json document = json::parse(text.str());
  Timings timings{.seconds = std::vector<std::vector<double>>(calls.size()),
                  .context = document.at("context"),
                  .rows = json::array()};
  std::map<std::string, size_t> place;
  for (size_t i = 0; i < calls.size(); ++i) place[calls[i].name] = i;
  for (json row : document.at("benchmarks")) {
    if (row.at("run_type") != "iteration") continue;  // means and the like are the reader's work
    // The library appends how it was timed.
    std::string name = row.at("run_name");
    name = name.substr(0, name.rfind("/manual_time"));
    row["name"] = row["run_name"] = name;
    const auto found = place.find(name);
    if (found == place.end()) throw std::logic_error("a benchmark nobody registered: " + name);
    timings.seconds[found->second].push_back(row.at("real_time").get<double>() * 1e-9);
    timings.rows.push_back(std::move(row));
  }
  return timings;
}

double seconds_of(const std::function<void()>& call) {
  const auto start = Clock::now();
  call();
  return seconds_since(start);
}

size_t quickest(size_t count, const std::function<double(size_t)>& seconds) {
  constexpr double kEnough = 0.003;
  constexpr double kInTheRunning = 1.25;
  std::vector<double> least;
  for (size_t i = 0; i < count; ++i) {
    (void)seconds(i);  // brings it into the caches
    least.push_back(std::min(seconds(i), seconds(i)));
  }
  const double limit = kInTheRunning * *std::min_element(least.begin(), least.end());
  for (size_t i = 0; i < count; ++i) {
    if (least[i] > limit) continue;
    double spent = 0;
    do {
      const double took = seconds(i);
      least[i] = std::min(least[i], took);
      spent += took;
    } while (spent < kEnough);
  }
  return static_cast<size_t>(std::min_element(least.begin(), least.end()) - least.begin());
}

}  // namespace ticketbench
