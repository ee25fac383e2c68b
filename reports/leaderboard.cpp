#include "reports/leaderboard.hpp"

#include "reports/document_words.hpp"
#include "reports/performance_profile.hpp"
#include "reports/ranking.hpp"
#include "reports/run_identity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

namespace ticketbench {
namespace {

using nlohmann::json;

// The method that boards compare with, and all that they ask for; no other is known here.
constexpr const char* kDenseMethod = "dense";
struct Baseline {
  const char* method;
  bool of_tickets;  // only asked for where tickets are ranked: rows of a level above 0
};
constexpr std::array<Baseline, 5> kBaselines = {{{kDenseMethod, false},
                                                 {"random_pruning", false},
                                                 {"small_dense", false},
                                                 {"imp_shuffled", true},
                                                 {"imp_reinit", true}}};

struct CostSoFar {
  Cost cost;
  bool complete = true;
};

void add(Cost& cost, const Cost& more) {
  cost.examples += more.examples;
  cost.macs += more.macs;
  if (cost.seconds && more.seconds) {
    *cost.seconds += *more.seconds;
  } else {
    cost.seconds.reset();
  }
}

// What the run alone spent up to points[last].
Cost own_cost(const Record& record, std::size_t last) {
  const TrainCost& train = record.points[last].train;
  Cost cost{.examples = static_cast<double>(train.examples), .macs = train.macs, .seconds = 0.0};
  for (std::size_t i = 0; i <= last; ++i) {
    add(cost, {.examples = 0, .macs = 0, .seconds = record.points[i].seconds});
  }
  return cost;
}

// With all of its sources; `depth` ends a circle, as in run_identity.
CostSoFar total_cost(const Record& record, std::size_t last, const RunIndex& index, int depth = 0) {
  CostSoFar sum{.cost = own_cost(record, last)};
  if (!record.source) {
    return sum;
  }
  const Record* from = index.find(record.source->hash);
  if (from == nullptr || from->points.empty() || depth > kLongestChain) {
    sum.complete = false;
    return sum;
  }
  const auto point = std::find_if(from->points.begin(), from->points.end(),
                                  [&](const Point& p) { return record.source->level == p.level; });
  if (record.source->level && point == from->points.end()) {
    sum.complete = false;
    return sum;
  }
  const std::size_t at = record.source->level
                             ? static_cast<std::size_t>(point - from->points.begin())
                             : from->points.size() - 1;
  const CostSoFar source = total_cost(*from, at, index, depth + 1);
  add(sum.cost, source.cost);
  sum.complete = source.complete;
  return sum;
}

struct Sample {
  const Record* record = nullptr;
  std::size_t point = 0;
};

Cost mean_cost(const std::vector<Cost>& costs) {
  Cost sum{.examples = 0, .macs = 0, .seconds = 0.0};
  for (const Cost& cost : costs) add(sum, cost);
  const auto n = static_cast<double>(costs.size());
  sum.examples /= n;
  sum.macs /= n;
  if (sum.seconds) {
    *sum.seconds /= n;
  }
  return sum;
}

// `samples` by seed.
Row make_row(const std::map<int64_t, Sample>& samples, const RunIndex& index) {
  const Record& first = *samples.begin()->second.record;
  const Point& point = first.points[samples.begin()->second.point];
  Row row;
  row.run = first.name;
  row.method = first.method;
  row.title = first.card.title;
  row.paper = first.card.paper;
  row.version = first.method_version;
  row.fields = first.fields;
  row.level = point.level;
  row.source = source_words(first, index);
  row.structure = point.structure;
  row.dense_macs = point.model_macs();
  std::vector<double> percents;
  std::vector<double> densities;
  std::vector<double> kept_macs;
  std::vector<Cost> own;
  std::vector<Cost> total;
  for (const auto& [seed, sample] : samples) {
    const Point& one = sample.record->points[sample.point];
    row.results.push_back({.seed = seed,
                           .hash = sample.record->hash,
                           .command = sample.record->command,
                           .file = sample.record->file,
                           .examples = one.test.examples,
                           .top1_correct = one.test.top1_correct});
    percents.push_back(row.results.back().percent());
    densities.push_back(one.density());
    kept_macs.push_back(static_cast<double>(one.kept_macs));
    own.push_back(own_cost(*sample.record, sample.point));
    const CostSoFar so_far = total_cost(*sample.record, sample.point, index);
    total.push_back(so_far.cost);
    row.sources_missing = row.sources_missing || !so_far.complete;
    row.selected_on_test = row.selected_on_test || sample.record->selected_on_test;
  }
  row.top1 = spread(percents);
  row.density = spread(densities);
  row.kept_macs = spread(kept_macs);
  row.own = mean_cost(own);
  row.total = mean_cost(total);
  return row;
}

// Difference to `dense`, seed by seed: what both seeds share (data order, initialisation) cancels.
std::optional<Spread> paired_difference(const Row& row, const Row& dense) {
  std::vector<double> differences;
  for (const SeedResult& mine : row.results) {
    const auto same = std::find_if(dense.results.begin(), dense.results.end(),
                                   [&](const SeedResult& one) { return one.seed == mine.seed; });
    if (same == dense.results.end()) {
      continue;
    }
    // From counts, so that equal differences are equal numbers.
    differences.push_back(mine.examples == same->examples
                              ? 100 * static_cast<double>(mine.top1_correct - same->top1_correct) /
                                    static_cast<double>(mine.examples)
                              : mine.percent() - same->percent());
  }
  if (differences.empty()) {
    return std::nullopt;
  }
  return spread(differences);
}

TrainingCurve training_curve(const Record& record, const std::string& label) {
  std::vector<const Epoch*> epochs;
  for (const Curve& curve : record.curves) {
    for (const Epoch& epoch : curve.epochs) epochs.push_back(&epoch);
  }
  TrainingCurve result{.label = label,
                       .method = record.method,
                       .hash = record.hash,
                       .seed = record.seed,
                       .on_test = std::all_of(epochs.begin(), epochs.end(),
                                              [](const Epoch* one) { return one->test; }),
                       .values = {}};
  const std::size_t shown = std::min(epochs.size(), kMostCurveValues);
  for (std::size_t i = 1; i <= shown; ++i) {
    const std::size_t count = i * epochs.size() / shown;  // ends with the last
    const Epoch& epoch = *epochs[count - 1];
    const auto [right, of] = result.on_test
                                 ? std::pair(epoch.test->top1_correct, epoch.test->examples)
                                 : std::pair(epoch.train_correct, epoch.train_examples);
    if (of > 0) {
      result.values.push_back(
          {.epoch = static_cast<int64_t>(count),
           .percent = 100 * static_cast<double>(right) / static_cast<double>(of)});
    }
  }
  return result;
}

class BoardMaker {
 public:
  BoardMaker(const std::vector<const Record*>& records, const RunIndex& index)
      : records_(records), index_(index) {}

