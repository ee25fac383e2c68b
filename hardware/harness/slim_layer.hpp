// A layer without its pruned filters and input channels.
#pragma once

#include "hardware/harness/probe.hpp"

#include <functional>
#include <memory>
#include <string>

namespace ticketbench {

/// Why it would be no smaller layer; empty where the mask is made of filters or channels.
std::string slim_refusal(const Problem& problem);

/// What `prepare` makes of the layer whose input and output channels all keep something. Its output
/// is scattered to the true channels, where others are zero: for the comparison, not timed.
std::unique_ptr<PreparedProbe> prepare_slim(
    const Problem& problem,
    const std::function<std::unique_ptr<PreparedProbe>(const Problem&)>& prepare);

}  // namespace ticketbench
