#include "core/allocation.hpp"

#include "core/net.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <stdexcept>

namespace ticketbench {
namespace {

using Shapes = std::vector<std::vector<int64_t>>;

double size_of(const std::vector<int64_t>& shape) {
  return static_cast<double>(
      std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>()));
}

}  // namespace

std::vector<int64_t> round_to_budget(const std::vector<double>& wanted,
                                     const std::vector<int64_t>& capacities, int64_t budget) {
  std::vector<int64_t> counts(wanted.size());
  std::vector<size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), size_t{0});
  int64_t left = budget;
  for (size_t i = 0; i < wanted.size(); ++i) {
    counts[i] = std::min(static_cast<int64_t>(std::floor(wanted[i])), capacities[i]);
    left -= counts[i];
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return wanted[a] - std::floor(wanted[a]) > wanted[b] - std::floor(wanted[b]);
  });
  while (left != 0) {
    const int64_t before = left;
    for (const size_t i : order) {
      if (left > 0 && counts[i] < capacities[i]) {
        ++counts[i];
        --left;
      } else if (left < 0 && counts[i] > 0) {
        --counts[i];
        ++left;
      }
    }
    if (left == before) throw std::invalid_argument("the layers are smaller than the budget");
  }
  return counts;
}

std::vector<double> erk_densities(const Shapes& shapes, double density) {
  double total = 0;
  for (const auto& shape : shapes) total += size_of(shape);
  std::vector<double> densities(shapes.size(), 1);
  std::vector<bool> dense(shapes.size(), false);
  for (;;) {
    // epsilon solves sum over the sparse layers of epsilon * (sum of dimensions) = budget - what
    // dense layers take.
    double budget = density * total;
    double share = 0;
    for (size_t i = 0; i < shapes.size(); ++i) {
      if (dense[i]) {
        budget -= size_of(shapes[i]);
      } else {
        share +=
            static_cast<double>(std::accumulate(shapes[i].begin(), shapes[i].end(), int64_t{0}));
      }
    }
    if (share == 0) return densities;
    const double epsilon = budget / share;
    double largest = 0;
    for (size_t i = 0; i < shapes.size(); ++i) {
      if (dense[i]) continue;
      densities[i] =
          epsilon *
          static_cast<double>(std::accumulate(shapes[i].begin(), shapes[i].end(), int64_t{0})) /
          size_of(shapes[i]);
      largest = std::max(largest, densities[i]);
    }
    if (largest <= 1) return densities;
    // All layers with the largest ratio become dense at once, so that equal layers are treated
    // alike.
    for (size_t i = 0; i < shapes.size(); ++i) {
      if (!dense[i] && densities[i] == largest) {
        dense[i] = true;
        densities[i] = 1;
      }
    }
  }
}

std::vector<int64_t> allocate(Allocation allocation, const Shapes& shapes, double density) {
  if (!(density >= 0 && density <= 1)) throw std::invalid_argument("a density lies in [0, 1]");
  std::vector<double> wanted;
  std::vector<int64_t> sizes;
  double total = 0;
  const auto erk =
      allocation == Allocation::erk ? erk_densities(shapes, density) : std::vector<double>();
  for (size_t i = 0; i < shapes.size(); ++i) {
    wanted.push_back((erk.empty() ? density : erk[i]) * size_of(shapes[i]));
    sizes.push_back(static_cast<int64_t>(size_of(shapes[i])));
    total += size_of(shapes[i]);
  }
  return round_to_budget(wanted, sizes, std::llround(density * total));
}

LayerCounts allocate(Allocation allocation, const Net& net, double density) {
  Shapes shapes;
  for (const auto& [name, w] : prunable(net)) shapes.push_back(w.sizes().vec());
  const std::vector<int64_t> counts = allocate(allocation, shapes, density);
  LayerCounts result;
  for (size_t i = 0; i < counts.size(); ++i)
    result.emplace_back(net.prunable_names()[i], counts[i]);
  return result;
}

}  // namespace ticketbench
