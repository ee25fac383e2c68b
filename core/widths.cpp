#include "core/widths.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace ticketbench {
Architecture narrowed(const Architecture& architecture, double width) {
  if (!(width > 0 && width <= 1)) throw std::invalid_argument("a width lies in (0, 1]");
  const auto scaled = [&](int64_t channels) {
    return std::max<int64_t>(1, std::llround(width * static_cast<double>(channels)));
  };
  Architecture a = architecture;
  bool first = true;  // takes the image's channels
  for (ConvUnit* unit : units(a)) {
    Conv& conv = unit->conv;
    if (!first) conv.in = scaled(conv.in);
    conv.out = scaled(conv.out);
    if (conv.groups > 1) conv.groups = conv.in;
    first = false;
  }
  for (size_t i = 0; i < a.classifier.size(); ++i) {
    if (i > 0 || !first) a.classifier[i].in = scaled(a.classifier[i].in);
    if (i + 1 < a.classifier.size()) a.classifier[i].out = scaled(a.classifier[i].out);
  }
  return a;
}

Architecture narrowed_to_macs(const Architecture& architecture, double fraction) {
  const double most = fraction * static_cast<double>(mac_count(architecture));
  const auto fits = [&](double width) {
    return static_cast<double>(mac_count(narrowed(architecture, width))) <= most;
  };
  if (fits(1)) return architecture;
  // Counts grow with the width, so the widest one that fits is found by halving.
  double narrow = 1e-9;
  double wide = 1;
  if (!fits(narrow))
    throw std::invalid_argument("one channel per layer takes more multiply-adds than asked for");
  for (int i = 0; i < 60; ++i) {
    const double middle = (narrow + wide) / 2;
    (fits(middle) ? narrow : wide) = middle;
  }
  return narrowed(architecture, narrow);
}

}  // namespace ticketbench
