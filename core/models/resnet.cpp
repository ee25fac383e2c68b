// ResNet-18, -26, -34 (basic blocks) and -50 (bottlenecks, the stride on the 3x3 as in
// torchvision). He, Zhang, Ren, Sun. CVPR 2016, arXiv:1512.03385, table 1; ResNet-26 as in Chen et
// al., arXiv:2103.16547, section 4.

#include "core/model.hpp"

#include <fmt/format.h>

#include <map>

namespace ticketbench {
namespace {

struct Plan {
  std::vector<int64_t> blocks;
  bool bottleneck;
};

const std::map<std::string, Plan>& plans() {
  static const std::map<std::string, Plan> kPlans{{"resnet18", {{2, 2, 2, 2}, false}},
                                                  {"resnet26", {{2, 3, 4, 3}, false}},
                                                  {"resnet34", {{3, 4, 6, 3}, false}},
                                                  {"resnet50", {{3, 4, 6, 3}, true}}};
  return kPlans;
}

std::vector<std::string> resnet_names() {
  std::vector<std::string> names;
  for (const auto& [name, plan] : plans()) names.push_back(name);
  return names;
}

Architecture resnet(const std::string& name, const ModelOptions& options) {
  const Plan& plan = plans().at(name);
  Architecture a{.model = name,
                 .input = options.input,
                 .stem = {{"conv1", options.input.channels, 64}, "bn1"}};
  if (options.stem == Stem::imagenet) {
    a.stem.conv = {"conv1", options.input.channels, 64, 7, 2, 3};
    a.stem_pool = true;
  }
  const int64_t expansion = plan.bottleneck ? 4 : 1;
  int64_t in = 64;
  for (size_t stage = 0; stage < plan.blocks.size(); ++stage) {
    const int64_t width = int64_t{64} << stage;
    const int64_t out = width * expansion;
    Stage& s = a.stages.emplace_back();
    for (int64_t index = 0; index < plan.blocks[stage]; ++index) {
      const int64_t stride = stage > 0 && index == 0 ? 2 : 1;
      Block& block = s.blocks.emplace_back();
      block.name = fmt::format("layer{}.{}", stage + 1, index);
      const std::string p = block.name + ".";
      if (plan.bottleneck) {
        block.body = {{{p + "conv1", in, width, 1, 1, 0}, p + "bn1"},
                      {{p + "conv2", width, width, 3, stride, 1}, p + "bn2"},
                      {{p + "conv3", width, out, 1, 1, 0}, p + "bn3", false}};
      } else {
        block.body = {{{p + "conv1", in, width, 3, stride, 1}, p + "bn1"},
                      {{p + "conv2", width, out, 3, 1, 1}, p + "bn2", false}};
      }
      block.shortcut = in == out && stride == 1 ? Shortcut::identity : Shortcut::projection;
      if (block.shortcut == Shortcut::projection) {
        block.projection =
            ConvUnit{{p + "downsample.0", in, out, 1, stride, 0}, p + "downsample.1", false};
      }
      in = out;
    }
  }
  a.classifier = {{"fc", in, options.classes}};
  return a;
}

TICKETBENCH_REGISTER_MODEL(resnet_names(), "ResNet with torchvision's parameter names", resnet);

}  // namespace
}  // namespace ticketbench
