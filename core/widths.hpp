// Narrower networks of the same shape.
#pragma once

#include "core/architecture.hpp"

namespace ticketbench {

/// Every channel count and hidden layer times `width`, rounded, at least 1; input and classes stay.
/// Grouped convolutions keep one channel per group. `width` in (0, 1].
Architecture narrowed(const Architecture& architecture, double width);

/// The widest narrowed network with at most `fraction` of the multiply-adds of `architecture`.
/// Throws std::invalid_argument where even one channel per layer takes more.
Architecture narrowed_to_macs(const Architecture& architecture, double fraction);

}  // namespace ticketbench
