#include "core/duration.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <stdexcept>

namespace ticketbench {

Duration parse_duration(std::string_view text) {
  Duration duration;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), duration.value);
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  if (unit == "ep") duration.unit = Duration::Unit::epochs;
  if (unit == "it") duration.unit = Duration::Unit::iterations;
  const bool known = unit.empty() || unit == "ep" || unit == "it";
  constexpr double kMost = 1e9;  // iterations and epochs that still multiply to an int64_t
  if (error != std::errc() || !known || !(duration.value >= 0 && duration.value <= kMost) ||
      (unit.empty() && duration.value > 1)) {
    throw std::invalid_argument(
        fmt::format("'{}' is no duration; allowed: epochs as \"5ep\", iterations as \"1000it\", a "
                    "fraction of the run in [0, 1] as \"0.5\"",
                    text));
  }
  return duration;
}

std::string to_string(const Duration& duration) {
  switch (duration.unit) {
    case Duration::Unit::epochs:
      return fmt::format("{}ep", duration.value);
    case Duration::Unit::iterations:
      return fmt::format("{}it", duration.value);
    case Duration::Unit::fraction:
      return fmt::format("{}", duration.value);
  }
  throw std::logic_error("unknown unit");
}

int64_t to_iterations(const Duration& duration, int64_t iterations, int64_t iterations_per_epoch) {
  switch (duration.unit) {
    case Duration::Unit::epochs:
      return std::llround(duration.value * static_cast<double>(iterations_per_epoch));
    case Duration::Unit::iterations:
      return std::llround(duration.value);
    case Duration::Unit::fraction:
      return std::llround(duration.value * static_cast<double>(iterations));
  }
  throw std::logic_error("unknown unit");
}

}  // namespace ticketbench
