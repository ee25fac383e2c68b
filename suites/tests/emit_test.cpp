#include "suites/emit.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

PlannedRun planned(char hash, char source = 0) {
  PlannedRun run;
  run.hash = std::string(64, hash);
  if (source != 0) run.spec.source = {std::string(64, source), 1};
  return run;
}

// b starts from a and d from b; c and e alone, e with another seed and on a GPU. One value that a
// shell and make read something into.
Plan sample() {
  Plan plan;
  plan.runs = {planned('a'), planned('b', 'a'), planned('c'), planned('d', 'b'), planned('e')};
  plan.runs[4].spec.seed = 7;
  plan.runs[4].device = "cuda";
  plan.options = "one.json two.json --set '/title=$x'";
  return plan;
}

std::string refusal(const Plan& plan) {
  try {
    emit_plan(plan, Scheduler::make, "");
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "nothing refused";
}

BOOST_AUTO_TEST_SUITE(emit)

// Chains: a b d, c, e.
BOOST_AUTO_TEST_CASE(a_chain_is_all_that_starts_from_a_run) {
  const std::vector<std::vector<size_t>> found = chains(sample());
  const std::vector<std::vector<size_t>> expected{{0, 1, 3}, {2}, {4}};
  BOOST_TEST((found == expected));
}

BOOST_AUTO_TEST_CASE(makefile_has_a_target_for_each_chain) {
  BOOST_TEST(emit_plan(sample(), Scheduler::make, "--keep all") ==
             R"(# 5 runs in 3 chains. In the folder where 'ticketbench plan' printed this:
#   make -k -j 4 -f FILE TICKETBENCH_FLAGS='--data DIR --results DIR --threads 1'
# Runs that are skipped unless TICKETBENCH_FLAGS has '--device cuda': 1.
.PHONY: all chain1 chain2 chain3
all: chain1 chain2 chain3
chain1:
	ticketbench run one.json two.json --set '/title=$$x' --keep all --seeds 1 --only aaaaaaaaaaaa --only bbbbbbbbbbbb --only dddddddddddd $(TICKETBENCH_FLAGS)
chain2:
	ticketbench run one.json two.json --set '/title=$$x' --keep all --seeds 1 --only cccccccccccc $(TICKETBENCH_FLAGS)
chain3:
	ticketbench run one.json two.json --set '/title=$$x' --keep all --seeds 7 --only eeeeeeeeeeee $(TICKETBENCH_FLAGS)
)");
}

BOOST_AUTO_TEST_CASE(parallel_has_a_line_for_each_chain) {
  BOOST_TEST(emit_plan(sample(), Scheduler::parallel, "") ==
             R"(# 5 runs in 3 chains. In the folder where 'ticketbench plan' printed this:
#   PARALLEL_SHELL=/bin/sh TICKETBENCH_FLAGS='--data DIR --results DIR --threads 1' parallel -j 4 :::: FILE
# Runs that are skipped unless TICKETBENCH_FLAGS has '--device cuda': 1.
ticketbench run one.json two.json --set '/title=$x' --seeds 1 --only aaaaaaaaaaaa --only bbbbbbbbbbbb --only dddddddddddd $TICKETBENCH_FLAGS
ticketbench run one.json two.json --set '/title=$x' --seeds 1 --only cccccccccccc $TICKETBENCH_FLAGS
ticketbench run one.json two.json --set '/title=$x' --seeds 7 --only eeeeeeeeeeee $TICKETBENCH_FLAGS
)");
}

BOOST_AUTO_TEST_CASE(slurm_has_a_task_for_each_chain) {
  BOOST_TEST(emit_plan(sample(), Scheduler::slurm, "") ==
             R"(#!/bin/bash
#SBATCH --job-name=ticketbench
#SBATCH --array=1-3
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=TERM@120
# 5 runs in 3 chains. In the folder where 'ticketbench plan' printed this:
#   TICKETBENCH_FLAGS='--data DIR --results DIR' sbatch --cpus-per-task 4 --time 4:00:00 FILE
# Runs that are skipped unless TICKETBENCH_FLAGS has '--device cuda': 1.
export SRUN_CPUS_PER_TASK=${SLURM_CPUS_PER_TASK:-1}
code=0
case $SLURM_ARRAY_TASK_ID in
1) srun --ntasks=1 ticketbench run one.json two.json --set '/title=$x' --seeds 1 --only aaaaaaaaaaaa --only bbbbbbbbbbbb --only dddddddddddd $TICKETBENCH_FLAGS ;;
2) srun --ntasks=1 ticketbench run one.json two.json --set '/title=$x' --seeds 1 --only cccccccccccc $TICKETBENCH_FLAGS ;;
3) srun --ntasks=1 ticketbench run one.json two.json --set '/title=$x' --seeds 7 --only eeeeeeeeeeee $TICKETBENCH_FLAGS ;;
*) echo "found task '$SLURM_ARRAY_TASK_ID', expected 1 to 3: start this file by sbatch" >&2; exit 2 ;;
esac || code=$?
if [ $code = 75 ]; then scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"; fi
exit $code
)");
}

BOOST_AUTO_TEST_CASE(large_arrays_are_warned_of) {
  Plan plan;
  for (int i = 0; i < 1001; ++i) {
    plan.runs.push_back(planned('a'));
    plan.runs.back().hash = std::to_string(1'000'000 + i);
  }
  const auto warns = [](const std::string& text) {
    return text.find("# A cluster may refuse more than 1000 tasks (MaxArraySize)") !=
           std::string::npos;
  };
  BOOST_TEST(warns(emit_plan(plan, Scheduler::slurm, "")));
  plan.runs.pop_back();
  BOOST_TEST(!warns(emit_plan(plan, Scheduler::slurm, "")));
}

BOOST_AUTO_TEST_CASE(what_has_no_line_is_refused) {
  BOOST_TEST(refusal(Plan{}) == "--emit: found no runs, expected one or more");
  Plan plan = sample();
  plan.options = "one.json --set '/title=a\nb'";
  BOOST_TEST(refusal(plan) ==
             "--emit: found several lines, expected one: one.json --set '/title=a\nb'; write the "
             "suite's values in one line");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