  // The board of fixed parameters and, where it has rows that compete, that of fixed MACs.
  std::vector<Board> make(const std::string& variant) {
    const Record& first = *records_.front();
    board_ = {.dataset = first.dataset,
              .model = first.model,
              .recipe = first.recipe_name(),
              .division = first.division,
              .variant = variant,
              .budget = Budget::parameters,
              .rows = {},
              .unranked = {},
              .missing = {},
              .machines = {},
              .curves = {},
              .runs = static_cast<int64_t>(records_.size())};
    find_differences();
    make_rows();
    find_reference();
    list_unranked();
    list_facts();
    mark_fronts(board_.rows);
    Board by_macs = board_;
    by_macs.budget = Budget::macs;
    by_macs.unranked.clear();
    rank(by_macs.rows, Budget::macs);
    rank(board_.rows, Budget::parameters);
    add_curves();
    std::vector<Board> boards{std::move(board_)};
    if (contested(by_macs.rows)) {
      boards.push_back(std::move(by_macs));
    }
    return boards;
  }

 private:
  using Key = std::pair<std::string, int64_t>;  // identity, level

  // What the labels must say: the fields that differ between the runs of a method.
  void find_differences() {
    std::map<std::string, std::vector<json>> fields;
    for (const Record* record : records_) {
      fields[record->method].push_back(record->fields);
      versions_[record->method].insert(record->method_version);
      // A run that failed supersedes none.
      int64_t& newest = newest_ok_[record->method];
      if (record->status == Status::ok) newest = std::max(newest, record->method_version);
      for (const Point& point : record->points) levels_[record->method].insert(point.level);
    }
    for (const auto& [method, documents] : fields) {
      differing_[method] = differing_paths(documents);
    }
  }

