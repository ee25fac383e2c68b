#include "reports/ranking.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace ticketbench {
namespace {

constexpr double kGroupWidth = 0.005;
constexpr double kGroupFraction = 0.1;

// Sorts from dense to sparse; then the number of the group of each row, from 1 on.
std::vector<int64_t> group(std::vector<Row*>& rows, Budget budget) {
  std::sort(rows.begin(), rows.end(), [&](const Row* a, const Row* b) {
    return std::tuple(-kept_fraction(*a, budget), std::tie(a->label)) <
           std::tuple(-kept_fraction(*b, budget), std::tie(b->label));
  });
  std::vector<int64_t> groups;
  double densest = 0;
  for (const Row* row : rows) {
    const double kept = kept_fraction(*row, budget);
    // Room for the rounding of a mean: 0.5 and 0.495 are within 0.005.
    const double reach = std::min(kGroupWidth, kGroupFraction * densest) + 1e-9;
    if (groups.empty()) {
      densest = kept;
      groups.push_back(1);
    } else if (densest - kept > reach) {
      densest = kept;
      groups.push_back(groups.back() + 1);
    } else {
      groups.push_back(groups.back());
    }
  }
  return groups;
}

bool better_by_more_than_chance(const Row& row, const Row& than) {
  return row.top1.mean - row.top1.t_half_width.value_or(0) >
         than.top1.mean + than.top1.t_half_width.value_or(0);
}

// Gives places to rows of one group.
void give_places(const std::vector<Row*>& rows) {
  for (Row* row : rows) {
    row->place = 1 + std::count_if(rows.begin(), rows.end(), [&](const Row* other) {
                   return row->settled()
                              ? other->settled() && better_by_more_than_chance(*other, *row)
                              : other->top1.mean > row->top1.mean;
                 });
  }
}

void mark_front(std::vector<Row>& rows, Budget budget, bool Row::*on_front) {
  std::vector<Row*> candidates;
  for (Row& row : rows) {
    row.*on_front = false;
    if (!row.superseded) {
      candidates.push_back(&row);
    }
  }
  const std::vector<int64_t> groups = group(candidates, budget);
  std::map<int64_t, double, std::greater<>> best;  // of each group, the sparsest first
  for (std::size_t i = 0; i < groups.size(); ++i) {
    double& most = best.emplace(groups[i], candidates[i]->top1.mean).first->second;
    most = std::max(most, candidates[i]->top1.mean);
  }
  double reached = -1;
  for (auto& [_, most] : best) {
    const bool improves = most > reached;
    reached = std::max(reached, most);
    most = improves ? most : 101;  // percent that no row has
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    candidates[i]->*on_front = candidates[i]->top1.mean == best[groups[i]];
  }
}

}  // namespace

double kept_fraction(const Row& row, Budget budget) {
  return budget == Budget::parameters ? row.density.mean
                                      : row.kept_macs.mean / static_cast<double>(row.dense_macs);
}

void rank(std::vector<Row>& rows, Budget budget) {
  std::vector<Row*> comparable;
  for (Row& row : rows) {
    row.group.reset();
    row.place.reset();
    if (!row.reference) {
      comparable.push_back(&row);
    }
  }
  const std::vector<int64_t> groups = group(comparable, budget);
  std::map<int64_t, std::vector<Row*>> ranked;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    comparable[i]->group = groups[i];
    if (!comparable[i]->superseded) {
      ranked[groups[i]].push_back(comparable[i]);
    }
  }
  for (const auto& [_, of_group] : ranked) give_places(of_group);
  std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    return std::tuple(a.group, a.superseded, -a.top1.mean, -kept_fraction(a, budget),
                      std::tie(a.label)) < std::tuple(b.group, b.superseded, -b.top1.mean,
                                                      -kept_fraction(b, budget), std::tie(b.label));
  });
}

void mark_fronts(std::vector<Row>& rows) {
  mark_front(rows, Budget::parameters, &Row::on_density_front);
  mark_front(rows, Budget::macs, &Row::on_macs_front);
}

bool contested(const std::vector<Row>& rows) {
  std::map<int64_t, int64_t> competing;
  return std::any_of(rows.begin(), rows.end(),
                     [&](const Row& row) { return row.place && ++competing[*row.group] > 1; });
}

}  // namespace ticketbench
