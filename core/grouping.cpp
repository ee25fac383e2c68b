#include "core/grouping.hpp"

#include <algorithm>
#include <map>
#include <metis.h>
#include <mutex>
#include <numeric>
#include <span>
#include <stdexcept>

namespace ticketbench {
namespace {

using torch::Tensor;

// METIS draws from one generator of the whole process.
std::mutex& metis_mutex() {
  static std::mutex mutex;
  return mutex;
}

std::vector<int64_t> to_vector(const Tensor& t) {
  const Tensor flat = t.to(torch::kInt64).contiguous();
  const int64_t* const data = flat.const_data_ptr<int64_t>();
  return {data, data + flat.numel()};
}

// Columns by descending count, equal ones ascending.
std::vector<int64_t> by_count(const std::vector<int64_t>& counts) {
  std::vector<int64_t> order(counts.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return counts[static_cast<size_t>(a)] > counts[static_cast<size_t>(b)];
  });
  return order;
}

// Rows by group, larger groups first, equal ones by number.
std::vector<std::vector<int64_t>> groups_of(const std::vector<int64_t>& group) {
  std::map<int64_t, std::vector<int64_t>> rows;
  for (size_t r = 0; r < group.size(); ++r) {
    if (group[r] >= 0) rows[group[r]].push_back(static_cast<int64_t>(r));
  }
  std::vector<std::vector<int64_t>> result;
  for (auto& [number, members] : rows) result.push_back(std::move(members));
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return result;
}

// The first width at which no row keeps two thirds of it or more beyond the block: for i = 1, 2,
// ... rows are walked through until one fails i > 1.5 * (what it keeps outside of the first i
// columns). As the walk ends at the first that fails, later rows haven't been counted down:
// about 1.5 times the fullest row. 0 where there is no such width.
int64_t released_width(const Tensor& rows, const std::vector<int64_t>& columns) {
  std::vector<int64_t> left = to_vector(rows.sum(1));
  const Tensor ordered = rows.index_select(1, torch::tensor(columns, torch::kInt64)).contiguous();
  const bool* const kept = ordered.const_data_ptr<bool>();
  const int64_t count = ordered.size(1);
  for (int64_t width = 1; width < count; ++width) {
    bool fits = true;
    for (size_t j = 0; fits && j < left.size(); ++j) {
      if (kept[static_cast<int64_t>(j) * count + width - 1]) --left[j];
      fits = static_cast<double>(width) > 1.5 * static_cast<double>(left[j]);
    }
    if (fits) return width;
  }
  return 0;
}

std::vector<DenseBlock> released_blocks(const Tensor& mask, const Grouping& rule, uint64_t seed) {
  std::vector<DenseBlock> blocks;
  for (const std::vector<int64_t>& rows : groups_of(group_rows(mask, rule.groups, seed))) {
    const auto size = static_cast<int64_t>(rows.size());
    if (size < rule.least_rows) continue;
    const Tensor part = mask.index_select(0, torch::tensor(rows, torch::kInt64));
    std::vector<int64_t> columns = by_count(to_vector(part.sum(0)));
    const int64_t width = released_width(part, columns);
    if (width == 0) continue;
    columns.resize(static_cast<size_t>(width));
    const auto whole = rows.begin() + size / rule.tile_rows * rule.tile_rows;
    if (whole != rows.begin()) blocks.push_back({{rows.begin(), whole}, columns});
    if (whole != rows.end()) blocks.push_back({{whole, rows.end()}, columns});
  }
  return blocks;
}

std::vector<DenseBlock> printed_blocks(const Tensor& mask, const Grouping& rule, uint64_t seed) {
  std::vector<DenseBlock> blocks;
  Tensor left = mask.clone();
  for (bool found = true; found; ++seed) {
    found = false;
    for (const std::vector<int64_t>& rows : groups_of(group_rows(left, rule.groups, seed))) {
      const auto size = static_cast<int64_t>(rows.size());
      if (size < rule.least_rows) continue;
      const Tensor places = torch::tensor(rows, torch::kInt64);
      const std::vector<int64_t> counts = to_vector(left.index_select(0, places).sum(0));
      std::vector<int64_t> columns = by_count(counts);
      const double least = std::max(1.0, rule.column_fraction * static_cast<double>(size));
      std::erase_if(columns, [&](int64_t c) {
        return static_cast<double>(counts[static_cast<size_t>(c)]) < least;
      });
      if (static_cast<int64_t>(columns.size()) < rule.least_columns) continue;
      found = true;
      left.index_put_({places.view({-1, 1}), torch::tensor(columns, torch::kInt64).view({1, -1})},
                      torch::zeros({}, torch::kBool));
      blocks.push_back({rows, std::move(columns)});
    }
  }
  return blocks;
}

}  // namespace

