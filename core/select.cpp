#include "core/select.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace ticketbench {
namespace {

using torch::Tensor;

// The k-th largest element (k >= 1) of a flat tensor. LibTorch's kthvalue carries an index along
// and runs on one slice; on the CPU the standard library's selection is several times as fast.
Tensor kth_largest(const Tensor& flat, int64_t k) {
  if (!flat.is_cpu()) return std::get<0>(flat.topk(k, 0, true, /*sorted=*/false)).min();
  Tensor copy = flat.clone();
  return AT_DISPATCH_FLOATING_TYPES(copy.scalar_type(), "kth_largest", [&] {
    scalar_t* const first = copy.mutable_data_ptr<scalar_t>();
    std::nth_element(first, first + (k - 1), first + copy.numel(), std::greater<>());
    return torch::scalar_tensor(first[k - 1], flat.options());
  });
}

// Bool over a flat tensor of candidates only.
Tensor largest_flat(const Tensor& flat, int64_t count) {
  if (count == 0) return torch::zeros(flat.sizes(), flat.options().dtype(torch::kBool));
  if (count == flat.numel()) return torch::ones(flat.sizes(), flat.options().dtype(torch::kBool));
  const Tensor threshold = kth_largest(flat, count);
  Tensor keep = flat > threshold;
  const Tensor tied = flat == threshold;
  const int64_t wanted = count - keep.sum().item<int64_t>();
  const Tensor places = tied.nonzero().flatten().slice(0, 0, wanted);
  return keep.index_fill_(0, places, true);
}

Tensor select(const Tensor& values, const Tensor& candidates, int64_t count) {
  const torch::NoGradGuard no_grad;
  const Tensor flat = values.detach().flatten();
  const Tensor allowed = candidates.flatten();
  const int64_t available = allowed.sum().item<int64_t>();
  if (count < 0 || count > available) {
    throw std::invalid_argument(
        fmt::format("{} weights are to be selected among {}", count, available));
  }
  const bool all = available == flat.numel();
  const Tensor chosen_from = all ? flat : flat.masked_select(allowed);
  if (chosen_from.isnan().any().item<bool>()) throw std::invalid_argument("a score is NaN");
  const Tensor keep = largest_flat(chosen_from, count);
  if (all) return keep.view(values.sizes());
  return torch::zeros_like(allowed).masked_scatter_(allowed, keep).view(values.sizes());
}

void check_density(double density) {
  if (!(density >= 0 && density <= 1))
    throw std::invalid_argument(fmt::format("density {} lies outside [0, 1]", density));
}

struct Unit {
  double score;
  int64_t size;
  size_t layer;
  int64_t index;
};

// Mean score and size of each unit of one layer.
std::vector<Unit> units_of(const Tensor& score, const Tensor& index, size_t layer) {
  const int64_t count = index.max().item<int64_t>() + 1;
  const Tensor flat = index.flatten().to(torch::kCPU);
  const Tensor sizes = torch::bincount(flat, {}, count);
  const Tensor sums =
      torch::zeros({count}, torch::kFloat64)
          .index_add_(0, flat, score.detach().flatten().to(torch::kCPU, torch::kFloat64));
  std::vector<Unit> units;
  for (int64_t i = 0; i < count; ++i) {
    const auto size = sizes[i].item<int64_t>();
    units.push_back({sums[i].item<double>() / static_cast<double>(size), size, layer, i});
  }
  return units;
}

Tensor keep_n_of_m(const Tensor& score, const Tensor& index, int64_t n) {
  const Tensor flat = score.detach().flatten().to(torch::kCPU, torch::kFloat64);
  const Tensor unit = index.flatten();
  std::vector<std::vector<int64_t>> members(static_cast<size_t>(unit.max().item<int64_t>()) + 1);
  const int64_t* const units = unit.const_data_ptr<int64_t>();
  const double* const values = flat.const_data_ptr<double>();
  for (int64_t i = 0; i < unit.numel(); ++i) members[static_cast<size_t>(units[i])].push_back(i);
  Tensor keep = torch::zeros(flat.sizes(), torch::kBool);
  for (std::vector<int64_t>& set : members) {
    std::stable_sort(set.begin(), set.end(),
                     [&](int64_t a, int64_t b) { return values[a] > values[b]; });
    for (size_t i = 0; i < std::min(set.size(), static_cast<size_t>(n)); ++i)
      keep.mutable_data_ptr<bool>()[set[i]] = true;
  }
  return keep.view(score.sizes()).to(score.device());
}

}  // namespace

