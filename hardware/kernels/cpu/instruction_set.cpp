#include "hardware/kernels/cpu/instruction_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace ticketbench::kernels {

std::string_view name(InstructionSet set) {
  return enum_names(set)[static_cast<std::size_t>(set)];
}

std::span<const InstructionSet> instruction_sets() {
  static const std::vector<InstructionSet> sets = [] {
    std::vector<InstructionSet> found{InstructionSet::portable};
#if defined(__x86_64__)
    // The compiler's own check, which also asks whether the operating system saves the registers.
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (avx2) found.push_back(InstructionSet::avx2);
    if (avx2 && __builtin_cpu_supports("avx512f")) found.push_back(InstructionSet::avx512);
#endif
    return found;
  }();
  return sets;
}

void check(InstructionSet set) {
  const std::span<const InstructionSet> sets = instruction_sets();
  if (std::find(sets.begin(), sets.end(), set) != sets.end()) return;
  std::string found;
  for (const InstructionSet each : sets) found += fmt::format(" {}", name(each));
  throw std::invalid_argument(
      fmt::format("instruction set {}: not on this machine, which has{}", name(set), found));
}

}  // namespace ticketbench::kernels
