#include "core/net.hpp"

#include "core/model.hpp"
#include "core/streams.hpp"
#include "core/tests/support.hpp"

#include <ATen/record_function.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <map>
#include <set>

namespace ticketbench {
namespace {

using boost::test_tools::per_element;
using testing::error_of;
using testing::says;
using torch::Tensor;
using Names = std::vector<std::string>;

constexpr double kNormEpsilon = 1e-5;

Tensor floats(const std::vector<double>& v, torch::IntArrayRef shape) {
  return torch::tensor(v, torch::kFloat64).to(torch::kFloat32).view(shape);
}

void set(const Net& net, const std::string& name, const std::vector<double>& v) {
  const torch::NoGradGuard no_grad;
  Tensor target =
      net.parameters().contains(name) ? net.parameters().at(name) : net.buffers().at(name);
  target.copy_(floats(v, target.sizes()));
}

double distance(const Tensor& a, const Tensor& b) {
  BOOST_REQUIRE(a.sizes() == b.sizes());
  return (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs().max().item<double>();
}

Tensor random_images(const Architecture& a, int64_t count,
                     torch::ScalarType dtype = torch::kFloat32) {
  Rng rng = Stream(1, "images").at(0);
  Tensor images =
      torch::empty({count, a.input.channels, a.input.height, a.input.width}, torch::kFloat64);
  double* v = images.mutable_data_ptr<double>();
  for (int64_t i = 0; i < images.numel(); ++i) v[i] = rng.normal();
  return images.to(dtype);
}

NetPtr made(const Architecture& a, torch::ScalarType dtype = torch::kFloat32, uint64_t seed = 1) {
  auto net = std::make_shared<Net>(a, prunable_names(a, {}), torch::kCPU, dtype);
  initialise(*net, Stream(seed, "init"), Initialisation::kaiming_fan_in, NormScale::one);
  return net;
}

Architecture one_norm() {
  Architecture a{
      .model = "norm", .input = {1, 1, 1}, .stem = {{"conv", 1, 1, 1, 1, 0}, "norm", false}};
  Block block{.name = "block"};
  block.body = {{{"pass", 1, 1, 1, 1, 0}, "", false}};
  a.stages = {{{block}}};
  a.classifier = {{"fc", 1, 1, false}};
  return a;
}

Net one_norm_net() {
  Net net(one_norm(), {}, torch::kCPU);
  for (const char* name : {"conv.weight", "pass.weight", "fc.weight"}) set(net, name, {1});
  return net;
}

BOOST_AUTO_TEST_SUITE(net_forward)

// By hand, one image 1..9. Stem 2x2 [1 2; 3 -4] without padding: -3 -1 3 5 (a flipped kernel gives
// other numbers). Norm with mean 1, variance 1, scale 2, shift 1: -7 -3 5 9; ReLU: 0 0 5 9. The
// block: relu(3x - 20) = 0 0 0 7, times -0.25 = 0 0 0 -1.75, plus the input = 0 0 5 7.25. The mean
// is 3.0625, the logits 2 * 3.0625 + 0.5 and -3.0625 + 1. A ReLU before the addition gives 3.5.
BOOST_AUTO_TEST_CASE(a_tiny_net_by_hand) {
  Architecture a{.model = "tiny", .input = {1, 3, 3}, .stem = {{"stem", 1, 1, 2, 1, 0}, "norm"}};
  Block block{.name = "block", .shortcut = Shortcut::identity};
  block.body = {{{"first", 1, 1, 1, 1, 0, 1, true}, ""}, {{"second", 1, 1, 1, 1, 0}, "", false}};
  a.stages = {{{block}}};
  a.classifier = {{"fc", 1, 2}};
  const Net net(a, {}, torch::kCPU);
  set(net, "stem.weight", {1, 2, 3, -4});
  set(net, "norm.weight", {2});
  set(net, "norm.bias", {1});
  set(net, "norm.running_mean", {1});
  set(net, "norm.running_var", {1 - kNormEpsilon});
  set(net, "first.weight", {3});
  set(net, "first.bias", {-20});
  set(net, "second.weight", {-0.25});
  set(net, "fc.weight", {2, -1});
  set(net, "fc.bias", {0.5, 1});
  const Tensor logits =
      net.forward(floats({1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 1, 3, 3}), BnMode::eval);
  BOOST_TEST(distance(logits, floats({6.625, -2.0625}, {1, 2})) < 1e-5);
}

// Option A. Position k of the 4 x 4 image holds 2^k, so that four times the mean after the shortcut
// is a sum of powers of two that says which positions were taken: 0, 2, 8 and 10 (an average pool
// takes all). The body's weights are zero. Two channels in, five out: one zero channel in front,
// two behind.
BOOST_AUTO_TEST_CASE(option_a_subsamples_and_pads_both_sides) {
  Architecture a{.model = "pad", .input = {2, 4, 4}};
  Block block{.name = "block", .shortcut = Shortcut::pad};
  block.body = {{{"first", 2, 5, 3, 2, 1}, ""}, {{"second", 5, 5, 3, 1, 1}, "", false}};
  a.stages = {{{block}}};
  a.classifier = {{"fc", 5, 5, false}};
  const Net net(a, {}, torch::kCPU);
  {
    const torch::NoGradGuard no_grad;
    Tensor(net.parameters().at("fc.weight")).copy_(torch::eye(5));
  }
  const Tensor powers = torch::pow(2, torch::arange(16, torch::kFloat32)).view({1, 1, 4, 4});
  const Tensor logits = net.forward(torch::cat({powers, 0.5 * powers}, 1), BnMode::eval);
  const double taken = 1 + 4 + 256 + 1024;
  BOOST_TEST(torch::equal(logits, floats({0, taken / 4, taken / 8, 0, 0}, {1, 5})));
}

// The projection sees the block's input, at the stride: positions 0, 2, 8, 10 again, times 3, and
// a ReLU after the addition and none before: the second channel, negative, vanishes.
BOOST_AUTO_TEST_CASE(a_projection_by_hand) {
  Architecture a{.model = "projection", .input = {1, 4, 4}};
  Block block{.name = "block", .shortcut = Shortcut::projection};
  block.body = {{{"first", 1, 2, 3, 2, 1}, ""}, {{"second", 2, 2, 3, 1, 1}, "", false}};
  block.projection = ConvUnit{{"down", 1, 2, 1, 2, 0}, "", false};
  a.stages = {{{block}}};
  a.classifier = {{"fc", 2, 2, false}};
  const Net net(a, {}, torch::kCPU);
  set(net, "down.weight", {3, -1});
  set(net, "fc.weight", {1, 0, 0, 1});
  const Tensor powers = torch::pow(2, torch::arange(16, torch::kFloat32)).view({1, 1, 4, 4});
  BOOST_TEST(torch::equal(net.forward(powers, BnMode::eval),
                          floats({3 * (1 + 4 + 256 + 1024) / 4.0, 0}, {1, 2})));
}

// The stem's pool is 3 x 3, stride 2, padding 1: on 5 x 5 growing numbers the nine windows' largest
// are in rows and columns 1, 3 and 4. A pool of 2 x 2 gives four outputs, 6, 8, 16 and 18.
BOOST_AUTO_TEST_CASE(the_stems_pool_by_hand) {
  Architecture a{.model = "pool", .input = {1, 5, 5}, .stem = {{"stem", 1, 1, 1, 1, 0}, ""}};
  a.stem_pool = true;
  Block block{.name = "block"};
  block.body = {{{"first", 1, 1, 1, 1, 0}, ""}};
  a.stages = {{{block}}};
  a.classifier = {{"fc", 1, 1, false}};
  const Net net(a, {}, torch::kCPU);
  for (const char* name : {"stem.weight", "first.weight", "fc.weight"}) set(net, name, {1});
  const Tensor powers = torch::pow(2, torch::arange(25, torch::kFloat32) / 4).view({1, 1, 5, 5});
  double expected = 0;
  for (const double place : {6, 8, 9, 16, 18, 19, 21, 23, 24})
    expected += std::pow(2, place / 4) / 9;
  BOOST_TEST(net.forward(powers, BnMode::eval).item<double>() == expected,
             boost::test_tools::tolerance(1e-6));
}

// A chain of linear layers, as oracles of saliency methods use: no stem, no stage, images [N, 2, 1,
// 1]. relu([1 2; -3 1] (1, 1)) = (3, 0), then [10 20] + 5 = 35.
BOOST_AUTO_TEST_CASE(linear_layers_alone) {
  Architecture a{.model = "linear", .input = {2, 1, 1}};
  a.classifier = {{"hidden", 2, 2, false, true}, {"out", 2, 1}};
  const Net net(a, {}, torch::kCPU);
  set(net, "hidden.weight", {1, 2, -3, 1});
  set(net, "out.weight", {10, 20});
  set(net, "out.bias", {5});
  BOOST_TEST(net.forward(torch::ones({3, 2, 1, 1}), BnMode::eval)[2].item<double>() == 35.0);
}

bool has_weight(const at::RecordFunction& function) {
  const std::string_view name = function.name();
  return name == "aten::conv2d" || name == "aten::linear";
}

// The shapes that MACs, ERK and the probes rest on are those LibTorch computes: every convolution
// and linear layer of a forward pass is recorded, with its weight and the size of its output.
BOOST_AUTO_TEST_CASE(derived_shapes_are_those_of_the_forward_pass) {
  const ModelOptions odd{.input = {3, 37, 50}, .classes = 7, .stem = Stem::imagenet};
  const std::vector<std::pair<std::string, ModelOptions>> cases{
      {"resnet8", {}},
      {"resnet14s", {}},
      {"resnet8s", {.input = {1, 27, 34}}},
      {"resnet20", odd},
      {"resnet18", {}},
      {"resnet34", odd},
      {"resnet50", odd},
      {"resnet50", {.input = {3, 224, 224}, .classes = 1000, .stem = Stem::imagenet}}};
  for (const auto& [model, options] : cases) {
    const Architecture a = make_architecture(model, options);
    const Net net(a, {}, torch::kCPU);
    static thread_local std::vector<LayerShape>* found = nullptr;
    std::vector<LayerShape> recorded;
    found = &recorded;
    const auto handle = at::addThreadLocalCallback(
        at::RecordFunctionCallback(
            [](const at::RecordFunction& function) -> std::unique_ptr<at::ObserverContext> {
              if (has_weight(function))
                found->push_back({.shape = function.inputs()[1].toTensor().sizes().vec()});
              return nullptr;
            },
            [](const at::RecordFunction& function, at::ObserverContext*) {
              if (!has_weight(function)) return;
              const Tensor output = function.outputs().at(0).toTensor();
              if (output.dim() == 4)
                found->back().output_positions = output.size(2) * output.size(3);
            })
            .needsInputs(true)
            .needsOutputs(true)
            .scopes({at::RecordScope::FUNCTION}));
    {
      const torch::NoGradGuard no_grad;
      (void)net.forward(random_images(a, 1), BnMode::eval);
    }
    at::removeCallback(handle);

    const std::vector<LayerShape> derived = layers(a);
    BOOST_TEST_CONTEXT(model << " at " << options.input.height) {
      BOOST_REQUIRE(recorded.size() == derived.size());
      int64_t macs = 0;
      for (size_t i = 0; i < derived.size(); ++i) {
        BOOST_TEST(recorded[i].shape == derived[i].shape, per_element());
        BOOST_TEST(recorded[i].output_positions == derived[i].output_positions);
        macs += recorded[i].macs();
      }
      BOOST_TEST(macs == mac_count(a));
    }
  }
}

// The real parameters and buffers have the names, order and number of the description; the counts
// are torchvision's (122 entries of the state dict, 20 norms).
BOOST_AUTO_TEST_CASE(parameters_are_those_of_the_description) {
  const Architecture a = make_architecture("resnet18", {});
  const Net net(a, {}, torch::kCPU);
  Names described;
  int64_t count = 0;
  for (const TensorShape& p : parameter_shapes(a)) {
    described.push_back(p.name);
    BOOST_TEST(net.parameters().at(p.name).sizes().vec() == p.shape, per_element());
    BOOST_TEST(net.parameters().at(p.name).is_leaf());
    BOOST_TEST(net.parameters().at(p.name).requires_grad());
    count += net.parameters().at(p.name).numel();
  }
  BOOST_TEST(net.parameters().names() == described, per_element());
  BOOST_TEST(count == parameter_count(a));
  BOOST_TEST(net.snapshot().size() == 122);
  std::set<std::string> buffers;
  for (const TensorShape& p : parameter_shapes(a)) {
    if (p.shape.size() != 1 || !p.name.ends_with(".weight")) continue;
    const std::string norm = p.name.substr(0, p.name.rfind('.'));
    for (const char* buffer : {".running_mean", ".running_var", ".num_batches_tracked"})
      buffers.insert(norm + buffer);
  }
  const Names found = net.buffers().names();
  BOOST_TEST(std::set<std::string>(found.begin(), found.end()) == buffers, per_element());
  BOOST_TEST(net.parameters().at("conv1.weight").is_contiguous(torch::MemoryFormat::ChannelsLast));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(net_norms)

// The batch 1, 3, 5, 7: mean 4, variance 5 for normalising but 20/3, divided by n - 1, for the
// running variance. With momentum 0.1 from 0 and 1: 0.4 and 0.9 + 2/3. A momentum of 0.9 or the
// biased variance differ in the first digits.
BOOST_AUTO_TEST_CASE(training_uses_and_tracks_the_batch) {
  const Net net = one_norm_net();
  const Tensor images = floats({1, 3, 5, 7}, {4, 1, 1, 1});
  const Tensor normalised = (images.view({4, 1}) - 4) / std::sqrt(5 + kNormEpsilon);
  BOOST_TEST(distance(net.forward(images, BnMode::train), normalised) < 1e-6);
  const auto close = boost::test_tools::tolerance(1e-6);
  BOOST_TEST(net.buffers().at("norm.running_mean").item<double>() == 0.4, close);
  BOOST_TEST(net.buffers().at("norm.running_var").item<double>() == 0.9 + 2.0 / 3, close);
  BOOST_TEST(net.buffers().at("norm.num_batches_tracked").item<int64_t>() == 1);

  const State before = net.snapshot();
  BOOST_TEST(distance(net.forward(images, BnMode::batch_only), normalised) < 1e-6);
  const Tensor running = (images.view({4, 1}) - 0.4) / std::sqrt(0.9 + 2.0 / 3 + kNormEpsilon);
  BOOST_TEST(distance(net.forward(images, BnMode::eval), running) < 1e-5);
  for (const auto& [name, b] : net.buffers()) BOOST_TEST(torch::equal(b, before.at(name)));

  (void)net.forward(images, BnMode::train);
  BOOST_TEST(net.buffers().at("norm.num_batches_tracked").item<int64_t>() == 2);
  BOOST_TEST(net.buffers().at("norm.running_mean").item<double>() == 0.9 * 0.4 + 0.4, close);
}

// Every norm of a real net is updated once by a training pass and by nothing else.
BOOST_AUTO_TEST_CASE(only_training_touches_the_buffers_of_a_real_net) {
  const Architecture a = make_architecture("resnet8", {.input = {3, 12, 12}});
  const NetPtr net = made(a);
  const State before = net->snapshot();
  const Tensor images = random_images(a, 4);
  (void)net->forward(images, BnMode::batch_only);
  (void)net->forward(images, BnMode::eval);
  const State after = net->snapshot();
  for (const auto& [name, t] : before) BOOST_TEST(torch::equal(t, after.at(name)));
  (void)net->forward(images, BnMode::train);
  for (const auto& [name, b] : net->buffers()) {
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(!torch::equal(b, before.at(name)));
      if (b.dim() == 0) BOOST_TEST(b.item<int64_t>() == 1);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(net_autograd)

// With w' = 3 w: the output is 3 w x, its gradient in w is 3 x and not x; a tensor of the method's
// own gets its gradient too. Replacing the data in place would give x.
BOOST_AUTO_TEST_CASE(autograd_sees_the_effective_weight) {
  Architecture a{.model = "linear", .input = {2, 1, 1}};
  a.classifier = {{"out", 2, 1, false}};
  const Net net(a, {"out.weight"}, torch::kCPU);
  set(net, "out.weight", {2, -1});
  const Tensor scale = torch::full({1, 2}, 3.0F).requires_grad_();
  const Tensor images = floats({5, 7}, {1, 2, 1, 1});
  const Tensor y = net.forward(images, BnMode::eval,
                               [&](const std::string&, const Tensor& w) { return scale * w; });
  BOOST_TEST(y.item<double>() == 3.0 * (2 * 5 - 7));
  y.sum().backward();
  BOOST_TEST(torch::equal(net.parameters().at("out.weight").grad(), floats({15, 21}, {1, 2})));
  BOOST_TEST(torch::equal(scale.grad(), floats({10, -7}, {1, 2})));
  BOOST_TEST(torch::equal(net.parameters().at("out.weight").detach(), floats({2, -1}, {1, 2})));
}

// A method may replace any parameter: norms and biases are offered as well, each once.
BOOST_AUTO_TEST_CASE(every_parameter_is_offered_once) {
  for (const char* model : {"resnet8", "resnet8s", "resnet18"}) {
    const Architecture a = make_architecture(model, {.input = {3, 16, 16}});
    const Net net(a, {}, torch::kCPU);
    std::map<std::string, int> offered;
    (void)net.forward(random_images(a, 2), BnMode::batch_only,
                      [&](const std::string& name, const Tensor& w) {
                        ++offered[name];
                        BOOST_TEST(w.is_same(net.parameters().at(name)));
                        return w;
                      });
    BOOST_TEST(offered.size() == net.parameters().size());
    for (const auto& [name, times] : offered) BOOST_TEST(times == 1);
  }
}

// A masked effective weight gives the same output as weights set to zero, and the pruned ones,
// alive underneath, a gradient of exactly zero.
BOOST_AUTO_TEST_CASE(a_latent_mask_equals_a_hard_one) {
  const Architecture a = make_architecture("resnet8s", {.input = {3, 12, 12}});
  const NetPtr latent = made(a);
  const NetPtr hard = latent->clone(torch::kFloat32);
  NamedTensors mask;
  for (const auto& [name, w] : prunable(*latent)) mask[name] = (w.detach() > 0).to(torch::kFloat32);
  {
    const torch::NoGradGuard no_grad;
    for (const auto& [name, w] : prunable(*hard)) Tensor(w).mul_(mask.at(name));
  }
  const Tensor images = random_images(a, 3);
  const Tensor y =
      latent->forward(images, BnMode::batch_only, [&](const std::string& name, const Tensor& w) {
        return mask.contains(name) ? w * mask.at(name) : w;
      });
  BOOST_TEST(distance(y, hard->forward(images, BnMode::batch_only)) < 1e-5);
  y.square().sum().backward();
  for (const auto& [name, m] : mask) {
    const Tensor gradient = latent->parameters().at(name).grad();
    BOOST_TEST(gradient.masked_select(m == 0).count_nonzero().item<int64_t>() == 0);
    BOOST_TEST(gradient.count_nonzero().item<int64_t>() > 0);
  }
}

// Hessian times vector by autograd against the difference of two gradients, in double, through
// identity, option A and projection shortcuts, norms in batch_only: an operation in place on what
// the second backward pass needs would be refused or wrong.
BOOST_AUTO_TEST_CASE(differentiable_twice) {
  for (const char* model : {"resnet8", "resnet8s"}) {
    const Architecture a = make_architecture(model, {.input = {3, 8, 8}});
    const NetPtr net = made(a, torch::kFloat64);
    const Tensor images = random_images(a, 4, torch::kFloat64);
    const Tensor labels = torch::tensor({1, 3, 0, 9}, torch::kInt64);
    const std::vector<Tensor> weights = prunable(*net).tensors();
    std::vector<Tensor> direction;
    for (size_t i = 0; i < weights.size(); ++i)
      direction.push_back(
          torch::sin(torch::arange(weights[i].numel(), torch::kFloat64) + static_cast<double>(i))
              .view(weights[i].sizes()));
    const auto gradient = [&](bool create_graph) {
      const Tensor loss =
          torch::cross_entropy_loss(net->forward(images, BnMode::batch_only), labels);
      return torch::autograd::grad({loss}, weights, {}, true, create_graph);
    };
    Tensor product = torch::zeros({}, torch::kFloat64);
    const auto first = gradient(true);
    for (size_t i = 0; i < weights.size(); ++i) product = product + (first[i] * direction[i]).sum();
    const auto second = torch::autograd::grad({product}, weights);

    const auto move = [&](double by) {
      const torch::NoGradGuard no_grad;
      for (size_t i = 0; i < weights.size(); ++i) Tensor(weights[i]).add_(direction[i], by);
    };
    const double h = 1e-7;  // no ReLU changes its side on the way
    move(h);
    const auto above = gradient(false);
    move(-2 * h);
    const auto below = gradient(false);
    for (size_t i = 0; i < weights.size(); ++i) {
      const Tensor numeric = (above[i] - below[i]) / (2 * h);
      BOOST_TEST((numeric - second[i]).norm().item<double>() <
                 1e-4 * numeric.norm().item<double>());
    }
  }
}

BOOST_AUTO_TEST_CASE(zero_grad_forgets_gradients) {
  Net net = one_norm_net();
  net.forward(floats({1, 2}, {2, 1, 1, 1}), BnMode::batch_only).square().sum().backward();
  BOOST_TEST(net.parameters().at("norm.weight").grad().defined());
  net.zero_grad();
  for (const auto& [name, w] : net.parameters()) BOOST_TEST(!w.grad().defined());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(net_state)

// The copy has memory of its own, the type asked for (but counters stay integers), the same
// prunable list and, up to float's precision, the same function.
BOOST_AUTO_TEST_CASE(a_clone_in_double) {
  const Architecture a = make_architecture("resnet8s", {.input = {3, 12, 12}});
  const NetPtr net = made(a);
  (void)net->forward(random_images(a, 4), BnMode::train);
  const NetPtr copy = net->clone(torch::kFloat64);
  for (const auto& [name, w] : copy->parameters()) {
    BOOST_TEST((w.scalar_type() == torch::kFloat64));
    BOOST_TEST(w.requires_grad());
    BOOST_TEST(distance(w.detach(), net->parameters().at(name).detach()) == 0.0);
  }
  BOOST_TEST((copy->buffers().at("bn1.running_mean").scalar_type() == torch::kFloat64));
  BOOST_TEST((copy->buffers().at("bn1.num_batches_tracked").scalar_type() == torch::kInt64));
  BOOST_TEST(copy->buffers().at("bn1.num_batches_tracked").item<int64_t>() == 1);
  BOOST_TEST(copy->prunable_names() == net->prunable_names(), per_element());
  BOOST_TEST(distance(copy->forward(random_images(a, 4, torch::kFloat64), BnMode::eval).detach(),
                      net->forward(random_images(a, 4), BnMode::eval).detach()) < 1e-4);

  const NetPtr same = net->clone(torch::kFloat32);
  const State before = net->snapshot();
  {
    const torch::NoGradGuard no_grad;
    for (const auto& [name, w] : same->parameters()) Tensor(w).zero_();
  }
  for (const auto& [name, w] : net->parameters())
    BOOST_TEST(torch::equal(w.detach(), before.at(name)));
}

// A snapshot is a copy: training on doesn't change it, and loading it brings everything back, norm
// statistics too, without new tensors (the optimizer holds the old ones).
BOOST_AUTO_TEST_CASE(a_snapshot_brings_everything_back) {
  const Architecture a = make_architecture("resnet8", {.input = {3, 12, 12}});
  const NetPtr net = made(a);
  const Tensor images = random_images(a, 4);
  const State before = net->snapshot();
  const Tensor logits = net->forward(images, BnMode::eval).detach();
  const Tensor conv = net->parameters().at("conv1.weight");
  (void)net->forward(images, BnMode::train);
  {
    const torch::NoGradGuard no_grad;
    for (const auto& [name, w] : net->parameters()) Tensor(w).add_(1);
  }
  BOOST_TEST(!torch::equal(net->forward(images, BnMode::eval).detach(), logits));
  net->load(before);
  BOOST_TEST(torch::equal(net->forward(images, BnMode::eval).detach(), logits));
  BOOST_TEST(conv.is_same(net->parameters().at("conv1.weight")));
  BOOST_TEST(conv.requires_grad());
  BOOST_TEST(net->buffers().at("bn1.num_batches_tracked").item<int64_t>() == 0);
  const State after = net->snapshot();
  BOOST_TEST(after.names() == before.names(), per_element());
}

// Copying [16] into [16, 3, 3, 3] would broadcast without a word. What is refused leaves the net as
// it was, although other tensors of the state fit.
BOOST_AUTO_TEST_CASE(a_state_of_another_net_is_refused) {
  const Architecture a = make_architecture("resnet8s", {.input = {3, 12, 12}});
  const NetPtr net = made(a);
  const NetPtr other = made(a, torch::kFloat32, 2);
  const State before = net->snapshot();

  State shape = other->snapshot();
  shape["layer3.0.conv2.weight"] = torch::zeros({64});
  BOOST_TEST(says(error_of<std::invalid_argument>([&] { net->load(shape); }),
                  {"layer3.0.conv2.weight", "[64]", "[64,64,3,3]"}));
  State buffer = other->snapshot();
  buffer["bn1.running_var"] = torch::zeros({1});
  BOOST_TEST(says(error_of<std::invalid_argument>([&] { net->load(buffer); }),
                  {"bn1.running_var", "[1]", "[16]"}));
  State renamed;
  for (const auto& [name, t] : other->snapshot())
    renamed[name == "fc.bias" ? "linear.bias" : name] = t;
  BOOST_TEST(says(error_of<std::invalid_argument>([&] { net->load(renamed); }), {"fc.bias"}));
  State more = other->snapshot();
  more["extra"] = torch::zeros({1});
  BOOST_TEST(says(error_of<std::invalid_argument>([&] { net->load(more); }), {"tensors"}));
  BOOST_CHECK_THROW(net->load({}), std::invalid_argument);
  BOOST_CHECK_THROW(net->load(made(make_architecture("resnet8", {}))->snapshot()),
                    std::invalid_argument);

  for (const auto& [name, t] : net->snapshot()) BOOST_TEST(torch::equal(t, before.at(name)));
}

// In the order of the forward pass, sharing memory with the net.
BOOST_AUTO_TEST_CASE(prunable_weights_share_memory) {
  const Architecture a = make_architecture("resnet8", {});
  const Net net(a, prunable_names(a, {.stem = false}), torch::kCPU);
  BOOST_TEST(prunable(net).names() == prunable_names(a, {.stem = false}), per_element());
  for (const auto& [name, w] : prunable(net)) BOOST_TEST(w.is_same(net.parameters().at(name)));
  BOOST_CHECK_THROW((void)prunable(Net(a, {"missing.weight"}, torch::kCPU)), std::out_of_range);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(net_initialisation)

Architecture wide() {
  Architecture a{
      .model = "wide", .input = {32, 4, 4}, .stem = {{"stem", 32, 128, 3, 1, 1, 1, true}, "norm"}};
  Block block{.name = "block"};
  block.body = {{{"grouped", 128, 64, 3, 1, 1, 4}, "norm2"}};
  a.stages = {{{block}}};
  a.classifier = {{"fc", 64, 100}};
  return a;
}

double variance(const Tensor& t) {
  return t.detach().to(torch::kFloat64).square().mean().item<double>();
}

// Four times as many outputs as inputs, so that fan_in 32 * 9 and fan_out 128 * 9 differ by four;
// with groups torch counts [64, 32, 3, 3]: 32 * 9 in, 64 * 9 out. He's gain is 2 and not 1 or 1/3,
// and the numbers are normal: kurtosis 3, a uniform one has 1.8.
BOOST_AUTO_TEST_CASE(convolutions_have_hes_variance) {
  Net net(wide(), {}, torch::kCPU);
  const auto within = boost::test_tools::tolerance(0.03);
  initialise(net, Stream(1, "init"), Initialisation::kaiming_fan_in, NormScale::one);
  const Tensor stem = net.parameters().at("stem.weight").detach();
  BOOST_TEST(variance(stem) == 2.0 / (32 * 9), within);
  BOOST_TEST(variance(net.parameters().at("grouped.weight")) == 2.0 / (32 * 9), within);
  BOOST_TEST(std::abs(stem.mean().item<double>()) < 4 * std::sqrt(2.0 / (32 * 9) / 36'864));
  const double kurtosis =
      stem.to(torch::kFloat64).pow(4).mean().item<double>() / std::pow(variance(stem), 2);
  BOOST_TEST(kurtosis == 3.0, boost::test_tools::tolerance(0.05));
  initialise(net, Stream(1, "init"), Initialisation::kaiming_fan_out, NormScale::one);
  BOOST_TEST(variance(net.parameters().at("stem.weight")) == 2.0 / (128 * 9), within);
  BOOST_TEST(variance(net.parameters().at("grouped.weight")) == 2.0 / (64 * 9), within);
}

// torch's default for a linear layer and for biases: uniform with bound 1 / sqrt(fan_in), so its
// variance is a third of 1 / fan_in; the bias has the fan_in of its weight.
BOOST_AUTO_TEST_CASE(linear_layers_and_biases_have_torchs_bounds) {
  Net net(wide(), {}, torch::kCPU);
  initialise(net, Stream(1, "init"), Initialisation::kaiming_fan_out, NormScale::one);
  const Tensor fc = net.parameters().at("fc.weight").detach();
  BOOST_TEST(variance(fc) == 1.0 / 64 / 3, boost::test_tools::tolerance(0.05));
  BOOST_TEST(fc.abs().max().item<double>() <= 0.125);
  BOOST_TEST(fc.abs().max().item<double>() > 0.124);
  const Tensor bias = net.parameters().at("fc.bias").detach();
  BOOST_TEST(bias.abs().max().item<double>() <= 0.125);
  BOOST_TEST(bias.abs().max().item<double>() > 0.1);
  const Tensor conv_bias = net.parameters().at("stem.bias").detach();
  BOOST_TEST(conv_bias.abs().max().item<double>() <= 1 / std::sqrt(32.0 * 9));
  BOOST_TEST(conv_bias.abs().max().item<double>() > 0.9 / std::sqrt(32.0 * 9));
}

// Scales uniform in [0, 1) have mean 1/2 and variance 1/12; shifts are zero either way, and the
// running statistics are no one's to draw.
BOOST_AUTO_TEST_CASE(norm_scales_are_one_or_uniform) {
  Net net(wide(), {}, torch::kCPU);
  initialise(net, Stream(1, "init"), Initialisation::kaiming_fan_in, NormScale::one);
  BOOST_TEST(torch::equal(net.parameters().at("norm.weight").detach(), torch::ones({128})));
  initialise(net, Stream(1, "init"), Initialisation::kaiming_fan_in, NormScale::uniform);
  const Tensor scale = net.parameters().at("norm.weight").detach();
  BOOST_TEST(scale.min().item<double>() >= 0);
  BOOST_TEST(scale.max().item<double>() < 1);
  BOOST_TEST(std::abs(scale.mean().item<double>() - 0.5) < 4 * std::sqrt(1.0 / 12 / 128));
  BOOST_TEST(scale.var().item<double>() == 1.0 / 12, boost::test_tools::tolerance(0.3));
  BOOST_TEST(net.parameters().at("norm.bias").count_nonzero().item<int64_t>() == 0);
  BOOST_TEST(torch::equal(net.buffers().at("norm.running_mean"), torch::zeros({128})));
  BOOST_TEST(torch::equal(net.buffers().at("norm.running_var"), torch::ones({128})));
}

bool equal_parameters(const Net& a, const Net& b) {
  for (const auto& [name, w] : a.parameters()) {
    if (!torch::equal(w.detach(), b.parameters().at(name).detach())) return false;
  }
  return true;
}

// Same seed and stream, same weights, whatever was in the net before; another seed or stream moves
// every drawn tensor.
BOOST_AUTO_TEST_CASE(weights_depend_on_seed_and_stream_alone) {
  const Architecture a = make_architecture("resnet8", {});
  Net first(a, {}, torch::kCPU);
  Net second(a, {}, torch::kCPU);
  const auto draw = [](Net& net, uint64_t seed, const char* stream) {
    initialise(net, Stream(seed, stream), Initialisation::kaiming_fan_out, NormScale::uniform);
  };
  draw(first, 1, "init");
  draw(second, 5, "init");
  draw(second, 1, "init");
  BOOST_TEST(equal_parameters(first, second));
  for (const auto& [seed, stream] : {std::pair(2, "init"), std::pair(1, "reinit")}) {
    draw(second, static_cast<uint64_t>(seed), stream);
    for (const auto& [name, w] : first.parameters()) {
      const bool drawn = !(name.find("bn") != std::string::npos && name.ends_with(".bias")) &&
                         !name.ends_with("downsample.1.bias");
      BOOST_TEST_CONTEXT(name) {
        BOOST_TEST(torch::equal(w.detach(), second.parameters().at(name).detach()) != drawn);
      }
    }
  }
}

// Weights are drawn in the order of their logical index, not of channels-last memory, and in double
// they are the same numbers. One index per parameter: no two tensors repeat each other.
BOOST_AUTO_TEST_CASE(weights_do_not_depend_on_memory_format_or_type) {
  const Architecture a = make_architecture("resnet8", {});
  const NetPtr single = made(a);
  const NetPtr twice = made(a, torch::kFloat64);
  for (const auto& [name, w] : single->parameters())
    BOOST_TEST(distance(w.detach(), twice->parameters().at(name).detach()) == 0.0);
  Rng rng = Stream(1, "init").at(0, 0);
  const Tensor conv = single->parameters().at("conv1.weight").detach().flatten();
  for (int64_t i = 0; i < 30; ++i)
    BOOST_TEST(conv[i].item<double>() == std::sqrt(2.0 / 27) * rng.normal(),
               boost::test_tools::tolerance(1e-6));
  std::set<int64_t> firsts;
  for (const auto& [name, w] : prunable(*single)) {
    const double fan_in = static_cast<double>(w.numel() / w.size(0));
    firsts.insert(
        std::llround(1e4 * w.detach().flatten()[0].item<double>() * std::sqrt(fan_in / 2)));
  }
  BOOST_TEST(firsts.size() == prunable(*single).size());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