Tensor largest(const Tensor& values, const Tensor& candidates, int64_t count) {
  return select(values, candidates, count);
}

Tensor smallest(const Tensor& values, const Tensor& candidates, int64_t count) {
  return select(values.neg(), candidates, count);
}

MaskSet keep_top(const ScoreMap& scores, const LayerCounts& counts, const MaskSet& within) {
  MaskSet mask;
  for (const auto& [name, count] : counts)
    mask[name] = largest(scores.at(name), within.at(name), count);
  return mask;
}

MaskSet keep_top(const ScoreMap& scores, double density, Scope scope, const MaskSet& within) {
  check_density(density);
  const auto budget = [&](int64_t total, int64_t available) {
    return std::min<int64_t>(std::llround(density * static_cast<double>(total)), available);
  };
  if (scope == Scope::per_layer) {
    std::vector<double> wanted;
    std::vector<int64_t> available;
    for (const auto& [name, m] : within) {
      wanted.push_back(density * static_cast<double>(m.numel()));
      available.push_back(m.sum().item<int64_t>());
    }
    const std::vector<int64_t> kept =
        round_to_budget(wanted, available, budget(within.total(), within.kept()));
    LayerCounts counts;
    for (const std::string& name : within.names()) counts.emplace_back(name, kept[counts.size()]);
    return keep_top(scores, counts, within);
  }
  std::vector<Tensor> values;
  std::vector<Tensor> candidates;
  for (const auto& [name, m] : within) {
    values.push_back(scores.at(name).detach().flatten());
    candidates.push_back(m.flatten());
  }
  const Tensor kept =
      largest(torch::cat(values), torch::cat(candidates), budget(within.total(), within.kept()));
  MaskSet mask;
  int64_t begin = 0;
  for (const auto& [name, m] : within) {
    mask[name] = kept.slice(0, begin, begin + m.numel()).view(m.sizes()).clone();
    begin += m.numel();
  }
  return mask;
}

MaskSet keep_top_units(const ScoreMap& scores, double density, Scope scope,
                       const Structure& structure) {
  check_density(density);
  MaskSet mask;
  std::vector<std::string> names;
  std::vector<Tensor> indices;
  std::vector<Unit> units;
  int64_t total = 0;
  for (const auto& [name, score] : scores) {
    if (score.isnan().any().item<bool>()) throw std::invalid_argument("a score is NaN");
    const Tensor index = unit_index(score.sizes(), structure);
    if (structure.kind == StructureKind::n_m) {
      mask[name] = keep_n_of_m(score, index, structure.n);
      continue;
    }
    std::vector<Unit> own = units_of(score, index, names.size());
    if (scope == Scope::per_layer) {
      std::stable_sort(own.begin(), own.end(),
                       [](const Unit& a, const Unit& b) { return a.score > b.score; });
      own.resize(static_cast<size_t>(std::llround(density * static_cast<double>(own.size()))));
    }
    units.insert(units.end(), own.begin(), own.end());
    names.push_back(name);
    indices.push_back(index);
    total += score.numel();
  }
  if (scope == Scope::global) {
    std::stable_sort(units.begin(), units.end(),
                     [](const Unit& a, const Unit& b) { return a.score > b.score; });
    const int64_t budget = std::llround(density * static_cast<double>(total));
    int64_t kept = 0;
    size_t count = 0;
    while (count < units.size() &&
           std::abs(kept + units[count].size - budget) <= std::abs(kept - budget)) {
      kept += units[count++].size;
    }
    units.resize(count);
  }
  for (size_t layer = 0; layer < names.size(); ++layer) {
    std::vector<int64_t> chosen;
    for (const Unit& unit : units) {
      if (unit.layer == layer) chosen.push_back(unit.index);
    }
    mask[names[layer]] = torch::isin(indices[layer], torch::tensor(chosen, torch::kInt64))
                             .to(scores.at(names[layer]).device());
  }
  return mask;
}

MaskSet keep_top_of(const Structure& structure, const ScoreMap& magnitudes, double density,
                    Scope scope, const MaskSet& within) {
  if (structure.kind == StructureKind::unstructured)
    return keep_top(magnitudes, density, scope, within);
  ScoreMap squares;  // their mean ranks units as the norm does
  for (const auto& [name, m] : magnitudes) {
    if (m.dim() == 4) squares[name] = m.square();
  }
  MaskSet mask = within;
  for (const auto& [name, m] : keep_top_units(squares, density, Scope::per_layer, structure))
    mask[name] = m;
  return mask;
}

}  // namespace ticketbench
