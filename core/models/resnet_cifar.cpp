// CIFAR ResNets of depth 6n + 2: three stages of n basic blocks, 16, 32 and 64 channels.
// He, Zhang, Ren, Sun. CVPR 2016, arXiv:1512.03385, section 4.2.
// `resnet20` has 1x1 projection shortcuts where the width changes, `resnet20s` parameter-free ones
// (option A).

#include "core/model.hpp"

#include <fmt/format.h>

namespace ticketbench {
namespace {

const std::vector<int64_t> kDepths{8, 14, 20, 32, 44, 56, 110};

std::vector<std::string> cifar_names() {
  std::vector<std::string> names;
  for (const int64_t depth : kDepths) {
    names.push_back(fmt::format("resnet{}", depth));
    names.push_back(fmt::format("resnet{}s", depth));
  }
  return names;
}

ConvUnit conv3x3(const std::string& prefix, int index, int64_t in, int64_t out, int64_t stride) {
  return {{fmt::format("{}conv{}", prefix, index), in, out, 3, stride, 1},
          fmt::format("{}bn{}", prefix, index)};
}

Architecture resnet_cifar(const std::string& name, const ModelOptions& options) {
  const bool option_a = name.back() == 's';
  const int64_t blocks = (std::stoll(name.substr(std::string("resnet").size())) - 2) / 6;

  Architecture a{
      .model = name, .input = options.input, .stem = conv3x3("", 1, options.input.channels, 16, 1)};
  if (options.stem == Stem::imagenet) {
    a.stem.conv = {"conv1", options.input.channels, 16, 7, 2, 3};
    a.stem_pool = true;
  }
  int64_t in = 16;
  for (int stage = 0; stage < 3; ++stage) {
    const int64_t out = int64_t{16} << stage;
    Stage& s = a.stages.emplace_back();
    for (int64_t index = 0; index < blocks; ++index) {
      const int64_t stride = stage > 0 && index == 0 ? 2 : 1;
      const std::string prefix = fmt::format("layer{}.{}.", stage + 1, index);
      Block& block = s.blocks.emplace_back();
      block.name = fmt::format("layer{}.{}", stage + 1, index);
      block.body = {conv3x3(prefix, 1, in, out, stride), conv3x3(prefix, 2, out, out, 1)};
      block.body.back().relu = false;
      block.shortcut = in == out  ? Shortcut::identity
                       : option_a ? Shortcut::pad
                                  : Shortcut::projection;
      if (block.shortcut == Shortcut::projection) {
        block.projection = ConvUnit{
            {prefix + "downsample.0", in, out, 1, stride, 0}, prefix + "downsample.1", false};
      }
      in = out;
    }
  }
  a.classifier = {{"fc", in, options.classes}};
  return a;
}

TICKETBENCH_REGISTER_MODEL(cifar_names(), "CIFAR ResNet; the suffix s: parameter-free shortcuts",
                           resnet_cifar);

}  // namespace
}  // namespace ticketbench
