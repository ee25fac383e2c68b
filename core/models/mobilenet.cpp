// MobileNet-v1: thirteen pairs of a depthwise 3x3 and a pointwise 1x1 convolution.
// Howard et al. 2017, arXiv:1704.04861, table 1. With the CIFAR stem no stride before the second
// stage of widths.

#include "core/model.hpp"

#include <fmt/format.h>

namespace ticketbench {
namespace {

struct Pair {
  int64_t out;
  int64_t stride;
};

Architecture mobilenet(const std::string& name, const ModelOptions& options) {
  constexpr Pair kPairs[] = {{64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1},  {512, 2}, {512, 1},
                             {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}};
  const int64_t first = options.stem == Stem::imagenet ? 2 : 1;
  Architecture a{.model = name,
                 .input = options.input,
                 .stem = {{"conv1", options.input.channels, 32, 3, first, 1}, "bn1"}};
  Stage& stage = a.stages.emplace_back();
  int64_t in = 32;
  int64_t index = 0;
  for (const Pair& pair : kPairs) {
    Block& block = stage.blocks.emplace_back();
    block.name = fmt::format("layers.{}", index++);
    const std::string p = block.name + ".";
    block.body = {{{p + "conv1", in, in, 3, pair.stride, 1, in}, p + "bn1"},
                  {{p + "conv2", in, pair.out, 1, 1, 0}, p + "bn2"}};
    in = pair.out;
  }
  a.classifier = {{"fc", in, options.classes}};
  return a;
}

const std::vector<std::string> kNames{"mobilenet_v1"};
TICKETBENCH_REGISTER_MODEL(kNames, "MobileNet-v1", mobilenet);

}  // namespace
}  // namespace ticketbench
