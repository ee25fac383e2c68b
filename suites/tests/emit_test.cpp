#include "suites/emit.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

PlannedRun planned(char hash, const std::string& label, const std::string& options) {
  PlannedRun run;
  run.hash = std::string(64, hash);
  run.label = label;
  run.suite_options = options;
  return run;
}

// dense <- shot; snip alone, with a value that a shell and make read something into; deep starts
// from dense too, but stands in another suite; gpu needs one.
Plan sample() {
  Plan plan;
  plan.runs.push_back(planned('a', "dense", "one.json"));
  plan.runs.push_back(planned('b', "shot", "one.json"));
  plan.runs.push_back(planned('c', "snip density=0.5", "one.json --set '/title=$x'"));
  plan.runs.push_back(planned('d', "deep", "two.json"));
  plan.runs.push_back(planned('e', "gpu", "two.json"));
  plan.runs[1].spec.source = {std::string(64, 'a'), std::nullopt};
  plan.runs[3].spec.source = {std::string(64, 'b'), 1};
  plan.runs[4].spec.seed = 7;
  plan.runs[4].device = "cuda";
  return plan;
}

std::string refusal(const Plan& plan) {
  try {
    emit_plan(plan, Scheduler::make);
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

BOOST_AUTO_TEST_CASE(makefile_has_a_target_for_each_run_behind_its_source) {
  BOOST_TEST(emit_plan(sample(), Scheduler::make) ==
             R"(# 5 runs in 3 chains. From the folder where this was made:
#   make -k -j 4 -f FILE TICKETBENCH_FLAGS='--data DIR --results DIR --threads 1'
# 1 of the runs are skipped without --device cuda in it.
.PHONY: all aaaaaaaaaaaa bbbbbbbbbbbb cccccccccccc dddddddddddd eeeeeeeeeeee
all: aaaaaaaaaaaa bbbbbbbbbbbb cccccccccccc dddddddddddd eeeeeeeeeeee

# dense
aaaaaaaaaaaa:
	ticketbench run one.json --seeds 1 --only aaaaaaaaaaaa $(TICKETBENCH_FLAGS)

# shot
bbbbbbbbbbbb: aaaaaaaaaaaa
	ticketbench run one.json --seeds 1 --only bbbbbbbbbbbb $(TICKETBENCH_FLAGS)

# snip density=0.5
cccccccccccc:
	ticketbench run one.json --set '/title=$$x' --seeds 1 --only cccccccccccc $(TICKETBENCH_FLAGS)

# deep
dddddddddddd: bbbbbbbbbbbb
	ticketbench run two.json --seeds 1 --only dddddddddddd $(TICKETBENCH_FLAGS)

# gpu
eeeeeeeeeeee:
	ticketbench run two.json --seeds 7 --only eeeeeeeeeeee $(TICKETBENCH_FLAGS)
)");
}

BOOST_AUTO_TEST_CASE(parallel_has_a_line_for_each_chain) {
  BOOST_TEST(emit_plan(sample(), Scheduler::parallel) ==
             R"(# 5 runs in 3 chains. From the folder where this was made:
#   TICKETBENCH_FLAGS='--data DIR --results DIR --threads 1' parallel -j 4 :::: FILE
# 1 of the runs are skipped without --device cuda in it.
ticketbench run one.json --seeds 1 --only aaaaaaaaaaaa --only bbbbbbbbbbbb $TICKETBENCH_FLAGS && ticketbench run two.json --seeds 1 --only dddddddddddd $TICKETBENCH_FLAGS
ticketbench run one.json --set '/title=$x' --seeds 1 --only cccccccccccc $TICKETBENCH_FLAGS
ticketbench run two.json --seeds 7 --only eeeeeeeeeeee $TICKETBENCH_FLAGS
)");
}

BOOST_AUTO_TEST_CASE(slurm_has_a_task_for_each_chain) {
  BOOST_TEST(emit_plan(sample(), Scheduler::slurm) ==
             R"(#!/bin/bash
#SBATCH --job-name=ticketbench
#SBATCH --array=1-3
#SBATCH --requeue
#SBATCH --signal=TERM@120
# 5 runs in 3 chains. From the folder where this was made:
#   TICKETBENCH_FLAGS='--data DIR --results DIR' sbatch --cpus-per-task 4 --time 4:00:00 FILE
# 1 of the runs are skipped without --device cuda in it.
code=0
case $SLURM_ARRAY_TASK_ID in
1) srun ticketbench run one.json --seeds 1 --only aaaaaaaaaaaa --only bbbbbbbbbbbb $TICKETBENCH_FLAGS && srun ticketbench run two.json --seeds 1 --only dddddddddddd $TICKETBENCH_FLAGS ;;
2) srun ticketbench run one.json --set '/title=$x' --seeds 1 --only cccccccccccc $TICKETBENCH_FLAGS ;;
3) srun ticketbench run two.json --seeds 7 --only eeeeeeeeeeee $TICKETBENCH_FLAGS ;;
esac || code=$?
if [ $code = 75 ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit $code
)");
}

BOOST_AUTO_TEST_CASE(what_has_no_line_is_refused) {
  BOOST_TEST(refusal(Plan{}) == "--emit: found no runs, expected one or more");
  Plan plan = sample();
  plan.runs[2].suite_options = "one.json --set '/title=a\nb'";
  BOOST_TEST(refusal(plan) ==
             "--emit: found several lines, expected one: one.json --set '/title=a\nb'; write the "
             "suite's values in one line");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
