// Scores that rank weights; larger = keep.
#pragma once

#include "core/named_tensors.hpp"
#include "core/net.hpp"
#include "core/streams.hpp"

namespace ticketbench {

/// |w|.
ScoreMap magnitude(const Net& net);

/// |dL/dw| as it stands in the net. Throws std::logic_error where nothing was propagated back.
ScoreMap gradient_magnitude(const Net& net);

/// |w * dL/dw|: the sensitivity of the loss to a weight's presence. Lee et al., arXiv:1810.02340,
/// section 4.1. Throws as gradient_magnitude.
ScoreMap sensitivity(const Net& net);

/// w^2 over the sum of the squares of its layer's weights that aren't smaller. Lee et al.,
/// arXiv:2010.07611, section 3.1. Equal magnitudes: the smaller flat index counts as larger.
ScoreMap lamp(const Net& net);

/// Independent uniform numbers, one per weight.
ScoreMap random_scores(const Net& net, Rng rng);

/// `values` with each moved to a random place inside its own tensor.
torch::Tensor shuffled(const torch::Tensor& values, Rng& rng);

}  // namespace ticketbench
