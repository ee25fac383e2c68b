#include "core/depth.hpp"

#include "core/score.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace ticketbench {
namespace {

using torch::Tensor;

// How often each block stands in the target: once, and the replicated ones more often.
std::vector<int64_t> copies_of(int64_t source, int64_t target, const DepthRule& rule) {
  const int64_t first = rule.first - 1;
  const int64_t distinct = rule.distinct == 0 ? source - first : rule.distinct;
  if (source == 0) {
    throw std::invalid_argument(
        "a stage of the source has only the block that changes its width: none to replicate");
  }
  if (distinct < 1 || first + distinct > source) {
    throw std::invalid_argument(
        fmt::format("blocks {} to {} of a stage are to be replicated, it has {}", rule.first,
                    first + distinct, source));
  }
  const int64_t more = target - source;
  std::vector<int64_t> copies(static_cast<size_t>(source), 1);
  for (int64_t i = 0; i < distinct; ++i)
    copies[static_cast<size_t>(first + i)] += more / distinct + (i < more % distinct ? 1 : 0);
  return copies;
}

// Layers of both networks that belong together: names of their weights, and how many copies of the
// source's came before.
struct Pair {
  std::string source;
  std::string target;
  std::string source_norm;
  std::string target_norm;
  int64_t copy = 0;
};

class Matcher {
 public:
  Matcher(const Architecture& source, const Architecture& target, const DepthRule& rule)
      : rule_(rule) {
    if (source.stages.size() != target.stages.size() ||
        source.stem.conv.name.empty() != target.stem.conv.name.empty())
      refuse(source, target);
    if (!source.stem.conv.name.empty()) add(source.stem, target.stem, 0);
    for (size_t s = 0; s < source.stages.size(); ++s) {
      const auto& from = source.stages[s].blocks;
      const auto& to = target.stages[s].blocks;
      // In a plain network's first stage the stem is what changes the width.
      const bool plain = !from.empty() && from.front().shortcut == Shortcut::none && s == 0;
      const int64_t fixed = plain ? 0 : 1;
      if (static_cast<int64_t>(std::min(from.size(), to.size())) < fixed) refuse(source, target);
      if (fixed == 1) add(from.front(), to.front(), 0);
      const std::vector<int64_t> sources = sources_of(static_cast<int64_t>(from.size()) - fixed,
                                                      static_cast<int64_t>(to.size()) - fixed);
      std::vector<int64_t> seen(from.size(), 0);
      for (size_t t = 0; t < sources.size(); ++t) {
        const auto f = static_cast<size_t>(sources[t] + fixed);
        add(from[f], to[t + static_cast<size_t>(fixed)], seen[f]++);
      }
    }
    add_linear(source, target);
  }

  [[nodiscard]] const std::vector<Pair>& pairs() const { return pairs_; }

 private:
  [[noreturn]] static void refuse(const Architecture& source, const Architecture& target) {
    throw std::invalid_argument(
        fmt::format("{} and {} differ in more than depth", source.model, target.model));
  }

  std::vector<int64_t> sources_of(int64_t source, int64_t target) const {
    return target == 0 ? std::vector<int64_t>() : block_sources(source, target, rule_);
  }

  void add(const ConvUnit& from, const ConvUnit& to, int64_t copy) {
    pairs_.push_back({from.conv.name, to.conv.name, from.norm, to.norm, copy});
  }

  void add(const Block& from, const Block& to, int64_t copy) {
    if (from.body.size() != to.body.size() || from.shortcut != to.shortcut) {
      throw std::invalid_argument(
          fmt::format("blocks {} and {} are of different kinds", from.name, to.name));
    }
    for (size_t i = 0; i < from.body.size(); ++i) add(from.body[i], to.body[i], copy);
    if (from.projection) add(*from.projection, *to.projection, copy);
  }

