// Our kernels beside LibTorch's dense convolution (oneDNN; the fastest of channels-last, NCHW and
// oneDNN's own blocked layout) on 3x3 layers of ResNet-20, -18 and -50: dense time / ours, and in
// brackets the fraction of the machine's peak; for groups the fraction of dense time x density.
// Medians of interleaved repetitions with warm caches, of processor time for one thread and of wall
// time for more. Each of ours is the fastest of its plans in a short trial.
//
// usage: kernels_benchmark [--shapes=REGEX] [--threads=N] [--batch=N] [--sets=all]
//                          [--benchmark_repetitions=9]

#include "hardware/kernels/cpu/peak.hpp"
#include "hardware/kernels/cpu/run.hpp"
#include "hardware/kernels/cpu/single.hpp"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <malloc.h>
#include <map>
#include <numeric>
#include <random>
#include <regex>
#include <string>
#include <vector>

namespace ticketbench::kernels {
namespace {

constexpr double kDensities[] = {0.65, 0.5, 0.2, 0.1, 0.05, 0.02};

constexpr int64_t kIterations = 2;
constexpr double kGroupDensity = 0.35;  // of Regroup's tickets, about
constexpr int64_t kGroupRows = 32;

struct Case {
  std::string name;
  ConvShape shape;
};

const std::vector<Case> kCases = {
    {"resnet20 16@32", {128, 16, 16, 32, 32, 3, 1, 1}},
    {"resnet20 32@16", {128, 32, 32, 16, 16, 3, 1, 1}},
    {"resnet20 64@8", {128, 64, 64, 8, 8, 3, 1, 1}},
    {"resnet20 16->32 /2", {128, 16, 32, 32, 32, 3, 2, 1}},
    {"resnet20 32->64 /2", {128, 32, 64, 16, 16, 3, 2, 1}},
    {"resnet18 64@32", {128, 64, 64, 32, 32, 3, 1, 1}},
    {"resnet18 128@16", {128, 128, 128, 16, 16, 3, 1, 1}},
    {"resnet18 256@8", {128, 256, 256, 8, 8, 3, 1, 1}},
    {"resnet18 512@4", {128, 512, 512, 4, 4, 3, 1, 1}},
    {"resnet18 64->128 /2", {128, 64, 128, 32, 32, 3, 2, 1}},
    {"resnet18 128->256 /2", {128, 128, 256, 16, 16, 3, 2, 1}},
    {"resnet18 256->512 /2", {128, 256, 512, 8, 8, 3, 2, 1}},
    {"resnet50 64@56", {64, 64, 64, 56, 56, 3, 1, 1}},
    {"resnet50 128@28", {64, 128, 128, 28, 28, 3, 1, 1}},
    {"resnet50 256@14", {64, 256, 256, 14, 14, 3, 1, 1}},
    {"resnet50 512@7", {64, 512, 512, 7, 7, 3, 1, 1}},
    {"resnet50 128@56 /2", {64, 128, 128, 56, 56, 3, 2, 1}},
    {"resnet50 256@28 /2", {64, 256, 256, 28, 28, 3, 2, 1}},
    {"resnet50 512@14 /2", {64, 512, 512, 14, 14, 3, 2, 1}},
};

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

enum class Structure { rows, groups, dense };

// A layer of ours with random weights and mask, and the memory it works in.
class Contender {
 public:
  Contender(const ConvShape& shape, Structure structure, double density, InstructionSet set,
            ThreadPool& pool)
      : shape_(shape),
        pool_(pool),
        plain_(static_cast<std::size_t>(shape.input_size())),
        plain_output_(static_cast<std::size_t>(shape.output_size())),
        input_({shape.batch, shape.in, shape.height, shape.width, shape.padding}),
        output_({shape.batch, shape.out, shape.out_height(), shape.out_width(), 1}) {
    std::mt19937 generator(1);
    std::normal_distribution<float> normal;
    std::bernoulli_distribution keep(density);
    std::vector<float> weights(static_cast<std::size_t>(shape.weights()));
    std::vector<uint8_t> mask(weights.size());
    for (float& w : weights) w = normal(generator) * 0.1F;
    for (uint8_t& m : mask) m = keep(generator) ? 1 : 0;
    for (float& x : plain_) x = normal(generator);
    to_blocked(plain_, Order::nchw, input_.view());
    // Whole rows in groups, each with columns of its own.
    std::vector<DenseBlock> blocks;
    const int64_t rows = structure == Structure::groups ? kGroupRows : shape.out;
    for (int64_t first = 0; first < shape.out; first += rows) {
      DenseBlock block;
      for (int64_t row = first; row < std::min(first + rows, shape.out); ++row)
        block.rows.push_back(row);
      for (int64_t column = 0; column < shape.columns(); ++column) {
        if (keep(generator)) block.columns.push_back(column);
      }
      blocks.push_back(std::move(block));
    }

    double best = 1e30;
    const Packing packing = structure == Structure::rows ? Packing::rows : Packing::panels;
    for (const Plan& plan : plans(shape, packing, density, set, arrangement_for(shape.batch))) {
      PackedConv packed = packing == Packing::rows
                              ? pack_rows(shape, weights, mask, shape.padding, plan)
                              : pack_blocks(shape, weights, blocks, shape.padding, plan);
      std::swap(packed_, packed);
      run_once();
      double seconds = seconds_of([&] { run_once(); });
      seconds = std::min(seconds, seconds_of([&] { run_once(); }));
      if (seconds < best) {
        best = seconds;
      } else {
        std::swap(packed_, packed);
      }
    }
  }

