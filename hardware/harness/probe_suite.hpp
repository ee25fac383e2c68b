// Probe suites: JSON files that say what to time.
#pragma once

#include "hardware/harness/spec.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace ticketbench {

/// One probe for each combination of the axes' values in each entry of `probes`, over the fields of
/// `common`. Throws std::invalid_argument "source: /pointer: what was found, what is allowed".
std::vector<ProbeSpec> read_probe_suite(const nlohmann::json& document, const std::string& source);

/// Fields from a JSON object without axes; `pointer` is its place, for errors.
ProbeSpec read_probe_spec(const nlohmann::json& fields, const std::string& pointer);

}  // namespace ticketbench
