// What a board of 10,000 records costs: reading them from files, by its parts, and making and
// writing the board. The records are made up, but of a real one's size: 20 layers, 8 epochs.

#include "reports/json_schema.hpp"
#include "reports/leaderboard_render.hpp"
#include "reports/tests/sample.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>

namespace ticketbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int64_t kRecords = 10000;
constexpr int64_t kSeeds = 5;
constexpr std::array<int64_t, 5> kKept = {800, 500, 200, 100, 50};

// The i-th of many: by seed, then density, then method, then model.
json made_up(int64_t i) {
  const int64_t kept = kKept[static_cast<std::size_t>(i / kSeeds % 5)];
  const int64_t method = i / (kSeeds * 5) % 40;
  json document = sample_document(
      {.name = fmt::format("run_{}", method),
       .method = method == 0 ? "dense" : fmt::format("method_{}", method),
       .fields = {{"density", static_cast<double>(kept) / 1000}, {"scope", "global"}},
       .seed = i % kSeeds,
       .points = {{.kept = kept, .correct = 800 + kept / 20 + method + i * 7 % 11}},
       .model = fmt::format("resnet{}", i / (kSeeds * 5 * 40))});
  // The larger layer in 19 parts.
  json& layers = document["results"]["points"][0]["layers"];
  json part = layers[1];
  layers.erase(1);
  const auto share = [&](const char* what, int64_t k) {
    const int64_t whole = what == std::string_view("total") ? 800 : kept - kept / 5;
    return whole * (k + 1) / 19 - whole * k / 19;
  };
  for (int64_t k = 0; k < 19; ++k) {
    part["name"] = fmt::format("layer{}.{}.conv1.weight", k / 6, k % 6);
    part["total"] = share("total", k);
    part["kept"] = share("kept", k);
    layers.push_back(part);
  }
  json& epochs = document["results"]["curves"][0]["epochs"];
  while (epochs.size() < 8) epochs.push_back(epochs[1]);
  return document;
}

std::string text_of(int64_t i) {
  return made_up(i).dump(1);
}

// In files, as a suite leaves them; removed with the last user.
class Results {
 public:
  Results()
      : folder_(fs::temp_directory_path() / fmt::format("leaderboard_benchmark.{}", getpid())) {
    for (int64_t i = 0; i < kRecords; ++i) {
      const fs::path run = folder_ / fmt::format("{:05}", i);
      fs::create_directories(run);
      std::ofstream(run / "record.json") << text_of(i) << "\n";
    }
  }
  ~Results() { fs::remove_all(folder_); }
  Results(const Results&) = delete;
  Results& operator=(const Results&) = delete;
  [[nodiscard]] std::string folder() const { return folder_.string(); }

 private:
  fs::path folder_;
};

const Results& results() {
  static const Results made;
  return made;
}

const std::vector<Record>& records() {
  static const std::vector<Record> read = load_records({results().folder()}).records;
  return read;
}

void count_memory(benchmark::State& state) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["peak_MB"] = static_cast<double>(usage.ru_maxrss) / 1000;
}

// All of `ticketbench leaderboard DIR --format html`.
void whole_board(benchmark::State& state) {
  const std::string folder = results().folder();
  for (auto _ : state) {
    const LoadedRecords loaded = load_records({folder});
    benchmark::DoNotOptimize(render(make_leaderboard(loaded.records), Format::html));
  }
  count_memory(state);
}
BENCHMARK(whole_board)->Unit(benchmark::kMillisecond)->UseRealTime()->MeasureProcessCPUTime();

void load(benchmark::State& state) {
  const std::string folder = results().folder();
  for (auto _ : state) benchmark::DoNotOptimize(load_records({folder}));
}
BENCHMARK(load)->Unit(benchmark::kMillisecond)->UseRealTime()->MeasureProcessCPUTime();

// The parts of loading on one thread, for one record.
void parse_text(benchmark::State& state) {
  const std::string text = text_of(1);
  for (auto _ : state) benchmark::DoNotOptimize(parse_json(text, "made up"));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}
BENCHMARK(parse_text)->Unit(benchmark::kMicrosecond);

void validate_document(benchmark::State& state) {
  const json document = made_up(1);
  for (auto _ : state) record_schema().validate(document, "made up");
}
BENCHMARK(validate_document)->Unit(benchmark::kMicrosecond);

// With validation.
void read_document(benchmark::State& state) {
  const json document = made_up(1);
  for (auto _ : state) benchmark::DoNotOptimize(parse_record(document, "made up"));
}
BENCHMARK(read_document)->Unit(benchmark::kMicrosecond);

void make_boards(benchmark::State& state) {
  const std::vector<Record>& read = records();
  for (auto _ : state) benchmark::DoNotOptimize(make_leaderboard(read));
}
BENCHMARK(make_boards)->Unit(benchmark::kMillisecond);

void write_boards(benchmark::State& state, Format format) {
  const Leaderboard leaderboard = make_leaderboard(records());
  for (auto _ : state) benchmark::DoNotOptimize(render(leaderboard, format));
}
BENCHMARK_CAPTURE(write_boards, text, Format::text)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(write_boards, markdown, Format::markdown)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(write_boards, html, Format::html)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(write_boards, csv, Format::csv)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(write_boards, json, Format::json)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(write_boards, latex, Format::latex)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ticketbench

BENCHMARK_MAIN();
