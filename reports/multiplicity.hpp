// Many tests at once: p values adjusted so that the chance of any false alarm stays bounded.

#pragma once

#include <span>
#include <vector>

namespace ticketbench {

// Holm's step-down (Scand. J. Stat. 6, 1979): rejecting where the adjusted value is at most alpha
// keeps the chance of one or more false rejections at alpha, however the tests depend on each
// other. In the order of the input, at most 1, never less than the value itself. Throws
// std::invalid_argument for a value outside [0, 1].
std::vector<double> holm(std::span<const double> p_values);

}  // namespace ticketbench
