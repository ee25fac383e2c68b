#include "reports/margin.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <stdexcept>

namespace ticketbench {
namespace {

using Scale = Margin::Scale;

// The first rule that fits; an empty dataset stands for any.
struct Rule {
  std::string_view metric;
  std::string_view dataset;
  double width;
  Scale scale;
  std::string_view reason;
};

constexpr std::string_view kAccuracy = "accuracy";
constexpr std::string_view kWide =
    "images are fewer in a class, or trainings longer and seldom repeated: about what two "
    "implementations of one recipe differ by";

constexpr std::array<Rule, 9> kRules = {{
    {kAccuracy, "cifar10", 0.3, Scale::points,
     "about two standard deviations over seeds of a small ResNet on CIFAR-10 (0.16)"},
    {kAccuracy, "cifar100", 0.3, Scale::points,
     "as on CIFAR-10, though seeds scatter more: more of them are needed"},
    {kAccuracy, "tiny_imagenet", 0.5, Scale::points, kWide},
    {kAccuracy, "imagenet", 0.5, Scale::points, kWide},
    {kAccuracy, "mnist", 0.2, Scale::points,
     "at 98 % of 10,000 images chance alone gives a count a standard deviation of 0.14"},
    {"sparsest_winning_density", "", 0.5, Scale::levels,
     "densities come in levels, each 0.8 of the one before: nearest to the same level"},
    {"flops", "", 0.02, Scale::relative, "counted, and printed to three digits"},
    {"param_count", "", 0.001, Scale::relative, "counted"},
    {"training_flops_ratio", "", 0.1, Scale::relative,
     "counted, where the papers multiply by densities and not by multiply-adds"},
}};

bool is_accuracy(std::string_view metric) {
  return metric == "test_accuracy" || metric == "val_accuracy" || metric == "transfer_accuracy" ||
         metric == "accuracy_change";
}

}  // namespace

double Margin::around(double value) const {
  return scale == Scale::relative ? width * std::abs(value) : width;
}

std::string Margin::words() const {
  switch (scale) {
    case Scale::relative:
      return fmt::format("±{:g} %", 100 * width);
    case Scale::levels:
      return fmt::format("±{:g} levels", width);
    case Scale::points:
      break;
  }
  return fmt::format("±{:g} points", width);
}

Margin declared_margin(std::string_view metric, std::string_view unit,
                       const std::optional<std::string>& dataset) {
  for (const Rule& rule : kRules) {
    const bool fits = rule.metric == (is_accuracy(metric) ? kAccuracy : metric);
    if (!fits || (!rule.dataset.empty() && rule.dataset != dataset)) {
      continue;
    }
    return {.width = rule.width,
            .scale = rule.scale,
            .better = rule.scale == Scale::relative      ? Better::neither
                      : unit == "percentage_points_lost" ? Better::lower
                                                         : Better::higher,
            .of = rule.metric,
            .reason = rule.reason};
  }
  if (is_accuracy(metric)) {
    return {.width = 0.5,
            .scale = Scale::points,
            .better = unit == "percentage_points_lost" ? Better::lower : Better::higher,
            .of = kAccuracy,
            .reason = kWide};
  }
  throw std::invalid_argument(fmt::format(
      "no margin is declared for the metric \"{}\" (reports/margin.cpp), so no verdict on it can "
      "be drawn",
      metric));
}

}  // namespace ticketbench
