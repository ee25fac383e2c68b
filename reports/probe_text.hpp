// A probe file written down for people.

#pragma once

#include "reports/format.hpp"
#include "reports/probe.hpp"

#include <string>

namespace ticketbench {

// Text for a terminal of 100 columns, or Markdown; throws std::invalid_argument for other formats.
std::string render(const ProbeFile& file, Format format);

}  // namespace ticketbench
