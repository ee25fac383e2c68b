// Batch norms taken into the convolutions before them, as inference engines do.
#pragma once

#include "core/architecture.hpp"
#include "core/named_tensors.hpp"

namespace ticketbench {

struct FoldedNet {
  Architecture architecture;  ///< without norms; each convolution that had one has a bias
  State state;                ///< weights and biases; without buffers
};

/// The network in evaluation mode, with every norm in its convolution: weights times
/// scale / sqrt(running variance + epsilon), and what is left of the norm as a bias. Its outputs
/// are the same up to rounding, and pruned weights stay exactly zero. Throws std::invalid_argument
/// where `state` isn't one of `architecture`.
FoldedNet folded(const Architecture& architecture, const State& state);

}  // namespace ticketbench