  void run_once() {
    if (packed_.plan.arrangement == Arrangement::images) {
      run(packed_, input_.view(), output_.view(), {}, pool_);
    } else {
      run_single(packed_, shape_.batch, plain_, plain_output_, {}, pool_);
    }
  }
  [[nodiscard]] const Plan& plan() const { return packed_.plan; }
  [[nodiscard]] double density() const {
    return static_cast<double>(packed_.kept) / static_cast<double>(shape_.weights());
  }
  [[nodiscard]] double flops() const {
    return 2.0 * static_cast<double>(packed_.kept) *
           static_cast<double>(shape_.batch * shape_.out_height() * shape_.out_width());
  }

 private:
  ConvShape shape_;
  ThreadPool& pool_;
  std::vector<float> plain_;
  std::vector<float> plain_output_;
  BlockedTensor input_;
  BlockedTensor output_;
  PackedConv packed_;
};

class Collector : public benchmark::BenchmarkReporter {
 public:
  explicit Collector(int64_t threads) : threads_(threads) {}
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type == Run::RT_Iteration)
        seconds_[run.run_name.function_name].push_back(
            (threads_ == 1 ? run.cpu_accumulated_time : run.real_accumulated_time) /
            static_cast<double>(run.iterations));
    }
  }
  double median(const std::string& name) {
    std::vector<double>& all = seconds_[name];
    std::sort(all.begin(), all.end());
    return all.empty() ? 0 : all[all.size() / 2];
  }

 private:
  int64_t threads_;
  std::map<std::string, std::vector<double>> seconds_;
};

void add(const std::string& name, const std::function<void()>& work) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [work](benchmark::State& state) {
                                 work();  // warm: the caches hold what this contender left there
                                 for (auto _ : state) work();
                               })
      ->Iterations(kIterations)
      ->UseRealTime();
}

