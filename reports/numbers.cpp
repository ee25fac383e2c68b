#include "reports/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace ticketbench {

std::string grouped(int64_t number) {
  std::string digits = fmt::format("{}", number);
  const std::ptrdiff_t first = number < 0 ? 1 : 0;
  for (auto i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > first; i -= 3) {
    digits.insert(static_cast<std::size_t>(i), ",");
  }
  return digits;
}

std::string with_prefix(double number) {
  constexpr std::array<std::string_view, 7> prefixes = {"", " k", " M", " G", " T", " P", " E"};
  std::size_t prefix = 0;
  // 999.5 would be rounded to four digits.
  while (number >= 999.5 && prefix + 1 < prefixes.size()) {
    number /= 1000;
    ++prefix;
  }
  const bool whole = prefix == 0 && number == std::floor(number);
  const int decimals = whole || number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}{}", number, decimals, prefixes[prefix]);
}

std::string duration(double seconds) {
  if (seconds < 59.95) {
    return fmt::format("{:.1f} s", seconds);
  }
  if (const auto s = std::llround(seconds); s < 3600) {
    return fmt::format("{}m{:02}s", s / 60, s % 60);
  }
  if (const auto m = std::llround(seconds / 60); m < 1440) {
    return fmt::format("{}h{:02}m", m / 60, m % 60);
  }
  const auto h = std::llround(seconds / 3600);
  return fmt::format("{}d{:02}h", h / 24, h % 24);
}

std::string short_time(double seconds) {
  constexpr std::array<std::pair<double, std::string_view>, 4> units = {
      {{1e-9, "ns"}, {1e-6, "µs"}, {1e-3, "ms"}, {1, "s"}}};
  // By what three digits make of it: 999.6 µs are 1.00 ms.
  auto unit = units.begin();
  while (unit + 1 != units.end() && seconds / unit->first >= 999.5) ++unit;
  const double value = seconds / unit->first;
  const int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f} {}", value, decimals, unit->second);
}

std::string plus_minus(const Spread& spread, int decimals, bool sign) {
  std::string text = fmt::format("{:.{}f}", spread.mean, decimals);
  // What rounds to zero has no sign.
  if (text.find_first_not_of("-0.") == std::string::npos) {
    text = fmt::format("{:.{}f}", 0.0, decimals);
  } else if (sign && spread.mean > 0) {
    text.insert(0, "+");
  }
  if (spread.sample_std) {
    text += fmt::format(" ± {:.{}f}", *spread.sample_std, decimals);
  }
  return text;
}

std::string sparkline(std::span<const double> values, std::size_t width) {
  constexpr std::array<std::string_view, 8> blocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (values.empty() || width == 0) {
    return "";
  }
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  const double range = *greatest - *least;
  const std::size_t shown = std::min(values.size(), width);
  std::string line;
  for (std::size_t i = 0; i < shown; ++i) {
    const std::size_t at = shown == 1 ? values.size() - 1 : i * (values.size() - 1) / (shown - 1);
    const double height = range > 0 && std::isfinite(range) ? (values[at] - *least) / range : 0;
    line += blocks[std::min(static_cast<std::size_t>(height * 8), std::size_t{7})];
  }
  return line;
}

}  // namespace ticketbench
