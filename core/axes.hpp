// Axes: a list where a field takes one value stands for one document for each of its values.
#pragma once

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <vector>

namespace ticketbench {

/// One combination of the axes' values.
struct AxisChoice {
  nlohmann::json value;            ///< the document without axes
  std::vector<std::string> label;  ///< "density=0.05", for each axis
};

/// Every combination in `value`, the last key's axis the fastest. `is_list(path)` says which
/// fields, by their names joined with dots, take lists themselves: there only a list of lists is an
/// axis. Throws std::invalid_argument with the JSON pointer for an empty axis. `path` is that of
/// `value`.
std::vector<AxisChoice> axis_choices(const std::string& path, const nlohmann::json& value,
                                     const std::function<bool(const std::string&)>& is_list);

}  // namespace ticketbench