void compare(const Case& item, InstructionSet set, int64_t threads, double peak,
             std::vector<double>* ratios) {
  const c10::InferenceMode no_gradients;
  const ConvShape& s = item.shape;
  ThreadPool pool(threads);
  const at::Generator generator = at::detail::createCPUGenerator(1);
  const at::Tensor x = at::randn({s.batch, s.in, s.height, s.width}, generator);
  const at::Tensor w = at::randn({s.out, s.in, s.kernel, s.kernel}, generator);
  const at::Tensor last = x.contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor w_last = w.contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor blocked = x.to_mkldnn();
  const at::Tensor w_blocked = at::mkldnn_reorder_conv2d_weight(
      w.to_mkldnn(), {s.padding, s.padding}, {s.stride, s.stride}, {1, 1}, 1);
  const auto conv = [s](const at::Tensor& input, const at::Tensor& weight) {
    benchmark::DoNotOptimize(
        at::conv2d(input, weight, {}, {s.stride, s.stride}, {s.padding, s.padding}));
  };
  add("nchw", [=] { conv(x, w); });
  add("channels-last", [=] { conv(last, w_last); });
  add("blocked", [=] { conv(blocked, w_blocked); });

  std::map<std::string, Contender> ours;
  ours.try_emplace("dense", s, Structure::dense, 1.0, set, pool);
  ours.try_emplace("groups", s, Structure::groups, kGroupDensity, set, pool);
  for (const double density : kDensities)
    ours.try_emplace(fmt::format("{:g}", density), s, Structure::rows, density, set, pool);
  for (auto& [name, contender] : ours) {
    Contender* each = &contender;
    add(name, [each] { each->run_once(); });
  }

  Collector collector(threads);
  benchmark::RunSpecifiedBenchmarks(&collector);
  benchmark::ClearRegisteredBenchmarks();

  std::string fastest = "nchw";
  for (const char* name : {"channels-last", "blocked"}) {
    if (collector.median(name) < collector.median(fastest)) fastest = name;
  }
  const double dense = collector.median(fastest);
  const double work = 2.0 * static_cast<double>(s.dense_macs());
  std::string line = fmt::format("{:<21} {:>6.2f} ms {:>4.2f} {:<13}", item.name, dense * 1e3,
                                 work / dense / peak, fastest);
  std::string used;
  std::size_t column = 0;
  const auto show = [&](const std::string& name) {
    const double seconds = collector.median(name);
    const Contender& contender = ours.at(name);
    const double fraction = name == "groups" ? dense * contender.density() / seconds
                                             : contender.flops() / seconds / peak;
    line += fmt::format(" {:>5.2f} ({:.2f})", dense / seconds, fraction);
    used += fmt::format(" {}x{}/{}{}", contender.plan().tile_height, contender.plan().tile_width,
                        contender.plan().channel_block, contender.plan().skip_border ? "s" : "");
    ratios[column++].push_back(dense / seconds);
  };
  show("dense");
  show("groups");
  for (const double density : kDensities) show(fmt::format("{:g}", density));
  fmt::print("{}  {}\n", line, used);
  std::fflush(stdout);
}

void run_all(const std::regex& shapes, int64_t threads, int64_t batch, InstructionSet set) {
  at::set_num_threads(static_cast<int>(threads));
  const double peak = peak_flops(set) * static_cast<double>(threads);
  fmt::print("\n{}, {} threads, FMA peak {:.0f} GFLOP/s\n", name(set), threads, peak / 1e9);
  fmt::print("{:<21} {:>9} peak {:<13} dense (peak) group (ideal)", "shape", "dense", "");
  for (const double density : kDensities) fmt::print(" {:>5} (peak)", density);
  fmt::print("  plans\n");
  std::vector<std::vector<double>> ratios(std::size(kDensities) + 2);
  for (Case item : kCases) {
    if (batch > 0) item.shape.batch = batch;
    if (std::regex_search(item.name, shapes)) compare(item, set, threads, peak, ratios.data());
  }
  for (const char* what : {"median", "least"}) {
    fmt::print("{:<50}", what);
    for (std::vector<double>& column : ratios) {
      if (column.empty()) continue;
      std::sort(column.begin(), column.end());
      fmt::print(" {:>5.2f}       ", what[0] == 'm' ? column[column.size() / 2] : column[0]);
    }
    fmt::print("\n");
  }
}

}  // namespace
}  // namespace ticketbench::kernels

int main(int argc, char** argv) {
  using namespace ticketbench::kernels;
  // As suites/machine.cpp does, so that dense temporaries cost no page faults.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  // LibTorch's own switch for large pages, which our tensors have too.
  setenv("THP_MEM_ALLOC_ENABLE", "1", 1);
  std::string shapes = ".";
  std::vector<int64_t> threads{1, 2};
  bool all_sets = false;
  int64_t batch = 0;
  std::vector<std::string> arguments{argv[0], "--benchmark_repetitions=9",
                                     "--benchmark_enable_random_interleaving=true"};
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.starts_with("--shapes=")) {
      shapes = argument.substr(9);
    } else if (argument.starts_with("--threads=")) {
      threads = {std::stoll(argument.substr(10))};
    } else if (argument.starts_with("--batch=")) {
      batch = std::stoll(argument.substr(8));
    } else if (argument == "--sets=all") {
      all_sets = true;
    } else {
      arguments.push_back(argument);
    }
  }
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  int count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
  if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) return 2;
  for (const int64_t n : threads) {
    for (const InstructionSet set : instruction_sets()) {
      if (all_sets || set == best_instruction_set()) run_all(std::regex(shapes), n, batch, set);
    }
  }
  return 0;
}
