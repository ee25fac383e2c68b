#include "reports/performance_profile.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace ticketbench {
namespace {

struct Answer {
  const Row* row = nullptr;
  double error = 0;  // percent
};

Answer answer_of(const Row& row) {
  const double one_image = 100 / static_cast<double>(row.results.front().examples);
  return {&row, std::max(100 - row.top1.mean, one_image)};
}

// By board and group: the best answer of each method.
using Problems = std::map<std::pair<std::size_t, int64_t>, std::map<std::string, Answer>>;

Problems problems_of(const std::vector<Board>& boards, Budget budget) {
  Problems problems;
  for (std::size_t i = 0; i < boards.size(); ++i) {
    if (boards[i].budget != budget) {
      continue;
    }
    for (const Row& row : boards[i].rows) {
      if (!row.place) {
        continue;
      }
      const Answer answer = answer_of(row);
      Answer& best = problems[{i, *row.group}].emplace(row.method, answer).first->second;
      best = answer.error < best.error ? answer : best;
    }
  }
  std::erase_if(problems, [](const auto& problem) { return problem.second.size() < 2; });
  return problems;
}

PerformanceProfile profile_of(const Problems& problems, Budget budget) {
  PerformanceProfile profile{.budget = budget,
                             .problems = static_cast<int64_t>(problems.size()),
                             .provisional = false,
                             .curves = {}};
  std::map<std::string, ProfileCurve> curves;
  for (const auto& [_, answers] : problems) {
    const double least = std::min_element(answers.begin(), answers.end(), [](auto& a, auto& b) {
                           return a.second.error < b.second.error;
                         })->second.error;
    for (const auto& [method, answer] : answers) {
      ProfileCurve& curve = curves[method];
      curve.method = method;
      curve.title = answer.row->title;
      curve.ratios.push_back(answer.error / least);
      profile.provisional = profile.provisional || !answer.row->settled();
    }
  }
  for (auto& [_, curve] : curves) {
    std::sort(curve.ratios.begin(), curve.ratios.end());
    for (const double ratio : curve.ratios) curve.area += std::max(kProfileEnd - ratio, 0.0);
    curve.area /= (kProfileEnd - 1) * static_cast<double>(problems.size());
    profile.curves.push_back(std::move(curve));
  }
  std::sort(profile.curves.begin(), profile.curves.end(), [](const auto& a, const auto& b) {
    return std::tuple(-a.area, std::tie(a.method)) < std::tuple(-b.area, std::tie(b.method));
  });
  return profile;
}

}  // namespace

double PerformanceProfile::share(const ProfileCurve& curve, double ratio) const {
  const auto solved = std::upper_bound(curve.ratios.begin(), curve.ratios.end(), ratio);
  return static_cast<double>(solved - curve.ratios.begin()) / static_cast<double>(problems);
}

std::vector<PerformanceProfile> performance_profiles(const std::vector<Board>& boards) {
  std::vector<PerformanceProfile> profiles;
  for (const Budget budget : {Budget::parameters, Budget::macs}) {
    const Problems problems = problems_of(boards, budget);
    if (problems.size() >= 2) {
      profiles.push_back(profile_of(problems, budget));
    }
  }
  return profiles;
}

}  // namespace ticketbench
