// Whole networks timed against each other.

#include "core/fold.hpp"
#include "core/net.hpp"
#include "core/slim.hpp"
#include "core/streams.hpp"
#include "hardware/harness/prober.hpp"
#include "hardware/harness/sparse_network.hpp"
#include "hardware/kernels/reference.hpp"

#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <memory>
#include <stdexcept>

namespace ticketbench {
namespace {

using torch::Tensor;

Tensor random_images(const InputShape& input, int64_t batch) {
  Rng rng = Stream(0, "probe images").at(0);
  Tensor images = torch::empty({batch, input.channels, input.height, input.width});
  float* values = images.mutable_data_ptr<float>();
  for (int64_t i = 0; i < images.numel(); ++i) values[i] = static_cast<float>(rng.normal());
  return images;
}

// One way of computing the logits.
struct Way {
  Contender contender;
  std::function<Tensor()> call;
};

Contender contender(const std::string& name, ContenderRole role, const std::string& dtype,
                    const std::string& layout) {
  return {.probe = name,
          .role = role,
          .dtype = dtype,
          .layout = layout,
          .seconds = {},
          .pack_seconds = std::nullopt,
          .error = std::nullopt,
          .problem = ""};
}

Way libtorch(const std::string& name, ContenderRole role, const Architecture& architecture,
             const State& state, const Tensor& images, torch::ScalarType dtype) {
  auto float_net = std::make_shared<Net>(architecture, std::vector<std::string>{}, torch::kCPU);
  float_net->load(state);
  NetPtr net = dtype == torch::kFloat32 ? float_net : float_net->clone(dtype);
  const Tensor input = images.to(dtype).contiguous(torch::MemoryFormat::ChannelsLast);
  return {contender(name, role, dtype == torch::kFloat32 ? "fp32" : "bf16", "NHWC"), [net, input] {
            const c10::InferenceMode inference;
            return net->forward(input, BnMode::eval);
          }};
}

std::vector<Way> ways_of(const Subject& subject, const Tensor& images, kernels::ThreadPool& pool) {
  std::vector<Way> ways;
  ways.push_back(libtorch("libtorch", ContenderRole::dense, subject.architecture, subject.state,
                          images, torch::kFloat32));
  const FoldedNet net = folded(subject.architecture, subject.state);
  ways.push_back(libtorch("libtorch_folded", ContenderRole::dense, net.architecture, net.state,
                          images, torch::kFloat32));
  ways.push_back(libtorch("libtorch_folded_bf16", ContenderRole::dense, net.architecture, net.state,
                          images, torch::kBFloat16));
  if (subject.structure.kind == StructureKind::filter) {
    const SlimNet slim = slimmed(subject.architecture, subject.mask, subject.state);
    const FoldedNet smaller = folded(slim.architecture, slim.state);
    ways.push_back(libtorch("libtorch_slim", ContenderRole::sparse, smaller.architecture,
                            smaller.state, images, torch::kFloat32));
  }
  Way ours{contender("sparse_network", ContenderRole::sparse, "fp32", "N16CHW16"), {}};
  try {
    auto network = std::make_shared<SparseNetwork>(subject, images.size(0), pool);
    ours.contender.pack_seconds = network->pack_seconds();
    ours.call = [network, images] { return network->forward(images); };
  } catch (const std::invalid_argument& error) {
    ours.contender.problem = error.what();
  }
  ways.push_back(std::move(ours));
  return ways;
}

double error_of(const Tensor& found, const Tensor& expected) {
  const Tensor a = found.to(torch::kFloat32).contiguous();
  return kernels::relative_error(floats_of(a), floats_of(expected));
}

}  // namespace

TimedRow time_network(const Subject& subject, const Measurement& measurement,
                      kernels::ThreadPool& pool, const std::regex& filter) {
  const Tensor images = random_images(subject.architecture.input, measurement.batch);
  double kept_flops = 0;
  int64_t weights = 0;
  int64_t prunable = 0;
  for (const LayerShape& layer : layers(subject.architecture)) {
    const int64_t kept = subject.mask.contains(layer.weight)
                             ? subject.mask.at(layer.weight).sum().item<int64_t>()
                             : layer.numel();
    kept_flops += 2 * static_cast<double>(kept * layer.output_positions * measurement.batch);
    weights += layer.numel();
    prunable += subject.mask.contains(layer.weight) ? layer.numel() : 0;
  }
  TimedRow timed;
  timed.row = {
      .name = subject.architecture.model,
      .kind = "network",
      .what = fmt::format("{} images of {} x {} x {}", measurement.batch, images.size(1),
                          images.size(2), images.size(3)),
      .structure = to_string(subject.structure.kind),
      .total = prunable,
      .kept = subject.mask.kept(),
      .dense_flops = 2 * static_cast<double>(mac_count(subject.architecture) * measurement.batch),
      .kept_flops = kept_flops,
      .bytes = 4 * static_cast<double>(images.numel() + weights +
                                       measurement.batch * subject.architecture.classes()),
      .batch = measurement.batch,
      .threads = pool.size(),
      .copies = 1,
      .cache = to_string(measurement.cache),
      .contenders = {}};
  std::vector<Way> ways = ways_of(subject, images, pool);
  const Tensor expected = ways.front().call().clone();
  std::vector<TimedCall> calls;
  std::vector<size_t> places;
  for (Way& way : ways) {
    Contender& one = way.contender;
    if (!std::regex_search(one.probe, filter)) continue;
    if (one.problem.empty()) {
      one.error = error_of(way.call(), expected);
      if (one.dtype != "fp32" || *one.error <= ProbeRules{}.largest_error("fp32")) {
        places.push_back(timed.row.contenders.size());
        calls.push_back({fmt::format("{}/{}/batch:{}/threads:{}", timed.row.name, one.probe,
                                     measurement.batch, pool.size()),
                         [&way] { (void)way.call(); }});
      }
    }
    timed.row.contenders.push_back(one);
  }
  time_contenders(timed, calls, places, measurement);
  return timed;
}

}  // namespace ticketbench
