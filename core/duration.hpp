// Lengths of training that don't depend on the batch size: "5ep", "1000it", or a fraction of the
// run.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ticketbench {

struct Duration {
  enum class Unit { epochs, iterations, fraction };
  double value = 0;
  Unit unit = Unit::fraction;
  /// No time at all is the same in every unit.
  bool operator==(const Duration& other) const {
    return value == other.value && (unit == other.unit || value == 0);
  }
};

/// "5ep", "0.5ep", "1000it", "0.5" (of the run). Throws std::invalid_argument that says what is
/// allowed.
Duration parse_duration(std::string_view text);
std::string to_string(const Duration& duration);

/// In optimizer steps, rounded to the nearest.
int64_t to_iterations(const Duration& duration, int64_t iterations, int64_t iterations_per_epoch);

}  // namespace ticketbench
