#include "core/allocation.hpp"

#include "core/model.hpp"
#include "core/net.hpp"
#include "core/streams.hpp"
#include "core/tests/support.hpp"

#include <cmath>
#include <numeric>

namespace ticketbench {
namespace {

using boost::test_tools::per_element;
using Shapes = std::vector<std::vector<int64_t>>;
using Counts = std::vector<int64_t>;

int64_t size_of(const std::vector<int64_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

int64_t total_of(const Shapes& shapes) {
  int64_t total = 0;
  for (const auto& s : shapes) total += size_of(s);
  return total;
}

int64_t sum(const Counts& counts) {
  return std::accumulate(counts.begin(), counts.end(), int64_t{0});
}

Shapes resnet50() {
  Shapes shapes;
  for (const LayerShape& l : layers(make_architecture(
           "resnet50", {.input = {3, 224, 224}, .classes = 1000, .stem = Stem::imagenet})))
    shapes.push_back(l.shape);
  return shapes;
}

/// VGG-19 for CIFAR-10: sixteen 3x3 convolutions and one linear layer.
Shapes vgg19() {
  Shapes shapes;
  int64_t in = 3;
  for (const int64_t out :
       {64, 64, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512, 512, 512, 512, 512}) {
    shapes.push_back({out, in, 3, 3});
    in = out;
  }
  shapes.push_back({10, 512});
  return shapes;
}

BOOST_AUTO_TEST_SUITE(allocation)

// Evci et al.'s epsilon (density = epsilon * sum of dimensions / their product) from a program of
// its own. It depends on which layers became dense: 32, 8 and 1 of 54.
BOOST_AUTO_TEST_CASE(erk_of_resnet50) {
  const Shapes shapes = resnet50();
  BOOST_REQUIRE(shapes.size() == 54);
  BOOST_REQUIRE(total_of(shapes) == 25'502'912);
  struct Case {
    double density;
    double epsilon;
    int dense;
  };
  for (const auto& [density, epsilon, dense] :
       std::vector<Case>{{0.5, 303.952, 32}, {0.2, 99.561, 8}, {0.1, 48.786, 1}}) {
    BOOST_TEST_CONTEXT("density " << density) {
      const std::vector<double> found = erk_densities(shapes, density);
      int dense_found = 0;
      for (size_t i = 0; i < shapes.size(); ++i) {
        if (found[i] == 1) {
          ++dense_found;
        } else {
          const auto dimensions =
              static_cast<double>(std::accumulate(shapes[i].begin(), shapes[i].end(), int64_t{0}));
          BOOST_TEST(found[i] * static_cast<double>(size_of(shapes[i])) / dimensions == epsilon,
                     boost::test_tools::tolerance(3e-6));
        }
      }
      BOOST_TEST(dense_found == dense);
      BOOST_TEST(sum(allocate(Allocation::erk, shapes, density)) ==
                 std::llround(density * 25'502'912));
    }
  }
}

// To four digits, layer by layer. Without the kernel's dimensions (Erdos-Renyi) or without
// redistributing what dense layers can't take, all of these differ.
BOOST_AUTO_TEST_CASE(erk_of_vgg19) {
  const Shapes shapes = vgg19();
  BOOST_REQUIRE(total_of(shapes) == 20'024'000);
  const std::vector<double> half{1,      1,      1,      1,      1,      0.8703,
                                 0.8703, 0.8703, 0.6502, 0.4326, 0.4326, 0.4326,
                                 0.4326, 0.4326, 0.4326, 0.4326, 1};
  const std::vector<double> tenth{1,      0.6894, 0.5093, 0.3370, 0.2508, 0.1666,
                                  0.1666, 0.1666, 0.1244, 0.0828, 0.0828, 0.0828,
                                  0.0828, 0.0828, 0.0828, 0.0828, 1};
  for (const auto& [density, expected] : {std::pair(0.5, half), std::pair(0.1, tenth)}) {
    const std::vector<double> found = erk_densities(shapes, density);
    BOOST_REQUIRE(found.size() == expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      BOOST_TEST_CONTEXT("density " << density << ", layer " << i) {
        BOOST_TEST(std::abs(found[i] - expected[i]) <= 0.00005);
        BOOST_TEST((found[i] == 1) == (expected[i] == 1));
      }
    }
  }
}

// By hand: sizes 4 and 400, dimensions 4 and 40, density 0.25 of 404 = 101 weights. epsilon =
// 101 / 44 would give the first layer 9 of its 4: dense; the other gets 97.
BOOST_AUTO_TEST_CASE(a_layer_over_its_size_becomes_dense) {
  const Shapes shapes{{2, 2}, {20, 20}};
  const std::vector<double> densities = erk_densities(shapes, 0.25);
  BOOST_TEST(densities.at(0) == 1.0);
  BOOST_TEST(densities.at(1) == 97.0 / 400, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(allocate(Allocation::erk, shapes, 0.25) == (Counts{4, 97}), per_element());
  // 0.0495 of 404 is 20: epsilon = 19.998 / 44, so 1.818 of 4 and 18.18 of 400, none over its size.
  BOOST_TEST(allocate(Allocation::erk, shapes, 0.0495) == (Counts{2, 18}), per_element());
}

// 3 x 5 = 15 weights at 0.5 each make 7.5, rounded to 8: each layer wants 2.5, the fractions are
// equal and the earlier layers get the rest. Rounding layer by layer would keep 9.
BOOST_AUTO_TEST_CASE(remainders_go_to_the_largest_fraction_then_by_index) {
  BOOST_TEST(allocate(Allocation::uniform, {{5}, {5}, {5}}, 0.5) == (Counts{3, 3, 2}),
             per_element());
  // 0.3 of 11, 12 and 13: 3.3, 3.6, 3.9, in all 10.8, so 11: the second and the third round up.
  BOOST_TEST(allocate(Allocation::uniform, {{11}, {12}, {13}}, 0.3) == (Counts{3, 4, 4}),
             per_element());
}

BOOST_AUTO_TEST_CASE(none_and_all) {
  for (const Allocation a : {Allocation::uniform, Allocation::erk}) {
    BOOST_TEST(allocate(a, vgg19(), 0) == Counts(17, 0), per_element());
    const Counts all = allocate(a, vgg19(), 1);
    for (size_t i = 0; i < all.size(); ++i) BOOST_TEST(all[i] == size_of(vgg19()[i]));
  }
}

BOOST_AUTO_TEST_CASE(densities_outside_are_refused) {
  for (const double density : {-0.1, 1.1, std::nan("")}) {
    BOOST_CHECK_THROW((void)allocate(Allocation::erk, vgg19(), density), std::invalid_argument);
    BOOST_CHECK_THROW((void)allocate(Allocation::uniform, vgg19(), density), std::invalid_argument);
  }
}

// The budget to one weight, nothing below 0 or over a layer's size, and ERK's order: of two sparse
// layers the one with the larger ratio of dimensions to size is no sparser. Small odd layers make
// many fractions and dense layers.
BOOST_AUTO_TEST_CASE(laws_over_random_shapes) {
  const Stream stream(4, "test");
  for (uint64_t trial = 0; trial < 300; ++trial) {
    Rng rng = stream.at(0, trial);
    Shapes shapes;
    for (int64_t i = rng.below(6); i >= 0; --i) {
      std::vector<int64_t> shape{1 + rng.below(40), 1 + rng.below(40)};
      if (rng.below(2) == 0) shape.insert(shape.end(), 2, 1 + 2 * rng.below(2));
      shapes.push_back(shape);
    }
    const double density = rng.uniform();
    const int64_t budget = std::llround(density * static_cast<double>(total_of(shapes)));
    for (const Allocation a : {Allocation::uniform, Allocation::erk}) {
      const Counts counts = allocate(a, shapes, density);
      BOOST_REQUIRE(sum(counts) == budget);
      for (size_t i = 0; i < counts.size(); ++i)
        BOOST_REQUIRE((counts[i] >= 0 && counts[i] <= size_of(shapes[i])));
    }
    const std::vector<double> erk = erk_densities(shapes, density);
    double kept = 0;
    for (size_t i = 0; i < erk.size(); ++i) {
      BOOST_REQUIRE((erk[i] >= 0 && erk[i] <= 1));
      kept += erk[i] * static_cast<double>(size_of(shapes[i]));
      for (size_t j = 0; j < erk.size(); ++j) {
        const auto ratio = [&](size_t k) {
          return static_cast<double>(
                     std::accumulate(shapes[k].begin(), shapes[k].end(), int64_t{0})) /
                 static_cast<double>(size_of(shapes[k]));
        };
        if (ratio(i) > ratio(j)) BOOST_REQUIRE(erk[i] >= erk[j]);
      }
    }
    BOOST_TEST(kept == density * static_cast<double>(total_of(shapes)),
               boost::test_tools::tolerance(1e-9));
  }
}

// Only the prunable layers take part, under their names: without the stem and the classifier the
// rest is 267,264 weights.
BOOST_AUTO_TEST_CASE(a_nets_prunable_layers) {
  const Architecture a = make_architecture("resnet20s", {});
  const Net net(a, prunable_names(a, {.stem = false}), torch::kCPU);
  const auto counts = allocate(Allocation::erk, net, 0.1);
  BOOST_REQUIRE(counts.size() == 18);
  BOOST_TEST(counts.front().first == "layer1.0.conv1.weight");
  BOOST_TEST(counts.back().first == "layer3.2.conv2.weight");
  int64_t kept = 0;
  for (const auto& [name, count] : counts) kept += count;
  BOOST_TEST(kept == 26'726);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
