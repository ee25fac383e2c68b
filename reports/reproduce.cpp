#include "reports/reproduce.hpp"

#include "reports/multiplicity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace ticketbench {
namespace {

using Names = std::set<std::string>;
using Index = std::map<std::string_view, const Record*>;  // by hash

std::size_t position(ClaimVerdict verdict) {
  return static_cast<std::size_t>(std::find(kClaimVerdicts.begin(), kClaimVerdicts.end(), verdict) -
                                  kClaimVerdicts.begin());
}

// The records that a measured value rests on, those of dense runs included.
std::vector<const Record*> used(const Measured& measured, const Index& index) {
  std::vector<const Record*> found;
  for (const auto* hashes : {&measured.records, &measured.dense}) {
    for (const std::string& hash : *hashes) found.push_back(index.at(hash));
  }
  return found;
}

ClaimJudgement judge_cell(const Cell& cell, const Measured& measured, double reading_error) {
  const Margin margin = declared_margin(cell.metric, cell.unit, cell.dataset);
  if (cell.metric == "sparsest_winning_density") {
    return judge_winning_ticket(measured.value, measured.n, cell.value, margin);
  }
  return judge_claim(
      {.mean = *measured.value, .sample_std = measured.std, .t_half_width = {}, .n = measured.n},
      {.value = *cell.value, .std = cell.std, .n = cell.n, .reading_error = reading_error}, margin);
}

// Run, and not as the paper's recipe says.
ClaimJudgement differs(const Cell& cell, const Measured& measured, std::string reason) {
  ClaimJudgement judgement;
  judgement.verdict = ClaimVerdict::protocol_differs;
  judgement.reason = std::move(reason);
  if (measured.value && cell.value) judgement.difference = *measured.value - *cell.value;
  return judgement;
}

// Recipes under the name of one that comes along, with other content.
Names changed_recipes(const std::vector<const Record*>& records, const Surroundings& around) {
  Names changed;
  for (const Record* record : records) {
    const auto shipped = around.recipes.find(record->recipe_name());
    if (shipped != around.recipes.end() && shipped->second.content != record->recipe) {
      changed.insert(shipped->first);
    }
  }
  return changed;
}

std::string protocol_words(const Measured& measured, const Index& index) {
  if (measured.n == 0) {
    return "run under several recipes, none of them the paper's own";
  }
  Names names;
  bool on_test = false;
  for (const Record* record : used(measured, index)) {
    names.insert(record->recipe_name());
    on_test = on_test || record->selected_on_test;
  }
  return fmt::format("run under {}, not the paper's own recipe{}", fmt::join(names, " and "),
                     on_test ? "; the epoch was selected on the test images" : "");
}

ReproducedCell reproduce_cell(const Paper& paper, const PublishedTable& table, const Cell& cell,
                              std::span<const Record> records, const Index& index,
                              const Surroundings& around) {
  ReproducedCell entry{.cell = cell, .measured = {}, .judgement = {}};
  if (!cell.comparable()) {
    return entry;
  }
  entry.measured = measure(paper.key, cell, records);
  if (entry.measured.n > 0) {
    const Names changed = changed_recipes(used(entry.measured, index), around);
    entry.judgement =
        changed.empty()
            ? judge_cell(cell, entry.measured, table.uncertainty.value_or(0))
            : differs(cell, entry.measured,
                      fmt::format("run under {} with other content than the recipe of that name "
                                  "that comes along",
                                  fmt::join(changed, " and ")));
    return entry;
  }
  if (entry.measured.problem != "not run") {
    return entry;
  }
  for (const Protocol protocol : {Protocol::related, Protocol::foreign}) {
    Measured other = measure(paper.key, cell, records, protocol);
    if (other.n > 0 || other.problem == "ambiguous") {
      entry.judgement = differs(cell, other, protocol_words(other, index));
      entry.measured = std::move(other);
      break;
    }
  }
  return entry;
}

std::string margin_words(const Cell& cell, const std::optional<double>& reading_error) {
  const Margin margin = declared_margin(cell.metric, cell.unit, cell.dataset);
  std::string of(margin.of);
  std::replace(of.begin(), of.end(), '_', ' ');
  const bool points = margin.scale == Margin::Scale::points;
  return fmt::format(
      "{}{}: {}{} ({})", of, points ? " on " + cell.dataset.value_or("") : "", margin.words(),
      points && reading_error
          ? fmt::format(", and {} for what reading the figure can be off", *reading_error)
          : "",
      margin.reason);
}

void add_once(std::vector<std::string>& sentences, const std::string& sentence) {
  if (std::find(sentences.begin(), sentences.end(), sentence) == sentences.end()) {
    sentences.push_back(sentence);
  }
}

void count_alarms(Reproduction& r) {
  std::vector<double> p_values;
  std::vector<bool> alarmed;
  for (const auto& [cell, measured, judgement] : r.cells) {
    if (judgement.p_different) {
      p_values.push_back(*judgement.p_different);
      alarmed.push_back(judgement.verdict == ClaimVerdict::not_reproduced ||
                        judgement.verdict == ClaimVerdict::too_good);
    }
  }
  const std::vector<double> adjusted = holm(p_values);
  r.tested = p_values.size();
  for (std::size_t i = 0; i < adjusted.size(); ++i) {
    if (!alarmed[i]) continue;
    ++r.alarms;
    if (adjusted[i] <= kClaimAlpha) ++r.alarms_after_holm;
  }
}

// Where records answer they say how their methods depart from the papers, else the program does.
void describe_methods(Reproduction& r, const Index& index, const Surroundings& around) {
  std::map<std::string, std::vector<std::string>> deviations;
  std::map<std::string, std::string> from;  // the record, by method: the first by hash speaks
  for (const auto& [cell, measured, judgement] : r.cells) {
    if (!cell.comparable()) continue;
    Names methods{cell.method};
    if (const auto several = cell.variant.find("best_of"); several != cell.variant.end()) {
      methods = several->get<Names>();
    }
    for (const std::string& method : methods) {
      const auto known = around.deviations.find(method);
      if (known != around.deviations.end() && !from.contains(method)) {
        deviations[method] = known->second;
      }
    }
    for (const std::string& hash : measured.records) {
      const Record& record = *index.at(hash);
      const auto [first, is_new] = from.try_emplace(record.method, hash);
      if (is_new || hash < first->second) {
        first->second = hash;
        deviations[record.method] = record.card.deviations;
      }
    }
  }
  for (auto& [method, sentences] : deviations) {
    if (!sentences.empty()) r.deviations.push_back({method, std::move(sentences)});
  }
}

void describe_recipes(Reproduction& r, const Names& names, const Surroundings& around) {
  for (const std::string& name : names) {
    const auto known = around.recipes.find(name);
    const bool titled = known != around.recipes.end() && !known->second.title.empty();
    r.recipes.push_back({name, titled ? std::vector{known->second.title} : Described{}.sentences});
    for (const char* ending : {"_printed", "_released"}) {
      const auto reading = around.recipes.find(name + ending);
      if (reading != around.recipes.end()) {
        r.readings.push_back({reading->first, {reading->second.title}});
      }
    }
  }
}

std::optional<Remaining> remaining(const Names& suites, const Index& index,
                                   const Surroundings& around) {
  std::map<std::string_view, const PlannedWork*> planned;  // by hash
  for (const std::string& suite : suites) {
    const auto plan = around.plans.find(suite);
    if (plan == around.plans.end()) continue;
    for (const PlannedWork& work : plan->second) planned.emplace(work.hash, &work);
  }
  if (planned.empty()) {
    return std::nullopt;
  }
  Remaining rest{
      .planned = planned.size(), .macs_per_second = around.macs_per_second, .rate = around.rate};
  for (const auto& [hash, work] : planned) {
    const auto record = index.find(hash);
    const bool finished = record != index.end() && (record->second->status == Status::ok ||
                                                    record->second->status == Status::mistrusted);
    if (finished) continue;
    ++rest.runs;
    rest.iterations += work->iterations;
    rest.macs += work->macs;
  }
  return rest;
}

Index index_of(std::span<const Record> records) {
  Index index;
  for (const Record& record : records) index.emplace(record.hash, &record);
  return index;
}

Reproduction reproduce(const Paper& paper, const PublishedTable& table,
                       std::span<const Record> records, const Index& index,
                       const Surroundings& around) {
  Reproduction r;
  r.paper = paper;
  r.paper.tables.clear();
  r.table = table;
  r.table.cells.clear();
  Names recipes;
  for (const std::string& suite : table.suites) {
    const auto plan = around.plans.find(suite);
    if (plan == around.plans.end()) continue;
    for (const PlannedWork& work : plan->second) recipes.insert(work.recipe);
  }
  for (const Cell& cell : table.cells) {
    ReproducedCell entry = reproduce_cell(paper, table, cell, records, index, around);
    r.counts.add(entry);
    if (cell.comparable()) add_once(r.margins, margin_words(cell, table.uncertainty));
    if (entry.measured.n > 0 && entry.judgement.verdict != ClaimVerdict::protocol_differs) {
      for (const Record* record : used(entry.measured, index)) {
        recipes.insert(record->recipe_name());
      }
    }
    r.cells.push_back(std::move(entry));
  }
  count_alarms(r);
  describe_recipes(r, recipes, around);
  describe_methods(r, index, around);
  r.remaining = remaining({table.suites.begin(), table.suites.end()}, index, around);
  return r;
}

}  // namespace