  // Hidden layers as wide as they are long are a network's normal ones.
  void add_linear(const Architecture& source, const Architecture& target) {
    const auto is_normal = [](const Linear& l) { return l.in == l.out && l.relu; };
    const auto of = [&](const Architecture& a, bool normal) {
      std::vector<const Linear*> result;
      for (const Linear& l : a.classifier) {
        if (is_normal(l) == normal) result.push_back(&l);
      }
      return result;
    };
    const auto others = of(source, false);
    const auto target_others = of(target, false);
    if (others.size() != target_others.size()) refuse(source, target);
    for (size_t i = 0; i < others.size(); ++i)
      pairs_.push_back({others[i]->name, target_others[i]->name, "", "", 0});
    const auto normal = of(source, true);
    const auto target_normal = of(target, true);
    const std::vector<int64_t> sources =
        sources_of(static_cast<int64_t>(normal.size()), static_cast<int64_t>(target_normal.size()));
    std::vector<int64_t> seen(normal.size(), 0);
    for (size_t t = 0; t < sources.size(); ++t) {
      const auto f = static_cast<size_t>(sources[t]);
      pairs_.push_back({normal[f]->name, target_normal[t]->name, "", "", seen[f]++});
    }
  }

  const DepthRule& rule_;
  std::vector<Pair> pairs_;
};

}  // namespace

std::vector<int64_t> block_sources(int64_t source, int64_t target, const DepthRule& rule) {
  std::vector<int64_t> result;
  if (target <= source) {
    for (int64_t t = 0; t < target; ++t)
      result.push_back(rule.placement == Placement::append ? t : t * source / target);
    return result;
  }
  const std::vector<int64_t> copies = copies_of(source, target, rule);
  if (rule.placement == Placement::interpolate) {
    for (int64_t b = 0; b < source; ++b)
      result.insert(result.end(), static_cast<size_t>(copies[static_cast<size_t>(b)]), b);
    return result;
  }
  int64_t last = 0;  // that is replicated
  for (int64_t b = 0; b < source; ++b) {
    if (copies[static_cast<size_t>(b)] > 1) last = b;
  }
  const int64_t most = *std::max_element(copies.begin(), copies.end());
  for (int64_t b = 0; b <= last; ++b) result.push_back(b);
  for (int64_t group = 1; group < most; ++group) {
    for (int64_t b = 0; b < source; ++b) {
      if (copies[static_cast<size_t>(b)] > group) result.push_back(b);
    }
  }
  for (int64_t b = last + 1; b < source; ++b) result.push_back(b);
  return result;
}

Ticket with_depth_of(const Ticket& ticket, const Architecture& target,
                     const std::vector<std::string>& target_prunable, const State& fresh,
                     const DepthRule& rule, Rng rng) {
  const Matcher matcher(ticket.architecture, target, rule);
  Ticket made{.architecture = target,
              .prunable = target_prunable,
              .rewind_to = fresh.clone(),
              .rewind_iteration = ticket.rewind_iteration,
              .level = ticket.level};
  const auto copy = [&](const std::string& from, const std::string& to) {
    if (!ticket.rewind_to.contains(from)) return;
    Tensor place = made.rewind_to.at(to);
    const Tensor& value = ticket.rewind_to.at(from);
    if (place.sizes() == value.sizes()) {
      place.copy_(value);
    } else if (from.substr(0, from.rfind('.')) != ticket.architecture.classifier.back().name) {
      throw std::invalid_argument(
          fmt::format("{} and {} differ in more than depth: {} and {} have other shapes",
                      ticket.architecture.model, target.model, from, to));
    }
  };
  MaskSet masks;
  for (const Pair& pair : matcher.pairs()) {
    for (const char* part : {".weight", ".bias"}) copy(pair.source + part, pair.target + part);
    if (!pair.source_norm.empty() && rule.norms == CopiedNorms::copy) {
      for (const char* part :
           {".weight", ".bias", ".running_mean", ".running_var", ".num_batches_tracked"})
        copy(pair.source_norm + part, pair.target_norm + part);
    }
    if (!ticket.mask.contains(pair.source + ".weight")) continue;
    Tensor mask = ticket.mask.at(pair.source + ".weight");
    if (pair.copy > 0 && rule.masks == CopiedMasks::shuffle) mask = shuffled(mask, rng);
    masks[pair.target + ".weight"] = mask;
  }
  for (const std::string& name : target_prunable) {
    const Tensor& w = made.rewind_to.at(name);
    const bool known = masks.contains(name) && masks.at(name).sizes() == w.sizes();
    made.mask[name] = known ? masks.at(name).clone() : torch::ones(w.sizes(), torch::kBool);
  }
  return made;
}

}  // namespace ticketbench
