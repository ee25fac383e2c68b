// One record as a page: what the run was, what it gave, where, and how to get it again.

#pragma once

#include "reports/format.hpp"
#include "reports/record.hpp"

#include <string>

namespace ticketbench {

// As text for a terminal of 100 columns, as Markdown or as JSON ("ticketbench/report", version 1).
// Throws std::invalid_argument for the other formats.
std::string run_report(const Record& record, Format format);

}  // namespace ticketbench
