#include "core/fold.hpp"

#include "core/model.hpp"
#include "core/tests/fake_lab.hpp"
#include "core/tests/support.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

using testing::error_of;
using testing::says;

NetPtr net_of(const std::string& model, int64_t size) {
  FakeLab lab(make_architecture(model, {.input = {3, size, size}, .classes = 4}));
  return lab.fresh_net();
}

BOOST_AUTO_TEST_SUITE(fold)

// By hand: scale 3, variance 4 (with epsilon), mean 5, shift 7. A weight of 2 becomes 2 * 3 / 2 = 3
// and the bias 7 - 5 * 3 / 2 = -0.5; forgetting epsilon, the mean or the shift gives other numbers.
BOOST_AUTO_TEST_CASE(a_norm_becomes_scaled_weights_and_a_bias) {
  const NetPtr net = net_of("resnet8", 8);
  State state = net->snapshot();
  state["conv1.weight"].fill_(2);
  state["bn1.weight"].fill_(3);
  state["bn1.bias"].fill_(7);
  state["bn1.running_mean"].fill_(5);
  state["bn1.running_var"].fill_(4 - kNormEpsilon);
  const FoldedNet found = folded(net->architecture(), state);
  BOOST_TEST(found.state.at("conv1.weight").allclose(torch::full({16, 3, 3, 3}, 3.0F), 1e-6));
  BOOST_TEST(found.state.at("conv1.bias").allclose(torch::full({16}, -0.5F), 1e-6));
  BOOST_TEST(found.architecture.stem.conv.bias);
  BOOST_TEST(found.architecture.stem.norm == "");
  BOOST_TEST(!found.state.contains("bn1.weight"));
  BOOST_TEST(state.at("conv1.weight").eq(2).all().item<bool>());  // the original stays
}

// A bias of the convolution goes through the norm: 7 + (1 - 5) * 3 / 2 = 1.
BOOST_AUTO_TEST_CASE(a_bias_goes_through_the_norm) {
  const NetPtr net = net_of("resnet8", 8);
  Architecture with_bias = net->architecture();
  with_bias.stem.conv.bias = true;
  State state = net->snapshot();
  state["conv1.bias"] = torch::ones({16});
  state["bn1.weight"].fill_(3);
  state["bn1.bias"].fill_(7);
  state["bn1.running_mean"].fill_(5);
  state["bn1.running_var"].fill_(4 - kNormEpsilon);
  BOOST_TEST(folded(with_bias, state).state.at("conv1.bias").allclose(torch::ones({16}), 1e-6));
}

// Every kind of block, grouped convolutions and linear layers too: the folded network computes what
// the original does with its running statistics, and pruned weights are still exactly zero.
BOOST_AUTO_TEST_CASE(the_folded_network_computes_the_same) {
  for (const auto& [model, size] :
       std::vector<std::pair<std::string, int64_t>>{{"resnet8", 8},
                                                    {"resnet20s", 8},
                                                    {"resnet50", 8},
                                                    {"vgg16_fc256", 32},
                                                    {"mobilenet_v1", 16}}) {
    const NetPtr net = net_of(model, size);
    const torch::NoGradGuard no_grad;
    Rng rng = Stream(1, "norms").at(0);
    for (const NamedTensors* tensors : {&net->parameters(), &net->buffers()}) {
      for (const auto& [name, t] : *tensors) {
        for (int64_t i = 0; t.dim() == 1 && i < t.numel(); ++i) t[i] = rng.uniform() + 0.5;
      }
    }
    const std::string first = units(net->architecture()).front()->conv.name + ".weight";
    net->parameters().at(first)[0].zero_();
    const FoldedNet found = folded(net->architecture(), net->snapshot());
    Net without(found.architecture, {}, torch::kCPU);
    without.load(found.state);
    BOOST_TEST(without.buffers().empty());
    BOOST_TEST(found.state.at(first)[0].eq(0).all().item<bool>());
    const torch::Tensor images =
        torch::linspace(-1, 1, 2 * 3 * size * size).view({2, 3, size, size});
    const torch::Tensor expected = net->forward(images, BnMode::eval);
    const torch::Tensor difference = without.forward(images, BnMode::eval) - expected;
    BOOST_TEST_INFO(model);
    BOOST_TEST((difference.abs().max() / expected.abs().max()).item<double>() < 1e-5);
  }
}

BOOST_AUTO_TEST_CASE(a_state_of_another_network_is_refused) {
  const NetPtr net = net_of("resnet8", 8);
  State state;
  state["conv1.weight"] = net->snapshot().at("conv1.weight");
  BOOST_TEST(says(error_of<std::invalid_argument>([&] { folded(net->architecture(), state); }),
                  {"has no bn1."}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
