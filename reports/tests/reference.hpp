// Numbers found by other programs, kept as data: tests/statistics_reference.py made them.

#pragma once

#include <nlohmann/json.hpp>

#include <vector>

namespace ticketbench {

const nlohmann::json& statistics_reference();

// A list of numbers of a document.
std::vector<double> numbers(const nlohmann::json& list);

// Fails the test unless `found` lies within 1e-9 of case[key], relative to it.
void check_reference(double found, const nlohmann::json& one, const char* key);

}  // namespace ticketbench
