// VGG with batch norm for small images: thirteen to nineteen layers, of which all but the last are
// convolutions; one fully connected layer. Simonyan, Zisserman. ICLR 2015, arXiv:1409.1556, table 1
// (B, D, E), the classifier as in Liu et al., arXiv:1708.06519.
// `vgg13_fcN`: N hidden layers of 512 before the classifier (Chen et al., arXiv:2103.16547,
// appendix C). `vgg16_fc256`: two hidden layers of 256 on a feature map of 2x2, no pool after the
// last stage (Zhang et al., arXiv:2210.04092). Convolutions have no bias: the norm behind takes it
// away.

#include "core/model.hpp"

#include <fmt/format.h>

#include <map>

namespace ticketbench {
namespace {

struct Plan {
  std::vector<int64_t> convolutions;  // of each stage
  std::vector<int64_t> hidden;        // widths of fully connected layers
  bool last_pool = true;
  int64_t features = 1;
};

const std::map<std::string, Plan>& plans() {
  static const std::map<std::string, Plan> kPlans{
      {"vgg13", {{2, 2, 2, 2, 2}, {}}},
      {"vgg16", {{2, 2, 3, 3, 3}, {}}},
      {"vgg19", {{2, 2, 4, 4, 4}, {}}},
      {"vgg13_fc2", {{2, 2, 2, 2, 2}, {512}}},
      {"vgg13_fc3", {{2, 2, 2, 2, 2}, {512, 512}}},
      {"vgg13_fc5", {{2, 2, 2, 2, 2}, {512, 512, 512, 512}}},
      {"vgg16_fc256", {{2, 2, 3, 3, 3}, {256, 256}, false, 2}}};
  return kPlans;
}

std::vector<std::string> vgg_names() {
  std::vector<std::string> names;
  for (const auto& [name, plan] : plans()) names.push_back(name);
  return names;
}

Architecture vgg(const std::string& name, const ModelOptions& options) {
  const Plan& plan = plans().at(name);
  Architecture a{.model = name, .input = options.input, .features = plan.features};
  int64_t in = options.input.channels;
  int64_t layer = 0;  // counted as torchvision does: convolution, norm, ReLU, and a pool per stage
  for (size_t stage = 0; stage < plan.convolutions.size(); ++stage) {
    const int64_t out = std::min<int64_t>(int64_t{64} << stage, 512);
    Stage& s = a.stages.emplace_back();
    for (int64_t index = 0; index < plan.convolutions[stage]; ++index) {
      const ConvUnit unit{{fmt::format("features.{}", layer), in, out},
                          fmt::format("features.{}", layer + 1)};
      layer += 3;
      in = out;
      if (a.stem.conv.name.empty()) {
        a.stem = unit;
      } else {
        s.blocks.push_back({.name = unit.conv.name, .body = {unit}});
      }
    }
    s.pool = plan.last_pool || stage + 1 < plan.convolutions.size();
    ++layer;
  }
  int64_t width = in * plan.features * plan.features;
  for (size_t i = 0; i < plan.hidden.size(); ++i) {
    a.classifier.push_back({.name = fmt::format("classifier.{}", 2 * i),
                            .in = width,
                            .out = plan.hidden[i],
                            .relu = true});
    width = plan.hidden[i];
  }
  a.classifier.push_back({.name = plan.hidden.empty()
                                      ? "classifier"
                                      : fmt::format("classifier.{}", 2 * plan.hidden.size()),
                          .in = width,
                          .out = options.classes});
  return a;
}

TICKETBENCH_REGISTER_MODEL(vgg_names(), "VGG with batch norm for small images", vgg);

}  // namespace
}  // namespace ticketbench
