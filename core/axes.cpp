#include "core/axes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace ticketbench {

using nlohmann::json;

std::vector<AxisChoice> axis_choices(const std::string& path, const json& value,
                                     const std::function<bool(const std::string&)>& is_list) {
  if (value.is_object()) {
    std::vector<AxisChoice> result{{json::object(), {}}};
    for (const auto& [key, inner] : value.items()) {
      std::vector<AxisChoice> next;
      const auto options = axis_choices(path.empty() ? key : path + "." + key, inner, is_list);
      for (const AxisChoice& before : result) {
        for (const AxisChoice& option : options) {
          AxisChoice both = before;
          both.value[key] = option.value;
          both.label.insert(both.label.end(), option.label.begin(), option.label.end());
          next.push_back(std::move(both));
        }
      }
      result = std::move(next);
    }
    return result;
  }
  const bool axis = value.is_array() && (!is_list(path) || (!value.empty() && value[0].is_array()));
  if (!axis) return {{value, {}}};
  if (value.empty()) {
    std::string pointer = "/" + path;
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    throw std::invalid_argument(pointer + ": [] found, a value or a list of values expected");
  }
  std::vector<AxisChoice> result;
  for (const json& option : value) {
    const std::string text = option.is_string() ? option.get<std::string>() : option.dump();
    result.push_back({option, {fmt::format("{}={}", path, text)}});
  }
  return result;
}

}  // namespace ticketbench
