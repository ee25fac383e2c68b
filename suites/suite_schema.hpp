// The JSON Schema of suites, compiled into the program.
#pragma once

#include <nlohmann/json.hpp>

namespace ticketbench {

/// suites/schema/suite.schema.json.
const nlohmann::json& suite_schema();

}  // namespace ticketbench
