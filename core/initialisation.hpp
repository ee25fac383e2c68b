// How weights are drawn.
#pragma once

#include <array>
#include <string_view>

namespace ticketbench {

/// Convolutions: normal with variance 2 / fan. He et al., arXiv:1502.01852, section 2.2.
enum class Initialisation { kaiming_fan_in, kaiming_fan_out };
constexpr auto enum_names(Initialisation) {
  return std::to_array<std::string_view>({"kaiming_fan_in", "kaiming_fan_out"});
}

/// Scales of norms: one, or uniform in [0, 1).
enum class NormScale { one, uniform };
constexpr auto enum_names(NormScale) {
  return std::to_array<std::string_view>({"one", "uniform"});
}

}  // namespace ticketbench
