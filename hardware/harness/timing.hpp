// Calls timed against each other by Google Benchmark.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ticketbench {

struct TimedCall {
  std::string name;
  std::function<void()> call;
  int64_t times = 1;  ///< that `call` does its work: its time is divided by this
};

struct TimingSettings {
  int64_t repetitions = 9;
  double min_seconds = 0.02;  ///< of each repetition
  bool cold = false;          ///< caches are overwritten before every call
};

struct Timings {
  std::vector<std::vector<double>> seconds;  ///< of one call: by call, by repetition
  nlohmann::json context;                    ///< Google Benchmark's
  nlohmann::json rows;                       ///< its rows, one for each repetition
};

/// Repetitions of all calls in random order, so that a machine that slows down slows all of them.
/// Google Benchmark keeps its settings in globals: one at a time in a process.
Timings time_interleaved(const std::vector<TimedCall>& calls, const TimingSettings& settings);

/// What one call takes.
double seconds_of(const std::function<void()>& call);

/// Of `count` > 0 ways that give the same, the one with the smallest of a few times. `seconds(i)`
/// does it the i-th way once and tells what that took. Three times each; those less than a quarter
/// slower than the best for 3 ms more.
size_t quickest(size_t count, const std::function<double(size_t)>& seconds);

}  // namespace ticketbench
