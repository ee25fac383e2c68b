// Essence of testing: the whole network by our kernels gives LibTorch's logits, for every kind of
// block and shortcut, with norms whose numbers are far from neutral: a forgotten shift, a residual
// of the wrong map, a buffer that is used again too early or a border that isn't zero would show.

#include "hardware/harness/sparse_network.hpp"

#include "core/model.hpp"
#include "core/net.hpp"
#include "core/streams.hpp"
#include "hardware/harness/spec.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>

namespace ticketbench {
namespace {

Subject subject(const RandomSubject& random) {
  Subject made = subject_of(random);
  Rng rng = Stream(3, "norms").at(0);
  for (const auto& [name, t] : made.state) {
    if (t.dim() != 1 || name.ends_with("num_batches_tracked")) continue;
    for (int64_t i = 0; i < t.numel(); ++i) t[i] = rng.uniform() + 0.5;
  }
  return made;
}

torch::Tensor images(const Architecture& a, int64_t batch) {
  Rng rng = Stream(4, "images").at(0);
  torch::Tensor x = torch::empty({batch, a.input.channels, a.input.height, a.input.width});
  float* values = x.mutable_data_ptr<float>();
  for (int64_t i = 0; i < x.numel(); ++i) values[i] = static_cast<float>(rng.normal());
  return x;
}

double difference(const Subject& s, int64_t batch, int64_t threads) {
  const torch::NoGradGuard no_grad;
  kernels::ThreadPool pool(threads);
  SparseNetwork network(s, batch, pool);
  const torch::Tensor x = images(s.architecture, batch);
  Net net(s.architecture, {}, torch::kCPU);
  net.load(s.state);
  const torch::Tensor expected = net.forward(x, BnMode::eval);
  (void)network.forward(x);  // buffers hold something by then
  return ((network.forward(x) - expected).abs().max() / expected.abs().max()).item<double>();
}

BOOST_AUTO_TEST_SUITE(sparse_network)

BOOST_AUTO_TEST_CASE(logits_are_libtorchs) {
  for (const RandomSubject& random : std::vector<RandomSubject>{
           {.model = "resnet8", .input_size = 16},
           {.model = "resnet8",
           .input_size = 44},  // its maps of 11x11 are covered by tiles that overlap
           {.model = "resnet20s", .input_size = 12},
           {.model = "resnet18", .input_size = 40, .stem = Stem::imagenet, .density = 0.05},
           {.model = "resnet50", .input_size = 16, .density = 0.05},
           {.model = "vgg16_fc256", .input_size = 32, .density = 0.05},
           {.model = "mlp2", .input_size = 8}}) {
    BOOST_TEST_CONTEXT(random.model) {
      BOOST_TEST(difference(subject(random), 3, 1) < 1e-4);
    }
  }
}

BOOST_AUTO_TEST_CASE(structured_masks_too) {
  for (const StructureKind kind :
       {StructureKind::filter, StructureKind::block, StructureKind::n_m, StructureKind::channel}) {
    const Subject made = subject(
        {.model = "resnet8", .input_size = 16, .density = 0.5, .structure = {.kind = kind}});
    BOOST_TEST_CONTEXT(to_string(kind)) {
      BOOST_TEST(difference(made, 16, 1) < 1e-4);
    }
  }
}

// One image, a full group, a group and one more; threads that share layers and threads that share
// groups.
BOOST_AUTO_TEST_CASE(any_batch_on_any_number_of_threads) {
  const Subject made = subject({.model = "resnet8", .input_size = 16});
  for (const int64_t batch : {1, 16, 17, 40}) {
    for (const int64_t threads : {1, 2, 3}) {
      BOOST_TEST_CONTEXT(batch << " images, " << threads << " threads") {
        BOOST_TEST(difference(made, batch, threads) < 1e-4);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(grouped_convolutions_are_refused) {
  kernels::ThreadPool pool(1);
  const Subject made = subject_of({.model = "mobilenet_v1", .input_size = 16});
  BOOST_CHECK_THROW(SparseNetwork(made, 1, pool), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(images_of_another_shape_are_refused) {
  kernels::ThreadPool pool(1);
  const Subject made = subject({.model = "resnet8", .input_size = 16});
  SparseNetwork network(made, 2, pool);
  BOOST_CHECK_THROW(network.forward(images(made.architecture, 3)), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(every_layer_says_its_kernel) {
  kernels::ThreadPool pool(1);
  const Subject made = subject({.model = "resnet8", .input_size = 16});
  const SparseNetwork network(made, 2, pool);
  BOOST_TEST(network.choices().size() == 10U);  // seven convolutions, two shortcuts, the classifier
  BOOST_TEST(network.choices().front().starts_with("conv1: dense"));  // nothing of it is pruned
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
