#include "hardware/harness/calibration.hpp"

#include "hardware/kernels/cpu/instruction_set.hpp"
#include "hardware/kernels/cpu/peak.hpp"
#include "hardware/kernels/cpu/thread_pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <sched.h>
#include <string>
#include <vector>

namespace ticketbench {
namespace {

using nlohmann::json;

double triad_bandwidth(int64_t threads) {
  constexpr int64_t kFloats = int64_t{16} << 20;
  std::vector<float> a(kFloats, 0.0F);
  std::vector<float> b(kFloats, 1.0F);
  std::vector<float> c(kFloats, 2.0F);
  kernels::ThreadPool pool(threads);
  double best = 0;
  for (int trial = 0; trial < 5; ++trial) {
    const auto start = std::chrono::steady_clock::now();
    pool.run(threads, [&](int64_t, int64_t part) {
      const auto begin = static_cast<size_t>(part * kFloats / threads);
      const auto end = static_cast<size_t>((part + 1) * kFloats / threads);
      for (size_t i = begin; i < end; ++i) a[i] = b[i] + 0.5F * c[i];
    });
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    best = std::max(best, 3.0 * sizeof(float) * static_cast<double>(kFloats) / seconds);
  }
  return best;
}

std::vector<int64_t> allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int64_t> cores;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (size_t i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) cores.push_back(static_cast<int64_t>(i));
  }
  return cores;
}

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

json megahertz(int64_t core) {
  std::ifstream in("/proc/cpuinfo");
  int64_t at = -1;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("processor")) ++at;
    if (at == core && line.starts_with("cpu MHz"))
      return std::stod(line.substr(line.find(':') + 1));
  }
  return nullptr;
}

}  // namespace

Calibration calibrate(int64_t threads) {
  kernels::ThreadPool pool(threads);
  std::vector<double> peaks(static_cast<size_t>(threads));
  pool.run(threads, [&](int64_t, int64_t part) {
    peaks[static_cast<size_t>(part)] = kernels::peak_flops(kernels::best_instruction_set());
  });
  return {.threads = threads,
          .peak_flops = std::accumulate(peaks.begin(), peaks.end(), 0.0),
          .bandwidth_bytes = triad_bandwidth(threads)};
}

json machine_state() {
  const std::vector<int64_t> cores = allowed_cores();
  const int64_t first = cores.empty() ? 0 : cores.front();
  const std::string governor =
      first_line(fmt::format("/sys/devices/system/cpu/cpu{}/cpufreq/scaling_governor", first));
  return {{"affinity", cores},
          {"governor", governor.empty() ? json(nullptr) : json(governor)},
          {"mhz", megahertz(first)},
          {"instruction_set", kernels::name(kernels::best_instruction_set())}};
}

double load_average() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

}  // namespace ticketbench
