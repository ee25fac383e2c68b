// A plan in the words of programs that distribute work. Sweeps are never scheduled by us.
#pragma once

#include "suites/plan.hpp"

#include <array>
#include <string>
#include <string_view>

namespace ticketbench {

enum class Scheduler {
  make,      ///< a makefile: a target for each run, behind that of its source
  parallel,  ///< GNU parallel: a line for each chain
  slurm,     ///< a job script: an array with a task for each chain
};
constexpr auto enum_names(Scheduler) {
  return std::to_array<std::string_view>({"make", "parallel", "slurm"});
}

/// Commands that carry the plan out, each naming its runs by hash. A chain (chains(plan)) is one
/// piece of work, for two processes can't train one source. TICKETBENCH_FLAGS, a variable of the
/// environment, goes to each of them. Throws std::invalid_argument for a plan without runs, and
/// where the suite or a value set in it is written in several lines.
std::string emit_plan(const Plan& plan, Scheduler scheduler);

}  // namespace ticketbench
