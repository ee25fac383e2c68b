// Scores that rank weights; larger = keep.
#pragma once

#include "core/named_tensors.hpp"
#include "core/net.hpp"
#include "core/streams.hpp"

namespace ticketbench {

/// |w|.
ScoreMap magnitude(const Net& net);

/// Independent uniform numbers, one per weight.
ScoreMap random_scores(const Net& net, Rng rng);

/// `values` with each moved to a random place inside its own tensor.
torch::Tensor shuffled(const torch::Tensor& values, Rng& rng);

}  // namespace ticketbench
