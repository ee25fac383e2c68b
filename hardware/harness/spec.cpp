#include "hardware/harness/spec.hpp"

#include "core/drop_grow.hpp"
#include "core/grouping.hpp"
#include "core/net.hpp"
#include "core/score.hpp"
#include "core/select.hpp"
#include "core/streams.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <stdexcept>

namespace ticketbench {
namespace {

// Of the same kind as a layer's mask: random scores, ranked in each layer.
MaskSet random_mask_of(const Net& net, const RandomSubject& random, const Stream& stream) {
  const bool by_weight = random.structure.kind == StructureKind::unstructured ||
                         random.structure.kind == StructureKind::group;
  if (by_weight) return random_mask(net, random.allocation, random.density, stream.at(0));
  return keep_top_units(random_scores(net, stream.at(0)), random.density, Scope::per_layer,
                        random.structure);
}

}  // namespace

void Measurement::fields(Fields& f) {
  f("batch", batch, {1, 65536}, "images");
  f("threads", threads, {1, 1024}, "numbers of threads, each timed");
  f("device", device, "what computes; of a GPU only layers are timed");
  f("dtype", dtype, "what is multiplied: on a GPU any, on a CPU fp32, beside which bf16 stands");
  f("cache", cache, "whether caches are overwritten before each call");
  f("repetitions", repetitions, {1, 1000}, "of each contender, in random order; 9 for a verdict");
  f("min_seconds", min_seconds, {1e-4, 60}, "of each repetition");
}

void RandomSubject::fields(Fields& f) {
  f("model", model, "the network");
  f("input_size", input_size, {1, 1024}, "edge of the images");
  f("classes", classes, {1, 100000}, "outputs");
  f("stem", stem, "3x3 of stride 1, or 7x7 of stride 2 and a max pool");
  f("prunable", prunable, "what the mask may prune");
  f("density", density, {0, 1}, "fraction of the prunable weights kept");
  f("structure", structure, "which weights are kept or pruned together");
  f("allocation", allocation, "how the density is spread over the layers");
  f("seed", seed, {0, 1e9}, "of weights and mask");
}

void ProbeSpec::fields(Fields& f) {
  random.fields(f);
  f("shape", shape, {0, 1e6}, "in, height, width, out, kernel, stride, padding of a single layer");
  f("map", map, {0, 4096}, "height and width of every layer's input; 0: the network's own");
  f("layers", layers, "times the layers one by one");
  f("network", network, "times the whole network too");
  f("ticket", ticket, "a ticket's file instead of a random mask");
  measurement.fields(f);
}

void check(const ProbeSpec& spec) {
  const auto whole = [](const char* name, const std::vector<double>& values) {
    for (const double value : values) {
      if (value != std::floor(value))
        throw std::invalid_argument(
            fmt::format("/{}: {} found, whole numbers expected", name, value));
    }
  };
  whole("threads", spec.measurement.threads);
  whole("shape", spec.shape);
  if (spec.measurement.threads.empty())
    throw std::invalid_argument("/threads: [] found, at least one number of threads expected");
  if (!spec.shape.empty() && spec.shape.size() != 7) {
    throw std::invalid_argument(
        fmt::format("/shape: {} numbers found, 7 expected: in, height, width, out, kernel, stride, "
                    "padding",
                    spec.shape.size()));
  }
  const bool cpu = spec.measurement.device == ProbeDevice::cpu;
  if (cpu && spec.measurement.dtype != ComputeType::fp32)
    throw std::invalid_argument("/dtype: only a GPU computes in another type than fp32");
  if (!cpu && spec.measurement.cache == CacheState::cold)
    throw std::invalid_argument("/cache: cold found, but only a CPU's caches are overwritten");
  if (!cpu && spec.measurement.threads != std::vector<double>{1})
    throw std::invalid_argument("/threads: a GPU is driven by 1 thread, nothing else expected");
  if (!cpu && !spec.layers)
    throw std::invalid_argument("/layers: false found, but of a GPU only layers are timed");
  if (!spec.layers && (!spec.network || !spec.shape.empty() || spec.map > 0))
    throw std::invalid_argument("/layers: false found, and nothing else to time");
  if (!spec.shape.empty() && !spec.ticket.empty())
    throw std::invalid_argument("/shape: a layer's shape and a ticket found, one of them expected");
  if (!spec.shape.empty() && spec.random.structure.kind == StructureKind::group)
    throw std::invalid_argument("/structure/kind: group found, but only a network has groups");
}

Subject subject_of(const RandomSubject& random) {
  const Architecture architecture =
      make_architecture(random.model, {.input = {3, random.input_size, random.input_size},
                                       .classes = random.classes,
                                       .stem = random.stem});
  Net net(architecture, prunable_names(architecture, random.prunable), torch::kCPU);
  const auto seed = static_cast<uint64_t>(random.seed);
  initialise(net, Stream(seed, "init"), Initialisation::kaiming_fan_in, NormScale::one);
  Subject subject{.architecture = architecture,
                  .state = {},
                  .mask = random_mask_of(net, random, Stream(seed, "mask")),
                  .structure = random.structure,
                  .extra = {}};
  if (random.structure.kind == StructureKind::group) {
    Regrouped found = regrouped(subject.mask, {}, Stream(seed, "partition").at(0));
    subject.mask = found.mask;
    subject.extra = found.blocks;
  }
  apply_mask(net, subject.mask);
  subject.state = net.snapshot();
  return subject;
}

Problem problem_of(const ProbeSpec& spec) {
  check(spec);
  const auto at = [&](size_t i) { return static_cast<int64_t>(spec.shape[i]); };
  const kernels::ConvShape shape{.batch = spec.measurement.batch,
                                 .in = at(0),
                                 .out = at(3),
                                 .height = at(1),
                                 .width = at(2),
                                 .kernel = at(4),
                                 .stride = at(5),
                                 .padding = at(6)};
  kernels::check(shape);
  // A network of this one layer, so that its mask is made as a network's is.
  Architecture single;
  single.model = "layer";
  single.input = {shape.in, shape.height, shape.width};
  single.stem = {.conv = {.name = "conv",
                          .in = shape.in,
                          .out = shape.out,
                          .kernel = shape.kernel,
                          .stride = shape.stride,
                          .padding = shape.padding},
                 .norm = "",
                 .relu = false};
  single.classifier = {{.name = "fc", .in = 1, .out = 1}};
  Net net(single, {"conv.weight"}, torch::kCPU);
  const auto seed = static_cast<uint64_t>(spec.random.seed);
  initialise(net, Stream(seed, "init"), Initialisation::kaiming_fan_in, NormScale::one);
  const MaskSet mask = random_mask_of(net, spec.random, Stream(seed, "mask"));
  return problem_of(kernels::to_string(shape), shape, net.parameters().at("conv.weight"),
                    mask.at("conv.weight"), spec.random.structure);
}

}  // namespace ticketbench
