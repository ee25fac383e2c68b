#include "reports/tests/two_nights.hpp"

#include <fmt/format.h>

namespace ticketbench {
namespace {

void append(std::vector<Record>& records, const std::vector<Record>& more) {
  records.insert(records.end(), more.begin(), more.end());
}

Sample snip(double density) {
  return {.name = "snip",
          .method = "snip",
          .version = 2,
          .fields = {{"density", density}},
          .points = {{.kept = static_cast<int64_t>(1000 * density)}}};
}

Sample curve(int64_t seed, int64_t correct) {
  return {.name = "curve",
          .method = "imp",
          .fields = {{"rate", 0.4}},
          .seed = seed,
          .points = {{.level = 0, .kept = 1000, .correct = 905},
                     {.level = 1, .kept = 600, .correct = correct}}};
}

// Only a run that came to its end has points.
Sample ended(const char* name, const char* status, const char* reason) {
  Sample sample{.name = name, .method = name, .status = status, .reason = reason};
  if (sample.status != "mistrusted") sample.points = {};
  return sample;
}

}  // namespace

Record night_record(const Sample& sample) {
  Record record = sample_record(sample);
  for (Point& point : record.points) {
    point.prediction_sha256 =
        fmt::format("{} {} {}", sample.seed, point.level, point.test.top1_correct);
  }
  return record;
}

std::vector<Record> night_records(Sample sample, const std::vector<int64_t>& correct) {
  std::vector<Record> records;
  sample.seed = 0;
  for (const int64_t count : correct) {
    ++sample.seed;
    sample.points.back().correct = count;
    records.push_back(night_record(sample));
  }
  return records;
}

TwoNights two_nights() {
  TwoNights nights;
  append(nights.base, night_records({}, {908, 910, 909, 911, 907}));
  append(nights.now, night_records({}, {908, 910, 909, 911, 907}));
  append(nights.base, night_records(snip(0.5), {890, 892, 889, 891, 888}));
  append(nights.now, night_records(snip(0.5), {880, 881, 879, 882, 878}));
  append(nights.base, night_records(snip(0.2), {860, 862, 861, 859, 863}));
  append(nights.now, night_records(snip(0.2), {861, 861, 862, 858, 863}));
  for (int64_t seed = 1; seed <= 3; ++seed) {
    nights.base.push_back(night_record(curve(seed, 880 + 5 * seed)));
    nights.now.push_back(night_record(curve(seed, 890 - 6 * seed)));
    Sample refill{.name = "refill",
                  .method = "imp_refill",
                  .seed = seed,
                  .points = {{.kept = 600, .correct = 870 + seed}},
                  .source_hash = sample_hash(curve(seed, 0)),
                  .source_level = 1};
    nights.base.push_back(night_record(refill));
    refill.points.back().correct += 20 + seed % 2;
    nights.now.push_back(night_record(refill));
  }
  // Runs that end otherwise.
  append(nights.base, night_records({.name = "rigl", .method = "rigl"}, {850, 851}));
  Sample rigl = ended("rigl", "failed", "index 7 is out of bounds");
  rigl.seed = 2;
  append(nights.now, night_records({.name = "rigl", .method = "rigl"}, {850}));
  nights.now.push_back(night_record(rigl));
  append(nights.base, night_records({.name = "set", .method = "set"}, {840}));
  nights.now.push_back(night_record(ended("set", "skipped", "requires the device cuda")));
  nights.base.push_back(night_record(ended("grasp", "failed", "no gradients")));
  nights.now.push_back(night_record(ended("grasp", "mistrusted", "accuracy of guessing")));
  nights.base.push_back(night_record(ended("gmp", "timeout", "took longer than 60 s")));
  append(nights.now, night_records({.name = "gmp", .method = "gmp"}, {840}));
  append(nights.base, night_records({.name = "bip", .method = "bip", .version = 1}, {880, 881}));
  append(nights.now, night_records({.name = "bip", .method = "bip", .version = 2}, {885, 886}));
  return nights;
}

}  // namespace ticketbench
