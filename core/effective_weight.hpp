// Tensors that the forward pass uses in place of weights, as autograd sees them.
#pragma once

#include "core/mask.hpp"
#include "core/net.hpp"

namespace ticketbench {

/// The value of `hard` with the gradient of `soft`. Bengio, Leonard, Courville, arXiv:1308.3432,
/// section 4. Both have one shape; `hard` is finite.
torch::Tensor straight_through(const torch::Tensor& hard, const torch::Tensor& soft);

/// w * mask for prunable weights, all others as they are: pruned weights live on and get no
/// gradient. `mask` may change between forward passes and must outlive the function.
EffectiveWeight masked_weights(const MaskSet& mask);

/// w * mask for prunable weights with the gradient of w itself: pruned weights live on and learn
/// from what they would do if they were there. `mask` may change between forward passes and must
/// outlive the function.
EffectiveWeight straight_through_masked_weights(const MaskSet& mask);

/// Writes the parameters of a net as the forward pass sees them into it: what a method with latent
/// weights does before it records.
void write_effective_weights(Net& net, const EffectiveWeight& effective);

}  // namespace ticketbench
