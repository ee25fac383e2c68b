// ResNets for small images, of depth 6n + 2: three stages of n basic blocks.
// `resnet20`: 16, 32 and 64 channels, 1x1 projection shortcuts where the width changes;
// `resnet20s`: parameter-free ones (option A). He, Zhang, Ren, Sun. CVPR 2016, arXiv:1512.03385,
// section 4.2. `wrn32_2`: twice as wide, stem included, with projections, norms behind the
// convolutions. Zagoruyko, Komodakis. BMVC 2016, arXiv:1605.07146, in the form of Ma et al.,
// arXiv:2107.00166.

#include "core/model.hpp"

#include <fmt/format.h>

namespace ticketbench {
namespace {

std::vector<std::string> cifar_names() {
  std::vector<std::string> names;
  for (const int64_t depth : {8, 14, 20, 32, 44, 56, 110}) {
    names.push_back(fmt::format("resnet{}", depth));
    names.push_back(fmt::format("resnet{}s", depth));
  }
  return names;
}

std::vector<std::string> wide_names() {
  std::vector<std::string> names;
  for (const int64_t depth : {20, 26, 32, 38, 44, 56}) {
    for (const int64_t width : {1, 2, 4, 8, 10})
      names.push_back(fmt::format("wrn{}_{}", depth, width));
  }
  return names;
}

ConvUnit conv3x3(const std::string& prefix, int index, int64_t in, int64_t out, int64_t stride) {
  return {{fmt::format("{}conv{}", prefix, index), in, out, 3, stride, 1},
          fmt::format("{}bn{}", prefix, index)};
}

// Of `depth` layers, the first stage `base` channels wide.
Architecture three_stages(const std::string& name, int64_t depth, int64_t base, bool option_a,
                          const ModelOptions& options) {
  Architecture a{.model = name,
                 .input = options.input,
                 .stem = conv3x3("", 1, options.input.channels, base, 1)};
  if (options.stem == Stem::imagenet) {
    a.stem.conv = {"conv1", options.input.channels, base, 7, 2, 3};
    a.stem_pool = true;
  }
  int64_t in = base;
  for (int stage = 0; stage < 3; ++stage) {
    const int64_t out = base << stage;
    Stage& s = a.stages.emplace_back();
    for (int64_t index = 0; index < (depth - 2) / 6; ++index) {
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

Architecture resnet_cifar(const std::string& name, const ModelOptions& options) {
  const int64_t depth = std::stoll(name.substr(std::string("resnet").size()));
  return three_stages(name, depth, 16, name.back() == 's', options);
}

Architecture wide_resnet(const std::string& name, const ModelOptions& options) {
  const size_t bar = name.find('_');
  const int64_t depth = std::stoll(name.substr(3, bar - 3));
  return three_stages(name, depth, 16 * std::stoll(name.substr(bar + 1)), false, options);
}

TICKETBENCH_REGISTER_MODEL(cifar_names(), "CIFAR ResNet; the suffix s: parameter-free shortcuts",
                           resnet_cifar);
TICKETBENCH_REGISTER_MODEL(wide_names(), "wide ResNet for small images: wrn<depth>_<width>",
                           wide_resnet);

}  // namespace
}  // namespace ticketbench
