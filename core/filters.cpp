#include "core/filters.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ticketbench {
namespace {

using torch::Tensor;

Tensor whole_filters(const Tensor& kept, torch::IntArrayRef shape) {
  std::vector<int64_t> view(shape.size(), 1);
  view[0] = shape[0];
  return kept.view(view).expand(shape).clone();
}

}  // namespace

std::vector<FreeFilters> free_filters(const Architecture& a) {
  // The body units in order, each with whether a sum takes its output.
  struct Place {
    const ConvUnit* unit;
    bool feeds_sum;
  };
  std::vector<Place> places;
  const auto plain = [](const Block& block) { return block.shortcut == Shortcut::none; };
  bool sum_reads = false;  // what comes before the next block
  if (!a.stem.conv.name.empty()) places.push_back({&a.stem, false});
  for (const Stage& stage : a.stages) {
    for (const Block& block : stage.blocks) {
      sum_reads = !plain(block);
      if (sum_reads && !places.empty()) places.back().feeds_sum = true;
      for (const ConvUnit& unit : block.body)
        places.push_back({&unit, !plain(block) && &unit == &block.body.back()});
    }
  }
  std::vector<FreeFilters> free;
  for (size_t i = 0; i < places.size(); ++i) {
    const ConvUnit* const next = i + 1 < places.size() ? places[i + 1].unit : nullptr;
    const bool grouped =
        places[i].unit->conv.groups > 1 || (next != nullptr && next->conv.groups > 1);
    if (places[i].feeds_sum || grouped || (next == nullptr && a.classifier.empty())) continue;
    free.push_back({places[i].unit->conv.name + ".weight",
                    (next != nullptr ? next->conv.name : a.classifier.front().name) + ".weight"});
  }
  return free;
}

std::vector<std::string> prunable_filters(const Net& net) {
  std::vector<std::string> names;
  const auto& prunable = net.prunable_names();
  for (const FreeFilters& filters : free_filters(net.architecture())) {
    if (std::find(prunable.begin(), prunable.end(), filters.weight) != prunable.end())
      names.push_back(filters.weight);
  }
  return names;
}

std::map<std::string, std::string> norms_behind(const Architecture& architecture) {
  std::map<std::string, std::string> norms;
  for (const ConvUnit* unit : units(architecture)) {
    if (!unit->norm.empty()) norms[unit->conv.name + ".weight"] = unit->norm;
  }
  return norms;
}

ScoreMap filter_magnitude(const Net& net, const std::vector<std::string>& weights) {
  ScoreMap scores;
  for (const std::string& name : weights)
    scores[name] = net.parameters().at(name).detach().abs().flatten(1).sum(1);
  return scores;
}

ScoreMap norm_scale(const Net& net, const std::vector<std::string>& weights) {
  const auto norms = norms_behind(net.architecture());
  ScoreMap scores;
  for (const std::string& name : weights) {
    if (const auto norm = norms.find(name); norm != norms.end())
      scores[name] = net.parameters().at(norm->second + ".weight").detach().abs();
  }
  return scores;
}

void penalise_scales(const Net& net, double penalty) {
  for (const ConvUnit* unit : units(net.architecture())) {
    if (unit->norm.empty()) continue;
    const Tensor& scale = net.parameters().at(unit->norm + ".weight");
    scale.grad().add_(scale.detach().sign(), penalty);
  }
}

std::vector<std::string> convolutions_of(const MaskSet& mask) {
  std::vector<std::string> names;
  for (const auto& [name, m] : mask) {
    if (m.dim() == 4) names.push_back(name);
  }
  return names;
}

MaskSet keep_filters(const Net& net, const ScoreMap& scores, const LayerCounts& counts) {
  MaskSet mask = MaskSet::ones(net);
  for (const auto& [name, count] : counts) {
    const Tensor& score = scores.at(name);
    const Tensor kept = largest(score, torch::ones_like(score, torch::kBool), count);
    mask[name] = whole_filters(kept, mask.at(name).sizes());
  }
  return mask;
}

MaskSet keep_top_filters(const Net& net, const ScoreMap& scores, double fraction, Scope scope) {
  const auto share = [&](int64_t all) { return std::llround(fraction * static_cast<double>(all)); };
  LayerCounts counts;
  if (scope == Scope::per_layer) {
    for (const auto& [name, score] : scores)
      counts.emplace_back(name, std::max<int64_t>(1, share(score.numel())));
    return keep_filters(net, scores, counts);
  }
  // The best of every layer stands before all others.
  std::vector<Tensor> ranked;
  for (const auto& [name, score] : scores) {
    Tensor first = score.to(torch::kFloat64).clone();
    first[first.argmax()] = std::numeric_limits<double>::infinity();
    ranked.push_back(first);
  }
  const Tensor all = torch::cat(ranked);
  const int64_t budget = std::max<int64_t>(share(all.numel()), static_cast<int64_t>(ranked.size()));
  const Tensor kept = largest(all, torch::ones_like(all, torch::kBool), budget);
  int64_t begin = 0;
  for (const auto& [name, score] : scores) {
    counts.emplace_back(name, kept.slice(0, begin, begin + score.numel()).sum().item<int64_t>());
    begin += score.numel();
  }
  return keep_filters(net, scores, counts);
}

MaskSet refilled(const MaskSet& mask, const ScoreMap& scores, double fillback) {
  MaskSet result = mask;
  for (const auto& [name, score] : scores) {
    const Tensor& m = mask.at(name);
    const auto filters = static_cast<double>(m.size(0));
    const double share = m.sum().item<double>() * filters / static_cast<double>(m.numel());
    // Less than rounding could add to a whole number.
    const auto count = static_cast<int64_t>(std::ceil(share + (filters - share) * fillback - 1e-9));
    result[name] =
        whole_filters(largest(score, torch::ones_like(score, torch::kBool), count), m.sizes());
  }
  return result;
}

MaskSet without_dead_inputs(const Architecture& architecture, const MaskSet& mask) {
  MaskSet result = mask;
  for (const FreeFilters& filters : free_filters(architecture)) {
    if (!mask.contains(filters.weight) || !mask.contains(filters.reader)) continue;
    const Tensor& reads = mask.at(filters.reader);
    const Tensor kept = kept_filters(mask.at(filters.weight));
    // A linear layer reads several positions of each channel.
    const Tensor inputs = kept.repeat_interleave(reads.size(1) / kept.numel());
    std::vector<int64_t> view(static_cast<size_t>(reads.dim()), 1);
    view[1] = inputs.numel();
    result[filters.reader] = reads.logical_and(inputs.view(view));
  }
  return result;
}

Tensor kept_filters(const Tensor& mask) {
  return mask.flatten(1).any(1);
}

void close_norms(Net& net, const MaskSet& mask) {
  const torch::NoGradGuard no_grad;
  const EffectiveWeight closed = closed_norms(net.architecture(), mask);
  for (const auto& [name, w] : net.parameters()) Tensor(w).copy_(closed(name, w));
}

EffectiveWeight closed_norms(const Architecture& architecture, const MaskSet& mask) {
  std::map<std::string, std::string> weight_of;  // by a norm's parameter
  for (const auto& [weight, norm] : norms_behind(architecture)) {
    weight_of[norm + ".weight"] = weight;
    weight_of[norm + ".bias"] = weight;
  }
  return [weight_of, &mask](const std::string& name, const Tensor& w) {
    const auto it = weight_of.find(name);
    if (it == weight_of.end() || !mask.contains(it->second)) return w;
    return w * kept_filters(mask.at(it->second));
  };
}

}  // namespace ticketbench
