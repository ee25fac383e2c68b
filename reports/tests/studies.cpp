#include "reports/tests/studies.hpp"

namespace ticketbench {

Sample sample_curve(int64_t seed) {
  Sample sample{.name = "curve", .method = "imp", .fields = {{"rate", 0.4}}, .seed = seed};
  sample.points.clear();
  const std::vector<int64_t> kept = {1000, 600, 360, 216};
  for (int64_t level = 0; level < 4; ++level) {
    sample.points.push_back({.level = level,
                             .kept = kept[static_cast<std::size_t>(level)],
                             .correct = 905 + seed - 8 * level,
                             .seconds = 61.5,
                             .examples = 400000 * (level + 1)});
  }
  return sample;
}

std::vector<Record> sample_study() {
  std::vector<Record> records;
  const auto add = [&](const Sample& sample) { records.push_back(sample_record(sample)); };
  for (int64_t seed = 1; seed <= 5; ++seed) {
    add({.seed = seed, .points = {{.correct = 908 + seed, .seconds = 723, .examples = 400000}}});
    for (const int64_t kept : {500, 216}) {
      add({.name = "snip",
           .method = "snip",
           .version = 2,
           .fields = {{"density", static_cast<double>(kept) / 1000}, {"num_batches", 1}},
           .seed = seed,
           .points = {{.kept = kept, .correct = 860 + kept / 20 - 2 * seed, .seconds = 700}}});
    }
    // Within snip's interval at this density, and above it.
    add({.name = "gmp",
         .method = "gmp",
         .seed = seed,
         .points = {{.kept = 216, .correct = 866 - seed, .seconds = 710}}});
    add({.name = "set",
         .method = "set",
         .seed = seed,
         .points = {{.kept = 216, .correct = 886 - seed, .seconds = 720}}});
  }
  for (int64_t seed = 1; seed <= 3; ++seed) {
    add({.name = "random",
         .method = "random_pruning",
         .fields = {{"density", 0.216}, {"allocation", "erk"}},
         .seed = seed,
         .points = {{.kept = 216, .correct = 840 + 7 * seed, .seconds = 650.2}}});
    add(sample_curve(seed));
  }
  add({.name = "snip",
       .method = "snip",
       .version = 1,
       .fields = {{"density", 0.216}, {"num_batches", 1}},
       .points = {{.kept = 216, .correct = 899}}});
  add({.name = "refill",
       .method = "imp_refill",
       .points = {{.kept = 360, .correct = 893, .seconds = 300}},
       .source_hash = sample_hash(sample_curve(1)),
       .source_level = 2});
  add({.name = "bip",
       .method = "bip",
       .fields = {{"density", 0.216}},
       .seed = 9,
       .points = {{.kept = 216, .correct = 895}},
       .selected_on_test = true});
  add({.name = "graphics",
       .method = "grasp",
       .points = {},
       .status = "skipped",
       .reason = "requires the device cuda, which this machine does not have"});
  add({.name = "snip",
       .method = "snip",
       .version = 2,
       .fields = {{"density", 0.005}, {"num_batches", 1}},
       .points = {{.kept = 5, .correct = 100}},
       .status = "mistrusted",
       .reason = "accuracy 10.0 % is that of guessing; layer conv1.weight keeps nothing"});
  add({.name = "deeper",
       .method = "elastic",
       .points = {{.kept = 360, .correct = 901, .seconds = 4000}},
       .source_hash = sample_hash(sample_curve(1)),
       .source_level = 2,
       .model = "resnet32s"});
  for (Record& record : records) record.file = record.hash + "/record.json";
  return records;
}

Leaderboard measured_study() {
  Leaderboard leaderboard = make_leaderboard(sample_study());
  for (Board& board : leaderboard.boards) {
    for (Row& row : board.rows) {
      if (row.method != "imp") {
        continue;
      }
      // Slower than dense at first, 0.8 times as fast, then faster: break-even lies between.
      const double speedup = 0.8 + 0.4 * static_cast<double>(row.level);
      row.measured = {{.device = "A processor, 2 threads, batch 100",
                       .seconds_per_image = 3e-4 / speedup,
                       .speedup = speedup,
                       .n = 3},
                      {.device = "Another, 1 thread, batch 1",
                       .seconds_per_image = 4e-3 / speedup,
                       .speedup = std::nullopt,
                       .n = 1}};
    }
  }
  return leaderboard;
}

std::vector<Record> hostile_study() {
  const std::string evil = "<script>alert(1)</script>|`x`*b*\x1b[2J\u202Eend\nnew line";
  Sample formula{.name = "=cmd|'/C calc'!A0", .method = "\"><img src=x onerror=alert(1)>"};
  formula.fields = {{"@sum", evil}, {"-1", "+1"}};
  formula.dataset = "</title><b>cifar10";
  formula.model = "a|b";
  formula.recipe = {{"name", "[r](javascript:alert(1))"}};
  Sample failed = formula;
  failed.seed = 2;
  failed.status = "failed";
  failed.reason = evil;
  failed.points = {};
  Sample large = formula;
  large.name.assign(150, 'x');
  large.name += " \u4e16\u754c \u00e9\u00e8 \U0001F600";
  std::string word(60, 'w');
  word += " and more";
  large.fields = {{"word", word}};
  std::vector<Record> records = {sample_record(formula), sample_record(failed),
                                 sample_record(large)};
  records[0].file = "javascript:alert(1)//\"><b>/record.json";
  return records;
}

}  // namespace ticketbench
