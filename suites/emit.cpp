#include "suites/emit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace ticketbench {
namespace {

// What is run for each chain, in the plan's order.
std::vector<std::string> commands(const Plan& plan, const std::string& options) {
  std::vector<std::string> found;
  for (const std::vector<size_t>& chain : chains(plan)) {
    std::set<uint64_t> seeds;
    std::vector<std::string> hashes;
    for (const size_t i : chain) {
      seeds.insert(plan.runs[i].spec.seed);
      hashes.push_back(plan.runs[i].hash.substr(0, 12));
    }
    found.push_back(fmt::format("ticketbench run {}{}{} --seeds {} --only {}", plan.options,
                                options.empty() ? "" : " ", options, fmt::join(seeds, ","),
                                fmt::join(hashes, " --only ")));
  }
  return found;
}

// What all of them say first, behind '#'.
std::string head(const Plan& plan, const std::string& usage) {
  std::string text = fmt::format(
      "# {} runs in {} chains. In the folder where 'ticketbench plan' printed this:\n#   {}\n",
      plan.runs.size(), chains(plan).size(), usage);
  for (const char* device : {"cuda", "cpu"}) {
    const auto bound = std::count_if(plan.runs.begin(), plan.runs.end(),
                                     [&](const PlannedRun& run) { return run.device == device; });
    if (bound > 0) {
      text +=
          fmt::format("# Runs that are skipped unless TICKETBENCH_FLAGS has '--device {}': {}.\n",
                      device, bound);
    }
  }
  return text;
}

std::string makefile(const Plan& plan, const std::string& options) {
  std::vector<std::string> targets;
  std::string rules;
  for (std::string& recipe : commands(plan, options)) {
    for (size_t at = 0; (at = recipe.find('$', at)) != std::string::npos; at += 2)
      recipe.insert(at, "$");
    targets.push_back(fmt::format("chain{}", targets.size() + 1));
    rules += fmt::format("{}:\n\t{} $(TICKETBENCH_FLAGS)\n", targets.back(), recipe);
  }
  return head(plan,
              "make -k -j 4 -f FILE TICKETBENCH_FLAGS='--data DIR --results DIR --threads 1'") +
         fmt::format(".PHONY: all {0}\nall: {0}\n{1}", fmt::join(targets, " "), rules);
}

// In plain sh: other shells don't take the flags apart.
std::string parallel_lines(const Plan& plan, const std::string& options) {
  std::string text =
      head(plan,
           "PARALLEL_SHELL=/bin/sh TICKETBENCH_FLAGS='--data DIR --results DIR --threads 1' "
           "parallel -j 4 :::: FILE");
  for (const std::string& command : commands(plan, options))
    text += command + " $TICKETBENCH_FLAGS\n";
  return text;
}

// Two minutes before the time of a task is over Slurm asks its steps to stop. They save and end
// with 75, and the task goes back into the queue; so it does where another process holds one of its
// runs.
std::string job_script(const Plan& plan, const std::string& options) {
  constexpr size_t kUsualArray = 1000;
  const std::vector<std::string> tasks = commands(plan, options);
  std::string text = fmt::format(
      "#!/bin/bash\n"
      "#SBATCH --job-name=ticketbench\n"
      "#SBATCH --array=1-{}\n"
      "#SBATCH --requeue\n"
      "#SBATCH --open-mode=append\n"
      "#SBATCH --signal=TERM@120\n",
      tasks.size());
  text +=
      head(plan,
           "TICKETBENCH_FLAGS='--data DIR --results DIR' sbatch --cpus-per-task 4 --time 4:00:00 "
           "FILE");
  if (tasks.size() > kUsualArray) {
    text += fmt::format(
        "# A cluster may refuse more than {} tasks (MaxArraySize): plan parts with --shard.\n",
        kUsualArray);
  }
  text +=
      "export SRUN_CPUS_PER_TASK=${SLURM_CPUS_PER_TASK:-1}\n"
      "code=0\n"
      "case $SLURM_ARRAY_TASK_ID in\n";
  for (size_t i = 0; i < tasks.size(); ++i)
    text += fmt::format("{}) srun --ntasks=1 {} $TICKETBENCH_FLAGS ;;\n", i + 1, tasks[i]);
  return text +
         fmt::format(
             "*) echo \"found task '$SLURM_ARRAY_TASK_ID', expected 1 to {}: start this file by "
             "sbatch\" >&2; exit 2 ;;\n",
             tasks.size()) +
         "esac || code=$?\n"
         "if [ $code = 75 ]; then scontrol requeue "
         "\"${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID\"; fi\n"
         "exit $code\n";
}

}  // namespace

std::string emit_plan(const Plan& plan, Scheduler scheduler, const std::string& options) {
  if (plan.runs.empty()) throw std::invalid_argument("--emit: found no runs, expected one or more");
  if (plan.options.find('\n') != std::string::npos) {
    throw std::invalid_argument(fmt::format(
        "--emit: found several lines, expected one: {}; write the suite's values in one line",
        plan.options));
  }
  switch (scheduler) {
    case Scheduler::make:
      return makefile(plan, options);
    case Scheduler::parallel:
      return parallel_lines(plan, options);
    case Scheduler::slurm:
      break;
  }
  return job_script(plan, options);
}

}  // namespace ticketbench
