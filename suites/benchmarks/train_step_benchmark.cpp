// What the harness costs: one training step of ResNet-20 at batch 128 through the trainer, with its
// augmentation, prefetching, masks and statistics, beside the barest LibTorch loop over one fixed
// batch. Also the selection of 25 M weights. Run interleaved:
// --benchmark_enable_random_interleaving=true --benchmark_repetitions=9

#include "core/model.hpp"
#include "core/score.hpp"
#include "core/select.hpp"
#include "core/streams.hpp"
#include "suites/harness/trainer.hpp"
#include "suites/machine.hpp"

#include <benchmark/benchmark.h>
#include <torch/nn.h>
#include <torch/optim/sgd.h>

namespace ticketbench {
namespace {

constexpr int64_t kBatch = 128;
constexpr int64_t kSteps = 4;  // in one timed iteration

NetPtr resnet20() {
  const Architecture architecture = make_architecture("resnet20", {});
  auto net = std::make_shared<Net>(architecture, prunable_names(architecture, {}), torch::kCPU);
  initialise(*net, Stream(1, "init"), Initialisation::kaiming_fan_out, NormScale::one);
  return net;
}

// The same network by LibTorch's own modules, nothing else around it.
struct BareBlock : torch::nn::Module {
  BareBlock(int64_t in, int64_t out, int64_t stride)
      : conv1(register_module(
            "conv1",
            torch::nn::Conv2d(
                torch::nn::Conv2dOptions(in, out, 3).stride(stride).padding(1).bias(false)))),
        conv2(register_module(
            "conv2",
            torch::nn::Conv2d(torch::nn::Conv2dOptions(out, out, 3).padding(1).bias(false)))),
        bn1(register_module("bn1", torch::nn::BatchNorm2d(out))),
        bn2(register_module("bn2", torch::nn::BatchNorm2d(out))) {
    if (in != out) {
      projection = register_module(
          "projection",
          torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 1).stride(stride).bias(false)));
      norm = register_module("norm", torch::nn::BatchNorm2d(out));
    }
  }
  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor y = bn2(conv2(bn1(conv1(x)).relu_()));
    return (y + (projection ? norm(projection(x)) : x)).relu_();
  }
  torch::nn::Conv2d conv1, conv2;
  torch::nn::BatchNorm2d bn1, bn2;
  torch::nn::Conv2d projection{nullptr};
  torch::nn::BatchNorm2d norm{nullptr};
};

struct BareNet : torch::nn::Module {
  BareNet() {
    int64_t in = 16;
    for (const int64_t out : {16, 32, 64}) {
      for (int block = 0; block < 3; ++block) {
        body->push_back(std::make_shared<BareBlock>(in, out, in != out ? 2 : 1));
        in = out;
      }
    }
    register_module("stem", stem);
    register_module("bn", bn);
    register_module("body", body);
    register_module("fc", fc);
    to(torch::kCPU);
    for (torch::Tensor& p : parameters()) {
      if (p.dim() == 4) p.set_data(p.contiguous(torch::MemoryFormat::ChannelsLast));
    }
  }
  torch::Tensor forward(const torch::Tensor& x) {
    return fc(body->forward(bn(stem(x)).relu_()).mean({2, 3}));
  }
  torch::nn::Conv2d stem{torch::nn::Conv2dOptions(3, 16, 3).padding(1).bias(false)};
  torch::nn::BatchNorm2d bn{16};
  torch::nn::Sequential body;
  torch::nn::Linear fc{64, 10};
};

void barest_loop(benchmark::State& state) {
  BareNet net;
  torch::optim::SGD sgd(net.parameters(),
                        torch::optim::SGDOptions(0.1).momentum(0.9).weight_decay(5e-4));
  const torch::Tensor images = torch::arange(kBatch * 3 * 32 * 32)
                                   .remainder(251)
                                   .div(251)
                                   .view({kBatch, 3, 32, 32})
                                   .contiguous(torch::MemoryFormat::ChannelsLast);
  const torch::Tensor labels = torch::arange(kBatch).remainder(10);
  for (auto _ : state) {
    for (int64_t i = 0; i < kSteps; ++i) {
      sgd.zero_grad();
      torch::cross_entropy_loss(net.forward(images), labels).backward();
      sgd.step();
    }
  }
  state.SetItemsProcessed(state.iterations() * kSteps * kBatch);
}
BENCHMARK(barest_loop)->Unit(benchmark::kMillisecond)->MinTime(4)->UseRealTime();

void trainer(benchmark::State& state, double density) {
  const DatasetCard& card = find_dataset("synthetic");
  static const Dataset dataset = card.load(card, "");
  Recipe recipe{.name = "benchmark"};
  recipe.phases["train"].length = {1e6, Duration::Unit::iterations};
  recipe.phases["train"].schedule.kind = RateKind::constant;
  const NetPtr net = resnet20();
  MaskSet mask = MaskSet::ones(*net);
  if (density < 1) mask = keep_top(magnitude(*net), density, Scope::global, mask);
  Session session;
  session.phase = "train";
  Spent spent;
  const TrainerOptions options{.recipe = &recipe,
                               .phase = &recipe.phases["train"],
                               .loader = {.images = dataset.train,
                                          .mean = card.mean,
                                          .deviation = card.deviation,
                                          .batch_size = kBatch},
                               .order = Stream(1, "order"),
                               .augment = Stream(1, "augment")};
  const Hooks hooks;
  Trainer trainer(options, *net, mask, hooks, session, spent);
  nlohmann::json epochs = nlohmann::json::array();
  for (auto _ : state) trainer.run(session.next + kSteps, epochs);
  state.SetItemsProcessed(state.iterations() * kSteps * kBatch);
  state.counters["waiting"] = spent.wait_seconds / spent.train_seconds;
}
BENCHMARK_CAPTURE(trainer, dense, 1.0)->Unit(benchmark::kMillisecond)->MinTime(4)->UseRealTime();
BENCHMARK_CAPTURE(trainer, masked, 0.1)->Unit(benchmark::kMillisecond)->MinTime(4)->UseRealTime();

// ResNet-50's prunable weights ranked all together.
void select_resnet50(benchmark::State& state) {
  const Architecture architecture = make_architecture(
      "resnet50", {.input = {3, 224, 224}, .classes = 1000, .stem = Stem::imagenet});
  Net net(architecture, prunable_names(architecture, {.classifier = true}), torch::kCPU);
  initialise(net, Stream(1, "init"), Initialisation::kaiming_fan_out, NormScale::one);
  const ScoreMap scores = magnitude(net);
  const MaskSet ones = MaskSet::ones(net);
  for (auto _ : state) benchmark::DoNotOptimize(keep_top(scores, 0.2, Scope::global, ones));
}
BENCHMARK(select_resnet50)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace ticketbench

int main(int argc, char** argv) {
  ticketbench::keep_freed_memory();  // as the program does, for both contenders
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
