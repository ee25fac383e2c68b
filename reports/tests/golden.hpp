// Golden files: what a writer made once and a person has read, in tests/golden/.

#pragma once

#include <string>

namespace ticketbench {

// Fails the test unless `text` is byte for byte the golden file of this name. With
// TICKETBENCH_UPDATE_GOLDEN=1 in the environment the file is written instead.
void check_golden(const std::string& name, const std::string& text);

}  // namespace ticketbench
