// How far from a published value still counts as reproducing it. Declared beforehand, by metric and
// dataset.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ticketbench {

// Which side of the published value would be better news.
enum class Better { higher, lower, neither };

struct Margin {
  enum class Scale { points, relative, levels };
  double width = 0;                // > 0, in the scale's unit
  Scale scale = Scale::points;     // points: the cell's own unit; levels: rounds that prune 20 %
  Better better = Better::higher;  // neither: a count, of which less is no better result
  std::string_view of;             // what of: "accuracy" for each metric that is one
  std::string_view reason;         // why this wide, a sentence's end

  // In the unit of `value`, which is ignored but for a relative margin.
  [[nodiscard]] double around(double value) const;
  // Counted rather than measured: one run is enough.
  [[nodiscard]] bool counted() const { return better == Better::neither; }
  // "±0.3 points", "±2 %", "±1 level".
  [[nodiscard]] std::string words() const;
};

// Throws std::invalid_argument for a metric without a rule.
Margin declared_margin(std::string_view metric, std::string_view unit,
                       const std::optional<std::string>& dataset);

}  // namespace ticketbench
