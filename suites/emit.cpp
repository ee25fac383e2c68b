#include "suites/emit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

namespace ticketbench {
namespace {

std::string short_hash(const PlannedRun& run) {
  return run.hash.substr(0, 12);
}

std::string command(const std::string& suite, const std::set<uint64_t>& seeds,
                    const std::vector<std::string>& hashes) {
  return fmt::format("ticketbench run {} --seeds {} --only {}", suite, fmt::join(seeds, ","),
                     fmt::join(hashes, " --only "));
}

// One for each suite that the chain's runs come from.
std::vector<std::string> commands(const Plan& plan, const std::vector<size_t>& chain) {
  std::vector<std::string> suites;
  for (const size_t i : chain) {
    const std::string& suite = plan.runs[i].suite_options;
    if (std::find(suites.begin(), suites.end(), suite) == suites.end()) suites.push_back(suite);
  }
  std::vector<std::string> found;
  for (const std::string& suite : suites) {
    std::set<uint64_t> seeds;
    std::vector<std::string> hashes;
    for (const size_t i : chain) {
      if (plan.runs[i].suite_options != suite) continue;
      seeds.insert(plan.runs[i].spec.seed);
      hashes.push_back(short_hash(plan.runs[i]));
    }
    found.push_back(command(suite, seeds, hashes));
  }
  return found;
}

// What all of them say first, behind '#'.
std::string head(const Plan& plan, const std::string& usage) {
  const auto need_gpu = std::count_if(plan.runs.begin(), plan.runs.end(),
                                      [](const PlannedRun& run) { return run.device == "cuda"; });
  std::string text = fmt::format("# {} runs in {} chains. From the folder where this was made:\n",
                                 plan.runs.size(), chains(plan).size());
  text += fmt::format("#   {}\n", usage);
  if (need_gpu > 0)
    text += fmt::format("# {} of the runs are skipped without --device cuda in it.\n", need_gpu);
  return text;
}

std::string makefile(const Plan& plan) {
  std::vector<std::string> targets;
  std::string rules;
  for (const PlannedRun& run : plan.runs) {
    const std::string source =
        run.spec.source ? " " + short_hash(*plan.find(run.spec.source->hash)) : "";
    std::string recipe = command(run.suite_options, {run.spec.seed}, {short_hash(run)});
    for (size_t at = 0; (at = recipe.find('$', at)) != std::string::npos; at += 2)
      recipe.insert(at, "$");
    targets.push_back(short_hash(run));
    rules += fmt::format("\n# {}\n{}:{}\n\t{} $(TICKETBENCH_FLAGS)\n", run.label, short_hash(run),
                         source, recipe);
  }
  return head(plan,
              "make -k -j 4 -f FILE TICKETBENCH_FLAGS='--data DIR --results DIR --threads 1'") +
         fmt::format(".PHONY: all {0}\nall: {0}\n", fmt::join(targets, " ")) + rules;
}

std::string parallel_lines(const Plan& plan) {
  std::string text = head(
      plan, "TICKETBENCH_FLAGS='--data DIR --results DIR --threads 1' parallel -j 4 :::: FILE");
  for (const std::vector<size_t>& chain : chains(plan)) {
    text += fmt::format("{} $TICKETBENCH_FLAGS\n",
                        fmt::join(commands(plan, chain), " $TICKETBENCH_FLAGS && "));
  }
  return text;
}

// Before the time of a task is over Slurm asks its steps to stop: they save and end with 75, and
// the task goes back into the queue.
std::string job_script(const Plan& plan) {
  const std::vector<std::vector<size_t>> all = chains(plan);
  std::string text = fmt::format(
      "#!/bin/bash\n"
      "#SBATCH --job-name=ticketbench\n"
      "#SBATCH --array=1-{}\n"
      "#SBATCH --requeue\n"
      "#SBATCH --signal=TERM@120\n",
      all.size());
  text +=
      head(plan,
           "TICKETBENCH_FLAGS='--data DIR --results DIR' sbatch --cpus-per-task 4 --time 4:00:00 "
           "FILE");
  text += "code=0\ncase $SLURM_ARRAY_TASK_ID in\n";
  for (size_t i = 0; i < all.size(); ++i) {
    text += fmt::format("{}) srun {} $TICKETBENCH_FLAGS ;;\n", i + 1,
                        fmt::join(commands(plan, all[i]), " $TICKETBENCH_FLAGS && srun "));
  }
  return text +
         "esac || code=$?\n"
         "if [ $code = 75 ]; then scontrol requeue \"$SLURM_JOB_ID\"; fi\n"
         "exit $code\n";
}

}  // namespace

std::string emit_plan(const Plan& plan, Scheduler scheduler) {
  if (plan.runs.empty()) throw std::invalid_argument("--emit: found no runs, expected one or more");
  for (const PlannedRun& run : plan.runs) {
    if (run.suite_options.find('\n') == std::string::npos) continue;
    throw std::invalid_argument(fmt::format(
        "--emit: found several lines, expected one: {}; write the suite's values in one line",
        run.suite_options));
  }
  switch (scheduler) {
    case Scheduler::make:
      return makefile(plan);
    case Scheduler::parallel:
      return parallel_lines(plan);
    case Scheduler::slurm:
      break;
  }
  return job_script(plan);
}

}  // namespace ticketbench
