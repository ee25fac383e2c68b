// Which vector instructions a kernel uses.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace ticketbench::kernels {

enum class InstructionSet {
  portable,  ///< what every CPU of the build's architecture has
  avx2,      ///< AVX2 and FMA
  avx512,    ///< AVX-512 F
};
constexpr auto enum_names(InstructionSet) {
  return std::to_array<std::string_view>({"portable", "avx2", "avx512"});
}
std::string_view name(InstructionSet set);

/// Those that this CPU and its operating system have, the best last; never empty. A set that this
/// program was built without isn't among them.
std::span<const InstructionSet> instruction_sets();

inline InstructionSet best_instruction_set() {
  return instruction_sets().back();
}

/// Throws std::invalid_argument where this machine doesn't have it.
void check(InstructionSet set);

}  // namespace ticketbench::kernels