std::vector<int64_t> group_rows(const Tensor& mask, int64_t groups, uint64_t seed) {
  const Tensor used = mask.any(1).nonzero().flatten();
  const int64_t count = used.numel();
  if (count < groups) return {};
  const Tensor rows = mask.index_select(0, used).to(torch::kFloat32);
  const Tensor common = torch::matmul(rows, rows.t()).to(torch::kInt64).contiguous();
  const int64_t* const weight = common.const_data_ptr<int64_t>();
  std::vector<idx_t> begins{0};
  std::vector<idx_t> neighbours;
  std::vector<idx_t> weights;
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t j = 0; j < count; ++j) {
      if (i == j || weight[i * count + j] == 0) continue;
      neighbours.push_back(static_cast<idx_t>(j));
      weights.push_back(static_cast<idx_t>(weight[i * count + j]));
    }
    begins.push_back(static_cast<idx_t>(neighbours.size()));
  }
  auto vertices = static_cast<idx_t>(count);
  idx_t constraints = 1;
  auto parts = static_cast<idx_t>(groups);
  real_t balance = 1.03F;
  idx_t cut = 0;
  std::vector<idx_t> part(static_cast<size_t>(count), 0);
  std::array<idx_t, METIS_NOPTIONS> options{};
  METIS_SetDefaultOptions(options.data());
  options[METIS_OPTION_SEED] = static_cast<idx_t>(seed % 2'000'000'000);
  {
    const std::lock_guard lock(metis_mutex());
    const int code = METIS_PartGraphRecursive(
        &vertices, &constraints, begins.data(), neighbours.data(), nullptr, nullptr, weights.data(),
        &parts, nullptr, &balance, options.data(), &cut, part.data());
    if (code != METIS_OK) throw std::runtime_error("METIS could not part the rows");
  }
  std::vector<int64_t> result(static_cast<size_t>(mask.size(0)), -1);
  const std::vector<int64_t> places = to_vector(used);
  for (size_t i = 0; i < part.size(); ++i) result[static_cast<size_t>(places[i])] = part[i];
  return result;
}

std::vector<DenseBlock> dense_blocks(const Tensor& mask, const Grouping& rule, uint64_t seed) {
  const Tensor matrix = mask.flatten(1).to(torch::kCPU).contiguous();
  // METIS's groups are a row or two larger or smaller than the mean, which must not decide.
  if (matrix.any(1).sum().item<int64_t>() < rule.groups * rule.least_rows) return {};
  return rule.rule == BlockRule::released ? released_blocks(matrix, rule, seed)
                                          : printed_blocks(matrix, rule, seed);
}

Regrouped regrouped(const MaskSet& mask, const Grouping& rule, Rng rng) {
  Regrouped result{.mask = mask, .blocks = {}};
  for (const auto& [name, m] : mask) {
    const uint64_t seed = rng();  // one per layer, whether it is used or not
    if (m.dim() != 4) continue;
    const std::vector<DenseBlock> blocks = dense_blocks(m, rule, seed);
    if (blocks.empty()) continue;
    Tensor dense = torch::zeros({m.size(0), m.numel() / m.size(0)}, torch::kBool);
    std::vector<int64_t> rows;
    std::vector<int64_t> columns;
    std::vector<int64_t> sizes;
    for (const DenseBlock& block : blocks) {
      dense.index_put_({torch::tensor(block.rows, torch::kInt64).view({-1, 1}),
                        torch::tensor(block.columns, torch::kInt64).view({1, -1})},
                       torch::ones({}, torch::kBool));
      rows.insert(rows.end(), block.rows.begin(), block.rows.end());
      columns.insert(columns.end(), block.columns.begin(), block.columns.end());
      sizes.push_back(static_cast<int64_t>(block.rows.size()));
      sizes.push_back(static_cast<int64_t>(block.columns.size()));
    }
    result.mask[name] = dense.view(m.sizes()).to(m.device());
    const std::string prefix = "blocks/" + name + "/";
    result.blocks[prefix + "rows"] = torch::tensor(rows, torch::kInt64);
    result.blocks[prefix + "columns"] = torch::tensor(columns, torch::kInt64);
    result.blocks[prefix + "sizes"] = torch::tensor(sizes, torch::kInt64).view({-1, 2});
  }
  return result;
}

}  // namespace ticketbench
