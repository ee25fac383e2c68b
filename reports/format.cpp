#include "reports/format.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

namespace ticketbench {

Format parse_format(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, Format>, 6> names = {{
      {"text", Format::text},
      {"md", Format::markdown},
      {"html", Format::html},
      {"csv", Format::csv},
      {"json", Format::json},
      {"latex", Format::latex},
  }};
  std::string allowed;
  for (const auto& [name, format] : names) {
    if (name == word) {
      return format;
    }
    allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", name);
  }
  throw std::invalid_argument(
      fmt::format("found the format \"{}\", expected one of {}", word, allowed));
}

}  // namespace ticketbench
