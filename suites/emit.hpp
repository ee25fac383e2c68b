// A plan in the words of programs that distribute work. Sweeps are never scheduled by us.
#pragma once

#include "suites/plan.hpp"

#include <array>
#include <string>
#include <string_view>

namespace ticketbench {

/// What is told to each of them is a chain (chains(plan)): alone, a source would not know which of
/// its tickets others start from, and two processes can't train one source.
enum class Scheduler {
  make,      ///< a makefile with a target for each chain
  parallel,  ///< lines for GNU parallel
  slurm,     ///< a job script: an array of tasks
};
constexpr auto enum_names(Scheduler) {
  return std::to_array<std::string_view>({"make", "parallel", "slurm"});
}

/// Commands that carry the plan out, each naming its runs by hash. `options` go to each of them,
/// and what TICKETBENCH_FLAGS holds, a variable of the environment. Throws std::invalid_argument
/// for a plan without runs, and where one of its options goes over several lines.
std::string emit_plan(const Plan& plan, Scheduler scheduler, const std::string& options);

}  // namespace ticketbench
