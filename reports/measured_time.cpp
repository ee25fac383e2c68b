#include "reports/measured_time.hpp"

#include "reports/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace ticketbench {
namespace {

struct Sample {
  std::string finished;
  double seconds_per_image = 0;
  std::optional<double> speedup;
};

std::string device_words(const ProbeFile& file, const ProbeRow& row) {
  const nlohmann::json& by = file.provenance;
  const std::string name =
      by.at("gpu").is_string() ? by.at("gpu").get<std::string>() : by.at("cpu").get<std::string>();
  return fmt::format("{}, {} thread{}, batch {}", name, row.threads, row.threads == 1 ? "" : "s",
                     row.batch);
}

std::optional<Sample> sample_of(const ProbeFile& file, const ProbeRow& row) {
  const ProbeJudgement j = judge(row, file.calibration_of(row));
  if (j.verdict == ProbeVerdict::mistrusted) return std::nullopt;
  std::optional<double> seconds;
  for (const std::optional<std::size_t>& place : {j.best_dense, j.best_sparse}) {
    if (!place) continue;
    const double one = median(row.contenders[*place].seconds);
    seconds = std::min(one, seconds.value_or(one));
  }
  if (!seconds) return std::nullopt;
  return Sample{file.provenance.at("finished").get<std::string>(),
                *seconds / static_cast<double>(row.batch), j.speedup};
}

}  // namespace

std::vector<MeasuredTime> measured_times(const std::vector<TicketName>& tickets,
                                         const std::vector<ProbeFile>& probes) {
  std::map<std::string, std::vector<Sample>> by_device;
  for (const TicketName& ticket : tickets) {
    std::map<std::string, Sample> newest;
    for (const ProbeFile& file : probes) {
      if (!file.ticket || file.ticket->run != ticket.run || file.ticket->level != ticket.level) {
        continue;
      }
      for (const ProbeRow& row : file.rows) {
        if (row.kind != "network") continue;
        const std::optional<Sample> sample = sample_of(file, row);
        if (!sample) continue;
        Sample& known = newest[device_words(file, row)];
        const auto order = [](const Sample& one) {
          return std::pair(one.finished, one.seconds_per_image);
        };
        if (order(known) < order(*sample)) known = *sample;
      }
    }
    for (const auto& [device, sample] : newest) by_device[device].push_back(sample);
  }
  std::vector<MeasuredTime> times;
  for (const auto& [device, samples] : by_device) {
    std::vector<double> seconds;
    std::vector<double> speedups;
    for (const Sample& one : samples) {
      seconds.push_back(one.seconds_per_image);
      if (one.speedup) speedups.push_back(*one.speedup);
    }
    times.push_back({.device = device,
                     .seconds_per_image = mean(seconds),
                     .speedup = speedups.size() == samples.size() ? std::optional(mean(speedups))
                                                                  : std::nullopt,
                     .n = static_cast<int64_t>(samples.size())});
  }
  return times;
}

}  // namespace ticketbench
