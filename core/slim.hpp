// Removing pruned filters for good: a smaller network that computes the same.
#pragma once

#include "core/architecture.hpp"
#include "core/mask.hpp"

namespace ticketbench {

struct SlimNet {
  Architecture architecture;
  State state;  ///< of the smaller network
};

/// The network without the free filters (filters.hpp) of which `mask` keeps nothing, and without
/// the inputs that come from them. Its outputs equal those of the masked network where the norms
/// behind those filters are closed. A layer keeps at least one filter. What grouped convolutions
/// give or take stays whole. Throws std::invalid_argument where `state` isn't one of
/// `architecture`.
SlimNet slimmed(const Architecture& architecture, const MaskSet& mask, const State& state);

}  // namespace ticketbench
