// Fully connected networks: n hidden layers of 300, one of 100. LeCun et al., Proceedings of the
// IEEE 1998 (LeNet-300-100 is n = 1); deeper ones: Chen et al., arXiv:2103.16547, appendix C.

#include "core/model.hpp"

#include <fmt/format.h>

namespace ticketbench {
namespace {

Architecture mlp(const std::string& name, const ModelOptions& options) {
  Architecture a{.model = name, .input = options.input};
  int64_t in = options.input.channels * options.input.height * options.input.width;
  const int64_t wide = std::stoll(name.substr(3));
  for (int64_t i = 0; i <= wide; ++i) {
    const int64_t out = i < wide ? 300 : 100;
    a.classifier.push_back(
        {.name = fmt::format("fc{}", i + 1), .in = in, .out = out, .relu = true});
    in = out;
  }
  a.classifier.push_back({.name = fmt::format("fc{}", wide + 2), .in = in, .out = options.classes});
  return a;
}

const std::vector<std::string> kNames{"mlp1", "mlp2", "mlp3", "mlp4"};
TICKETBENCH_REGISTER_MODEL(kNames, "fully connected: n hidden layers of 300, one of 100", mlp);

}  // namespace
}  // namespace ticketbench
