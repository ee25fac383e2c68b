// The suites of the papers' tables against the published cells they are to answer.

#include "reports/published.hpp"

#include "reports/join.hpp"
#include "suites/plan.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace ticketbench {
namespace {

const std::filesystem::path kRoot = TICKETBENCH_ROOT;

// The records that the runs of a plan would write, as far as the join looks at them.
std::vector<Record> planned_records(const std::vector<std::string>& suites) {
  const Plan plan = make_plan(suites, {.seeds = {}, .set = {}, .plugins = {}, .share = kRoot});
  std::vector<Record> records;
  for (const PlannedRun& run : plan.runs) {
    Record record;
    record.hash = run.hash;
    record.name = run.label;
    record.dataset = run.spec.dataset;
    record.model = run.spec.model;
    record.recipe = to_json(run.spec.recipe);
    record.recipe["name"] = run.spec.recipe.name;
    record.method = run.spec.method;
    record.fields = run.spec.fields;
    if (run.spec.source) record.source = Source{run.spec.source->hash, run.spec.source->level};
    record.seed = static_cast<int64_t>(run.spec.seed);
    record.status = Status::ok;
    for (const RunCost::Outline& ticket : run.cost.tickets) {
      Point point;
      point.level = ticket.level;
      point.counts.prunable_params = 1'000'000;
      point.counts.kept_prunable =
          std::llround(1e6 * ticket.asked_density.value_or(ticket.density));
      record.points.push_back(point);
    }
    records.push_back(std::move(record));
  }
  return records;
}

std::map<int64_t, int64_t> per_seed(const std::vector<Match>& matches) {
  std::map<int64_t, int64_t> counts;
  for (const Match& match : matches) ++counts[match.record->seed];
  return counts;
}

// Known only when the run has ended: a density that comes out of a transform of a ticket.
bool realised(const Cell& cell) {
  return cell.method == "imp_regroup" && !cell.level && cell.density;
}

void check(const std::string& paper, const Cell& cell, const std::vector<Record>& records) {
  if (needs_dense(cell)) {
    const auto dense = per_seed(dense_answers(paper, cell, records));
    BOOST_TEST(!dense.empty(), "dense");
    for (const auto& [seed, count] : dense) BOOST_TEST(count == 1, "dense, seed " << seed);
  }
  if (cell.metric == "sparsest_winning_density" || realised(cell)) {
    // A whole curve: several operating points, of one source where there is one.
    std::map<std::pair<int64_t, std::string>, std::set<std::string>> sources;
    std::map<int64_t, int64_t> points;
    for (const Match& match : candidates(paper, cell, records)) {
      ++points[match.record->seed];
      if (match.record->source)
        sources[{match.record->seed, match.record->method}].insert(match.record->source->hash);
    }
    BOOST_TEST(!points.empty(), "no curve");
    for (const auto& [seed, count] : points) BOOST_TEST(count >= 3, "seed " << seed);
    for (const auto& [key, hashes] : sources) BOOST_TEST(hashes.size() == 1U);
    return;
  }
  const auto found = per_seed(answers(paper, cell, records));
  BOOST_TEST(!found.empty(), "not answered");
  for (const auto& [seed, count] : found) BOOST_TEST(count == 1, "seed " << seed);
}

BOOST_AUTO_TEST_SUITE(published_tables)

// Every published value that can be compared is what exactly one operating point of each seed would
// give, once the suites that its table names have been run; the others say why they can't.
BOOST_AUTO_TEST_CASE(every_comparable_cell_is_answered_once) {
  for (const Paper& paper : load_papers((kRoot / "reports" / "published").string())) {
    // All of a paper's together, as they will lie in one results folder.
    std::set<std::string> suites;
    for (const PublishedTable& table : paper.tables)
      suites.insert(table.suites.begin(), table.suites.end());
    const std::vector<Record> records = planned_records({suites.begin(), suites.end()});
    for (const PublishedTable& table : paper.tables) {
      BOOST_TEST_CONTEXT(paper.key << "/" << table.key) {
        for (const Cell& cell : table.cells) {
          if (!cell.comparable()) {
            BOOST_TEST(!why_not_comparable(cell.not_comparable).empty());
            continue;
          }
          BOOST_TEST_CONTEXT(cell.id) {
            check(paper.key, cell, records);
          }
        }
      }
    }
  }
}

// A paper's recipe that no suite uses would answer cells, or none, unnoticed: but for second
// readings of a protocol.
BOOST_AUTO_TEST_CASE(every_recipe_of_a_paper_is_used) {
  std::set<std::string> used;
  for (const std::string& name : suite_names(kRoot)) {
    if (!name.starts_with("papers/")) continue;
    for (const PlannedRun& run :
         make_plan({name}, {.seeds = {1}, .set = {}, .plugins = {}, .share = kRoot}).runs)
      used.insert(run.spec.recipe.name);
  }
  for (const std::string& name : recipe_names("", kRoot)) {
    if (!name.starts_with("papers/") || name.ends_with("_printed") || name.ends_with("_released"))
      continue;
    BOOST_TEST(used.contains(name), name);
  }
}

// What comes along can be planned, from the small to the papers'.
BOOST_AUTO_TEST_CASE(every_suite_that_comes_along_can_be_planned) {
  for (const std::string& name : suite_names(kRoot)) {
    BOOST_TEST_CONTEXT(name) {
      const Plan plan = make_plan({name}, {.seeds = {1}, .set = {}, .plugins = {}, .share = kRoot});
      BOOST_TEST(!plan.runs.empty());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