  [[nodiscard]] std::string label(const Record& record, std::optional<int64_t> level) const {
    std::string text = record.name;
    if (versions_.at(record.method).size() > 1) {
      text += fmt::format(" v{}", record.method_version);
    }
    const std::string words = words_at(record.fields, differing_.at(record.method));
    if (!words.empty()) {
      text += " " + words;
    }
    const auto levels = levels_.find(record.method);
    if (level && levels != levels_.end() && *levels->second.rbegin() > 0) {
      text += fmt::format(", level {}", *level);
    }
    if (record.source) {
      text += " from " + source_words(record, index_);
    }
    return text;
  }

  void make_rows() {
    std::map<Key, std::map<int64_t, Sample>> samples;
    std::map<Key, json> identities;
    for (const Record* record : records_) {
      if (record->status != Status::ok) {
        continue;
      }
      const json who = method_identity(*record, index_);
      const std::string name = who.dump();
      for (std::size_t i = 0; i < record->points.size(); ++i) {
        const Key key{name, record->points[i].level};
        // A second record of one seed is a run whose hash is not that of its spec.
        const bool is_new =
            samples[key].emplace(record->seed, Sample{.record = record, .point = i}).second;
        if (!is_new && i == 0) {
          ++board_.duplicates;
        }
        identities[key] = who;
      }
    }
    std::map<std::string, std::vector<Key>> by_label;
    std::map<Key, Row> rows;
    for (const auto& [key, of_seeds] : samples) {
      Row row = make_row(of_seeds, index_);
      row.label = label(*of_seeds.begin()->second.record, row.level);
      row.superseded = row.version < newest_ok_.at(row.method);
      by_label[row.label].push_back(key);
      rows.emplace(key, std::move(row));
    }
    // Rows that differ only in their sources still look alike.
    for (const auto& [text, keys] : by_label) {
      if (keys.size() == 1) {
        continue;
      }
      std::vector<json> alike;
      for (const Key& key : keys) alike.push_back(identities[key]);
      const std::set<std::string> paths = differing_paths(alike);
      for (const Key& key : keys) {
        rows[key].label += fmt::format(" ({})", words_at(identities[key], paths));
      }
    }
    for (auto& [key, row] : rows) board_.rows.push_back(std::move(row));
  }

  // The row others are compared with: of the newest version, with the most seeds.
  void find_reference() {
    Row* dense = nullptr;
    for (Row& row : board_.rows) {
      if (row.method != kDenseMethod || row.superseded) {
        continue;
      }
      if (dense == nullptr || row.results.size() > dense->results.size()) {
        dense = &row;
      }
    }
    if (dense == nullptr) {
      return;
    }
    dense->reference = true;
    for (Row& row : board_.rows) {
      if (!row.reference) {
        row.vs_dense = paired_difference(row, *dense);
      }
    }
  }

  void list_unranked() {
    for (const Record* record : records_) {
      if (record->status == Status::ok) {
        continue;
      }
      board_.unranked.push_back({.label = label(*record, std::nullopt),
                                 .method = record->method,
                                 .seed = record->seed,
                                 .status = record->status,
                                 .reason = record->reason,
                                 .command = record->command,
                                 .hash = record->hash});
    }
    std::sort(board_.unranked.begin(), board_.unranked.end(), [](const auto& a, const auto& b) {
      return std::tie(a.label, a.seed, a.hash) < std::tie(b.label, b.seed, b.hash);
    });
  }

  // " (mistrusted)" where the board has runs of a method, but none that is ranked.
  [[nodiscard]] std::string fate(const std::string& method) const {
    std::set<std::string> fates;
    for (const UnrankedRun& run : board_.unranked) {
      if (run.method == method) fates.insert(std::string(status_name(run.status)));
    }
    return fates.empty() ? "" : fmt::format(" ({})", fmt::join(fates, ", "));
  }