std::size_t VerdictCounts::operator[](ClaimVerdict verdict) const {
  return of[position(verdict)];
}

std::size_t VerdictCounts::run() const {
  return comparable - (*this)[ClaimVerdict::protocol_differs] - (*this)[ClaimVerdict::not_run];
}

void VerdictCounts::add(const ReproducedCell& entry) {
  ++cells;
  if (entry.cell.comparable()) {
    ++comparable;
    ++of[position(entry.judgement.verdict)];
  }
}

void VerdictCounts::add(const VerdictCounts& other) {
  cells += other.cells;
  comparable += other.comparable;
  for (std::size_t i = 0; i < of.size(); ++i) of[i] += other.of[i];
}

Reproduction reproduce(const Paper& paper, const std::string& key, std::span<const Record> records,
                       const Surroundings& around) {
  return reproduce(paper, find_table(paper, key), records, index_of(records), around);
}

Overview reproduce_all(const std::vector<Paper>& papers, std::span<const Record> records,
                       const Surroundings& around) {
  const Index index = index_of(records);
  Overview overview;
  Names suites;
  for (const Paper& paper : papers) {
    for (const PublishedTable& table : paper.tables) {
      overview.tables.push_back(reproduce(paper, table, records, index, around));
      suites.insert(table.suites.begin(), table.suites.end());
    }
  }
  overview.remaining = remaining(suites, index, around);
  return overview;
}

}  // namespace ticketbench
