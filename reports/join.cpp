#include "reports/join.hpp"

#include "reports/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

namespace ticketbench {
namespace {

using nlohmann::json;

constexpr double kPruningRate = 0.2;  // of all four papers' IMP: level k keeps 0.8^k

template <typename T>
std::optional<T> variant(const Cell& cell, const char* key) {
  const auto found = cell.variant.find(key);
  if (found == cell.variant.end()) {
    return std::nullopt;
  }
  return found->get<T>();
}

std::optional<double> number(const json& fields, const char* key) {
  const auto found = fields.find(key);
  if (found == fields.end() || !found->is_number()) {
    return std::nullopt;
  }
  return found->get<double>();
}

std::string text(const json& fields, const char* key) {
  const auto found = fields.find(key);
  return found != fields.end() && found->is_string() ? found->get<std::string>() : "";
}

// papers/PAPER_..., with what the cell's variant changes in the recipe as the name's ending. A
// second reading of a protocol (as printed, as released) answers no cell.
bool recipe_fits(const std::string& paper, const Cell& cell, const Record& record) {
  const std::string name = record.recipe_name();
  if (!name.starts_with(fmt::format("papers/{}_", paper))) {
    return false;
  }
  std::string wanted;
  if (const auto recipe = variant<std::string>(cell, "recipe")) {
    wanted = "_" + *recipe;
  } else if (const auto stem = variant<std::string>(cell, "stem")) {
    wanted = "_stem" + *stem;
  } else if (const auto multiplier = variant<double>(cell, "epochs_multiplier")) {
    wanted = fmt::format("_x{}", *multiplier);
  }
  for (const std::string_view ending : {"_plus", "_stem3x3", "_x5", "_printed", "_released"}) {
    if (name.ends_with(ending)) {
      return wanted == ending;
    }
  }
  return wanted.empty();
}

bool protocol_fits(Protocol protocol, const std::string& paper, const Cell& cell,
                   const Record& record) {
  if (recipe_fits(paper, cell, record)) {
    return protocol == Protocol::own;
  }
  const bool related = record.recipe_name().starts_with(fmt::format("papers/{}_", paper));
  return protocol == (related ? Protocol::related : Protocol::foreign);
}

const Record* source_of(const Record& record, std::span<const Record> records) {
  if (!record.source) {
    return nullptr;
  }
  const auto found = std::find_if(records.begin(), records.end(), [&](const Record& other) {
    return other.hash == record.source->hash;
  });
  return found == records.end() ? nullptr : &*found;
}

bool source_fits(const Cell& cell, const Record& record, const Record* source) {
  if (!cell.source) {
    return !record.source || (source != nullptr && source->model == record.model &&
                              source->dataset == record.dataset);
  }
  return source != nullptr && source->model == cell.source->model &&
         source->dataset == cell.source->dataset && source->method == cell.source->method;
}

// A duration that is a fraction of the run: "0.5", but neither "0.5ep" nor "100it".
std::optional<double> fraction(const std::string& duration) {
  char* end = nullptr;
  const double value = std::strtod(duration.c_str(), &end);
  if (duration.empty() || *end != '\0') {
    return std::nullopt;
  }
  return value;
}

// A cell that names no value of a field means the paper's usual one.
bool fields_fit(const Cell& cell, const Record& record, const Record* source) {
  const json& fields = record.fields;
  const std::string structure =
      fields.contains("structure") ? text(fields["structure"], "kind") : "unstructured";
  if (structure != variant<std::string>(cell, "structure").value_or("unstructured")) {
    return false;
  }
  const std::string weights = variant<std::string>(cell, "weights").value_or("");
  if ((text(fields, "weights") == "reinit") != (weights == "reinit")) {
    return false;
  }
  // IMP and dense networks always have a point to rewind to; for these two it is a variant.
  const bool scored_late =
      (record.method == "snip" || record.method == "grasp") && fields.contains("rewind");
  if (record.method == "dense" && fields.contains("rewind")) {
    return false;  // the dense network once more, with weights of its way for others
  }
  if ((scored_late || text(fields, "ranked") == "rewound") != (weights == "rewound")) {
    return false;
  }
  if (const auto density = variant<double>(cell, "initial_density");
      density && number(fields, "initial_density") != density) {
    return false;
  }
  if (const auto allocation = variant<std::string>(cell, "allocation");
      allocation && text(fields, "allocation") != *allocation) {
    return false;
  }
  const auto from = variant<double>(cell, "retrain_from");
  const std::string afterwards =
      fields.contains("afterwards") ? text(fields, "afterwards") : "nothing";
  if (!from || *from == 1) {
    return afterwards == (from ? "fine_tuning" : "nothing");
  }
  return afterwards == "weight_rewinding" && source != nullptr &&
         fraction(text(source->fields, "rewind")) == *from;
}

bool method_fits(const Cell& cell, const Record& record) {
  if (const auto several = variant<std::vector<std::string>>(cell, "best_of")) {
    return std::find(several->begin(), several->end(), record.method) != several->end();
  }
  return record.method == cell.method;
}

// Of the IMP run behind a record; a method without rounds has none.
bool rate_fits(const Record& record, const Record* source) {
  const auto rate =
      number(record.method == "imp" || source == nullptr ? record.fields : source->fields, "rate");
  return !rate || *rate == kPruningRate;
}

std::optional<double> asked_density(const Record& record) {
  return number(record.fields, "density");
}

std::pair<int64_t, int64_t> version(const Match& match) {
  return {match.record->harness_version, match.record->method_version};
}

double density_of(const Match& match) {
  return asked_density(*match.record).value_or(match.point->density());
}

double accuracy(const Point& point) {
  return 100.0 * static_cast<double>(point.test.top1_correct) /
         static_cast<double>(point.test.examples);
}

// Multiply-adds of one training at the mask's density, in the manner of the papers: what a sparse
// engine would need. Of level `level`, which is one training of several of its run.
double training_macs(const Record& record, int64_t level) {
  double macs = 0;
  int64_t before = 0;
  for (const Point& point : record.points) {
    if (point.level == level) {
      macs =
          static_cast<double>(point.kept_macs) * static_cast<double>(point.train.examples - before);
    }
    before = point.train.examples;
  }
  return macs;
}

double training_cost(const Cell& cell, const Match& match) {
  if (variant<std::string>(cell, "cost_of") != "all_rounds") {
    return training_macs(*match.record, match.point->level);
  }
  double macs = 0;
  for (int64_t level = 0; level < match.point->level; ++level) {
    macs += training_macs(*match.record, level);
  }
  return macs;
}

// The cell's metric at one point; `dense` only where the metric is a comparison.
double value_of(const Cell& cell, const Match& match, const Match* dense) {
  const Point& point = *match.point;
  if (cell.metric == "accuracy_change") {
    const double change = accuracy(point) - accuracy(*dense->point);
    return cell.unit == "percentage_points_lost" ? -change : change;
  }
  if (cell.metric == "training_flops_ratio") {
    return training_cost(cell, match) / training_macs(*dense->record, dense->point->level);
  }
  if (cell.metric == "flops") {
    const auto macs = static_cast<double>(point.kept_macs);
    return cell.unit == "gmac" ? macs / 1e9 : 2 * macs;
  }
  if (cell.metric == "param_count") {
    return static_cast<double>(point.counts.prunable_params);
  }
  return accuracy(point);
}

std::map<int64_t, const Match*> by_seed(const std::vector<Match>& matches) {
  std::map<int64_t, const Match*> seeds;
  for (const Match& match : matches) seeds[match.record->seed] = &match;
  return seeds;
}

// What was done, but for the seed, the density that a curve goes over and how far IMP goes on.
std::string experiment(const Record& record) {
  json fields = record.fields;
  fields.erase("density");
  fields.erase("levels");
  return record.recipe.dump() + fields.dump();
}

// Whether the matches are of more than one experiment.
bool ambiguous(const std::vector<Match>& matches) {
  std::map<std::string, std::string> experiments;  // by method
  return std::any_of(matches.begin(), matches.end(), [&](const Match& match) {
    const std::string own = experiment(*match.record);
    return experiments.try_emplace(match.record->method, own).first->second != own;
  });
}

// The lowest density whose mean accuracy reaches that of the dense runs, as the share pruned.
Measured sparsest_winning(const std::vector<Match>& points, const std::vector<Match>& dense) {
  Measured measured;
  const std::map<int64_t, const Match*> dense_of = by_seed(dense);
  std::set<int64_t> seeds;
  // An operating point over seeds: method, level and asked density.
  using Key = std::tuple<std::string, int64_t, double>;
  struct Group {
    std::vector<double> change;
    std::vector<double> density;
  };
  std::map<Key, Group> groups;
  for (const Match& match : points) {
    const auto found = dense_of.find(match.record->seed);
    if (found == dense_of.end()) {
      continue;
    }
    seeds.insert(match.record->seed);
    measured.records.push_back(match.record->hash);
    Group& group = groups[{match.record->method, match.point->level,
                           asked_density(*match.record).value_or(0)}];
    group.change.push_back(accuracy(*match.point) - accuracy(*found->second->point));
    group.density.push_back(match.point->density());
  }
  if (seeds.empty()) {
    return {.problem = "dense not run"};
  }
  measured.n = static_cast<int64_t>(seeds.size());
  for (const auto& [key, group] : groups) {
    if (group.change.size() != seeds.size()) {
      continue;  // a seed is missing: its mean would be another's
    }
    const double pruned = 100 * (1 - mean(group.density));
    if (mean(group.change) >= 0 && pruned > measured.value.value_or(0)) {
      measured.value = pruned;
    }
  }
  return measured;
}

}  // namespace

std::vector<Match> candidates(const std::string& paper, const Cell& cell,
                              std::span<const Record> records, Protocol protocol) {
  std::vector<Match> found;
  for (const Record& record : records) {
    if (record.status != Status::ok || record.dataset != cell.dataset ||
        record.model != cell.model || !method_fits(cell, record) ||
        !protocol_fits(protocol, paper, cell, record)) {
      continue;
    }
    const Record* source = source_of(record, records);
    if (!source_fits(cell, record, source) || !fields_fit(cell, record, source) ||
        !rate_fits(record, source)) {
      continue;
    }
    for (const Point& point : record.points) found.push_back({&record, &point});
  }
  // Which of two equal points stays must not hang on the order of the files, and all of them should
  // be of one curve: the one that goes furthest.
  std::map<std::string, int64_t> reach;
  const auto source_hash = [](const Match& match) {
    return match.record->source ? match.record->source->hash : std::string();
  };
  for (const Match& match : found) ++reach[source_hash(match)];
  const auto order = [&](const Match& match) {
    const std::string source = source_hash(match);
    return std::tuple(-reach.at(source), source, -std::ssize(match.record->points),
                      match.record->hash);
  };
  std::stable_sort(found.begin(), found.end(),
                   [&](const Match& one, const Match& other) { return order(one) < order(other); });
  std::map<std::string, std::pair<int64_t, int64_t>> newest;  // by method
  for (const Match& match : found) {
    auto& known = newest[match.record->method];
    known = std::max(known, version(match));
  }
  // Two curves of one experiment, one of which goes further, share their first points.
  std::set<std::tuple<std::string, std::string, int64_t, double, int64_t>> seen;
  std::erase_if(found, [&](const Match& match) {
    const Record& record = *match.record;
    return version(match) < newest.at(record.method) ||
           !seen.insert({record.method, experiment(record), match.point->level,
                         asked_density(record).value_or(0), record.seed})
                .second;
  });
  return found;
}

std::vector<Match> answers(const std::string& paper, const Cell& cell,
                           std::span<const Record> records, Protocol protocol) {
  const std::vector<Match> all = candidates(paper, cell, records, protocol);
  if (cell.metric == "sparsest_winning_density") {
    // An IMP curve begins with the dense network, which is no ticket.
    std::vector<Match> tickets;
    std::copy_if(all.begin(), all.end(), std::back_inserter(tickets),
                 [](const Match& match) { return density_of(match) < 1; });
    return tickets;
  }
  std::vector<Match> found;
  std::map<int64_t, double> nearest;  // of each seed
  for (const Match& match : all) {
    const bool by_level = cell.level && !asked_density(*match.record);
    const double distance = by_level
                                ? std::abs(static_cast<double>(match.point->level - *cell.level))
                                : std::abs(density_of(match) - cell.density.value_or(1));
    if (distance > (by_level ? 0 : kDensityTolerance + 1e-9)) {
      continue;
    }
    const auto [best, first] = nearest.try_emplace(match.record->seed, distance);
    if (first || distance < best->second) {
      std::erase_if(found,
                    [&](const Match& other) { return other.record->seed == match.record->seed; });
      best->second = distance;
    }
    if (distance == best->second) {
      found.push_back(match);
    }
  }
  return found;
}

bool needs_dense(const Cell& cell) {
  return cell.metric == "accuracy_change" || cell.metric == "sparsest_winning_density" ||
         cell.metric == "training_flops_ratio";
}

std::vector<Match> dense_answers(const std::string& paper, const Cell& cell,
                                 std::span<const Record> records, Protocol protocol) {
  Cell dense{.method = "dense", .variant = json::object()};
  dense.dataset = cell.dataset;
  dense.model =
      cell.unit == "ratio_to_dense_resnet34" ? std::optional<std::string>("resnet34") : cell.model;
  for (const char* key : {"recipe", "stem"}) {
    if (cell.variant.contains(key)) {
      dense.variant[key] = cell.variant[key];
    }
  }
  return candidates(paper, dense, records, protocol);
}

Measured measure(const std::string& paper, const Cell& cell, std::span<const Record> records,
                 Protocol protocol) {
  const std::vector<Match> points = answers(paper, cell, records, protocol);
  const std::vector<Match> dense =
      needs_dense(cell) ? dense_answers(paper, cell, records, protocol) : std::vector<Match>{};
  if (points.empty()) {
    return {.problem = "not run"};
  }
  if (needs_dense(cell) && dense.empty()) {
    return {.problem = "dense not run"};
  }
  if (ambiguous(points) || ambiguous(dense)) {
    return {.problem = "ambiguous"};
  }
  Measured measured;
  if (cell.metric == "sparsest_winning_density") {
    measured = sparsest_winning(points, dense);
  } else {
    const std::map<int64_t, const Match*> dense_of = by_seed(dense);
    std::vector<double> values;
    for (const auto& [seed, match] : by_seed(points)) {
      const auto found = dense_of.find(seed);
      if (needs_dense(cell) && found == dense_of.end()) {
        continue;
      }
      values.push_back(value_of(cell, *match, needs_dense(cell) ? found->second : nullptr));
      measured.records.push_back(match->record->hash);
    }
    if (values.empty()) {
      return {.problem = "dense not run"};
    }
    measured.value = mean(values);
    measured.std = sample_std(values);
    measured.n = static_cast<int64_t>(values.size());
  }
  for (const Match& match : dense) measured.dense.push_back(match.record->hash);
  return measured;
}

}  // namespace ticketbench
