// A probe file written down for people.

#pragma once

#include "reports/format.hpp"
#include "reports/probe.hpp"

#include <string>
#include <vector>

namespace ticketbench {

// Text for a terminal of 100 columns, or Markdown; throws std::invalid_argument for other formats.
std::string render(const ProbeFile& file, Format format);

// A line for each whole network in `files`, by run: what its ticket costs.
std::string tickets_text(const std::vector<ProbeFile>& files);

}  // namespace ticketbench