  void list_facts() {
    const auto any = [&](const auto& is) {
      return std::any_of(board_.rows.begin(), board_.rows.end(), is);
    };
    const bool tickets = any([](const Row& row) { return row.level > 0; });
    for (const Baseline& baseline : kBaselines) {
      const std::string method = baseline.method;
      if ((tickets || !baseline.of_tickets) &&
          !any([&](const Row& row) { return row.method == method && !row.superseded; })) {
        board_.missing.push_back(method + fate(method));
      }
    }
    std::set<std::string> machines;
    for (const Record* record : records_) {
      if (record->status != Status::ok || !record->provenance) {
        continue;
      }
      const Provenance& by = *record->provenance;
      machines.insert(fmt::format("{}, {} threads, {} engine, LibTorch {}",
                                  by.gpu.value_or(by.cpu.value_or("unknown processor")),
                                  by.threads.value_or(0), by.engine.value_or("unknown"),
                                  by.libtorch.value_or("unknown")));
      if (by.dirty) {
        ++board_.runs_of_changed_sources;
      }
    }
    board_.machines.assign(machines.begin(), machines.end());
  }

  // In the order of the rows, so that what is left out are the last ones.
  void add_curves() {
    std::set<std::string> runs;
    for (const Row& row : board_.rows) {
      const SeedResult& first = row.results.front();
      const Record& record = *index_.find(first.hash);
      if (record.curves.empty() || !runs.insert(first.hash).second) {
        continue;
      }
      if (board_.curves.size() == kMostCurves) {
        ++board_.curves_left_out;
      } else {
        board_.curves.push_back(training_curve(record, label(record, std::nullopt)));
      }
    }
  }

  const std::vector<const Record*>& records_;
  const RunIndex& index_;
  Board board_;
  std::map<std::string, std::set<std::string>> differing_;
  std::map<std::string, std::set<int64_t>> versions_;
  std::map<std::string, int64_t> newest_ok_;
  std::map<std::string, std::set<int64_t>> levels_;
};

}  // namespace

double SeedResult::percent() const {
  return 100 * static_cast<double>(top1_correct) / static_cast<double>(examples);
}

bool Board::provisional() const {
  return std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.provisional(); });
}

Leaderboard make_leaderboard(const std::vector<Record>& records) {
  const RunIndex index(records);
  // Boards by name, and below it by the full content of recipe and harness: equal names don't make
  // two recipes comparable.
  using Name = std::tuple<std::string, std::string, std::string, std::string>;
  std::map<Name, std::map<std::string, std::vector<const Record*>>> boards;
  std::map<std::string, json> contents;
  for (const auto& [hash, record] : index.all()) {
    // Written out once for each record, of which there may be ten thousand.
    const std::string content =
        fmt::format("{} {}", record->harness_version, record->recipe.dump());
    if (!contents.contains(content)) {
      contents[content] = {{"harness", record->harness_version}, {"recipe", record->recipe}};
    }
    boards[{record->dataset, record->model, record->recipe_name(), record->division}][content]
        .push_back(record);
  }
  Leaderboard result;
  result.duplicates = index.duplicates();
  for (const auto& [name, variants] : boards) {
    std::vector<json> alternatives;
    for (const auto& [content, _] : variants) alternatives.push_back(contents[content]);
    const std::set<std::string> paths = differing_paths(alternatives);
    for (const auto& [content, of_board] : variants) {
      const std::string variant = words_at(contents[content], paths);
      std::vector<Board> of_budgets = BoardMaker(of_board, index).make(variant);
      result.duplicates += of_budgets.front().duplicates;
      std::move(of_budgets.begin(), of_budgets.end(), std::back_inserter(result.boards));
    }
  }
  result.profiles = performance_profiles(result.boards);
  return result;
}

void add_measured_times(Leaderboard& leaderboard, const std::vector<ProbeFile>& probes) {
  for (Board& board : leaderboard.boards) {
    for (Row& row : board.rows) {
      std::vector<TicketName> tickets;
      for (const SeedResult& one : row.results) {
        tickets.push_back({.run = one.hash, .level = row.level});
      }
      row.measured = measured_times(tickets, probes);
    }
  }
}

}  // namespace ticketbench
