// Numbers as people read them. The same text on every machine and in every locale.

#pragma once

#include "reports/statistics.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace ticketbench {

// "272,474"
std::string grouped(int64_t number);

// Three digits and a decimal prefix: "950", "40.8 M", "1.23 T". Not negative.
std::string with_prefix(double number);

// "3.1 s", "12m03s", "1h02m", "3d04h". Not negative.
std::string duration(double seconds);

// Three digits and a unit: "950 ns", "21.4 µs", "3.12 ms", "2.05 s". Not negative.
std::string short_time(double seconds);

// "91.30 ± 0.12", or "91.30" for one value. With `sign`, a positive mean begins with "+".
std::string plus_minus(const Spread& spread, int decimals = 2, bool sign = false);

// A line of blocks, low to high between the least and the greatest value; of more than `width`
// values, evenly spaced ones with the first and the last. Empty for no values.
std::string sparkline(std::span<const double> values, std::size_t width = 24);

}  // namespace ticketbench
