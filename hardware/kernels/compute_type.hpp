// What kernels multiply, where they can in several types.
#pragma once

#include <array>
#include <string_view>

namespace ticketbench::kernels {

/// Sums are in float32.
enum class ComputeType {
  fp32,
  tf32,  ///< float32 of which the GPU's tensor cores multiply nineteen bits
  bf16,  ///< activations and weights in sixteen bits, sums rounded to them when stored
};
constexpr auto enum_names(ComputeType) {
  return std::to_array<std::string_view>({"fp32", "tf32", "bf16"});
}

}  // namespace ticketbench::kernels
