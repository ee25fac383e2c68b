// Whole filters (output channels of a convolution): their scores, their masks, and the norms behind
// them.
#pragma once

#include "core/mask.hpp"
#include "core/net.hpp"
#include "core/select.hpp"

#include <map>
#include <string>
#include <vector>

namespace ticketbench {

/// A convolution whose filters can go without another layer losing a term of a sum, and the one
/// layer that reads what they give.
struct FreeFilters {
  std::string weight;
  std::string reader;  ///< weight of the next convolution or linear layer
};
/// In a residual block all but the last convolution of its body, in a plain chain all; the stem
/// only where no shortcut takes its output. Grouped convolutions, and what they read, are left out:
/// their filters go in pairs. In order of the forward pass.
std::vector<FreeFilters> free_filters(const Architecture& architecture);

/// The norm behind each convolution that has one: "layer1.0.conv1.weight" to "layer1.0.bn1".
std::map<std::string, std::string> norms_behind(const Architecture& architecture);

/// Scores of filters are one number each: [out], by the name of the weight.
/// Sums of |w| over each filter of `weights`.
ScoreMap filter_magnitude(const Net& net, const std::vector<std::string>& weights);
/// |scale| of the norm behind each filter of `weights`; convolutions without a norm are left out.
ScoreMap norm_scale(const Net& net, const std::vector<std::string>& weights);
/// Adds the gradient of `penalty` times the L1 norm of all norms' scales, after a backward pass.
void penalise_scales(const Net& net, double penalty);
/// The convolutions that a mask covers.
std::vector<std::string> convolutions_of(const MaskSet& mask);
/// Weights of free filters that may be pruned.
std::vector<std::string> prunable_filters(const Net& net);

/// Keeps the given number of filters of each scored layer, whole, and all other layers.
MaskSet keep_filters(const Net& net, const ScoreMap& scores, const LayerCounts& counts);
/// Keeps llround(fraction * filters) of the scored filters, ranked over all layers or in each, and
/// the best one of every layer in any case.
MaskSet keep_top_filters(const Net& net, const ScoreMap& scores, double fraction, Scope scope);

/// Whole filters in the place of single weights (Refill; Chen et al., arXiv:2202.04736, section
/// 3.2): of the C filters of a scored layer with density d those with the largest scores, as many
/// as d C and `fillback` of the others come to, rounded up. Layers without scores keep their mask.
MaskSet refilled(const MaskSet& mask, const ScoreMap& scores, double fillback);

/// And without the weights that read what removed free filters gave: they can go with them.
MaskSet without_dead_inputs(const Architecture& architecture, const MaskSet& mask);

/// True for filters of which anything is kept: [out] of a mask [out, ...].
torch::Tensor kept_filters(const torch::Tensor& mask);

/// Without its norm's scale and shift a pruned filter gives zero and could be removed. Sets them to
/// zero behind filters of which `mask` keeps nothing.
void close_norms(Net& net, const MaskSet& mask);
/// Keeps them there while the net is trained. `mask` must outlive the function.
EffectiveWeight closed_norms(const Architecture& architecture, const MaskSet& mask);

}  // namespace ticketbench
