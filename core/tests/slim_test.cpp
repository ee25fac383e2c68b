#include "core/slim.hpp"

#include "core/filters.hpp"
#include "core/model.hpp"
#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

// A net of `model` whose free filters are pruned at random, all of them in its second free layer,
// with norms that have a shift and statistics of their own, closed behind pruned filters.
NetPtr pruned_net(const std::string& model, MaskSet& mask, int64_t size) {
  FakeLab lab(make_architecture(model, {.input = {3, size, size}, .classes = 4}));
  NetPtr net = lab.fresh_net();
  Rng rng = lab.rng("values", 0);
  const torch::NoGradGuard no_grad;
  for (const NamedTensors* tensors : {&net->parameters(), &net->buffers()}) {
    for (const auto& [name, t] : *tensors) {
      if (t.dim() != 1) continue;
      std::vector<float> values;
      for (int64_t i = 0; i < t.numel(); ++i)
        values.push_back(static_cast<float>(rng.uniform() + 0.5));
      torch::Tensor(t).copy_(torch::tensor(values));
    }
  }
  mask = MaskSet::ones(*net);
  const std::vector<FreeFilters> free = free_filters(net->architecture());
  for (size_t layer = 0; layer < free.size(); ++layer) {
    torch::Tensor m = mask.at(free[layer].weight);
    for (int64_t i = 0; i < m.size(0); ++i) {
      if (layer == 1 || rng.uniform() < 0.5) m[i] = false;
    }
  }
  apply_mask(*net, mask);
  close_norms(*net, mask);
  return net;
}

BOOST_AUTO_TEST_SUITE(slim)

// The smaller network has the same outputs, by running statistics and by the batch's; an input
// channel dropped in the wrong place or order would change them. Fewer parameters: it is smaller.
BOOST_AUTO_TEST_CASE(the_smaller_network_computes_the_same) {
  for (const auto& [model, size] :
       std::vector<std::pair<std::string, int64_t>>{{"resnet8", 8},
                                                    {"resnet50", 8},
                                                    {"vgg13", 32},
                                                    {"vgg16_fc256", 32},
                                                    {"mobilenet_v1", 16}}) {
    MaskSet mask;
    const NetPtr net = pruned_net(model, mask, size);
    const SlimNet slim = slimmed(net->architecture(), mask, net->snapshot());
    Net smaller(slim.architecture, {}, torch::kCPU);
    smaller.load(slim.state);
    const torch::Tensor images =
        torch::linspace(-1, 1, 4 * 3 * size * size).view({4, 3, size, size});
    const torch::NoGradGuard no_grad;
    for (const BnMode mode : {BnMode::eval, BnMode::batch_only}) {
      const torch::Tensor expected = net->forward(images, mode);
      const torch::Tensor found = smaller.forward(images, mode);
      BOOST_TEST(torch::allclose(found, expected, 1e-3, 1e-4 * expected.abs().max().item<double>()),
                 model);
    }
    BOOST_TEST(parameter_count(slim.architecture) < parameter_count(net->architecture()), model);
  }
}

// resnet8 with 4 of 16 and 8 of 32 filters left in two blocks: by hand.
BOOST_AUTO_TEST_CASE(counts_by_hand) {
  FakeLab lab(small_resnet());
  const NetPtr net = lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  mask.at("layer1.0.conv1.weight").slice(0, 4).fill_(false);
  mask.at("layer2.0.conv1.weight").slice(0, 0, 24).fill_(false);
  const SlimNet slim = slimmed(net->architecture(), mask, net->snapshot());
  BOOST_TEST(parameter_count(net->architecture()) - parameter_count(slim.architecture) ==
             12 * (16 * 9 + 2 + 16 * 9) + 24 * (16 * 9 + 2 + 32 * 9));
  BOOST_TEST(torch::equal(slim.state.at("layer2.0.conv1.weight"),
                          net->parameters().at("layer2.0.conv1.weight").detach().slice(0, 24)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
