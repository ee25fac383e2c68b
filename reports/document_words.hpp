// JSON documents told apart in words: what differs between them, and only that.

#pragma once

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <vector>

namespace ticketbench {

// Paths of the leaves in which these documents differ.
std::set<std::string> differing_paths(const std::vector<nlohmann::json>& documents);

// "rate=0.2 schedule.type=cubic": the leaves of `document` at these paths.
std::string words_at(const nlohmann::json& document, const std::set<std::string>& paths);

}  // namespace ticketbench
