// Every kernel beside the reference, every instruction set of this machine forced in turn.

#include "hardware/tests/support.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <numeric>

namespace ticketbench::kernels {
namespace {

// Sums of some hundred products in float against double: a wrong weight or pixel is off by 0.1.
constexpr double kTolerance = 1e-5;

const std::vector<ConvShape> kAwkward = {
    {1, 1, 1, 7, 7, 3, 1, 1},      // one channel, batch 1
    {17, 3, 5, 7, 7, 3, 1, 1},     // an image in a second group
    {16, 8, 6, 4, 4, 3, 1, 1},     // one tile is the whole map: every border is skipped
    {16, 7, 9, 8, 8, 3, 1, 1},     // tiles over the whole width
    {5, 6, 4, 9, 8, 3, 1, 1},      // and rows that don't divide
    {16, 5, 7, 14, 14, 3, 1, 1},   //
    {3, 4, 3, 16, 16, 3, 1, 1},    //
    {16, 3, 4, 15, 13, 3, 2, 1},   // stride 2, odd sizes: the last row has a border
    {16, 6, 5, 16, 16, 3, 2, 1},   // stride 2, even sizes: it has none
    {16, 6, 5, 8, 8, 3, 2, 1},     //
    {33, 5, 4, 28, 28, 3, 2, 1},   //
    {16, 4, 4, 9, 9, 3, 1, 0},     // no padding
    {16, 4, 4, 9, 9, 3, 2, 0},     //
    {4, 3, 6, 23, 23, 7, 2, 3},    // ImageNet's stem
    {4, 3, 6, 11, 12, 7, 1, 3},    //
    {16, 9, 7, 8, 8, 1, 1, 0},     // 1x1
    {16, 9, 7, 8, 8, 1, 2, 0},     // a shortcut
    {16, 9, 7, 7, 7, 1, 2, 0},     //
    {1, 2, 2, 127, 127, 3, 1, 1},  // Structure-LTH's odd input
    {20, 6, 5, 2, 2, 3, 1, 1},     // VGG's last maps
    {20, 6, 5, 1, 1, 3, 1, 1},     // only the kernel's centre meets the map
    {40, 6, 5, 3, 3, 3, 1, 0},     // one output pixel from nine
    {130, 33, 10, 1, 1, 1, 1, 0},  // a classifier
    {16, 70, 31, 4, 4, 3, 1, 1},   // several blocks of input channels
    {16, 2, 1, 5, 6, 3, 1, 2},     // more padding than the kernel needs
    {16, 4, 4, 56, 3, 3, 1, 1},    // narrow
};

const Borders kSomeBorders{.input = 1, .output = 2, .residual = 1};

std::vector<PlainEpilogue> epilogues(const Layer& layer) {
  return {{},
          {.bias = layer.bias},
          {.bias = layer.bias, .residual = layer.residual, .relu = true},
          {.residual = layer.residual}};
}

// All plans, each with another epilogue and border.
template <class Pack>
void compare(const Layer& layer, Packing packing, double density, ThreadPool& pool, Pack&& pack) {
  const std::vector<PlainEpilogue> all = epilogues(layer);
  std::vector<std::vector<float>> expected;
  for (const PlainEpilogue& epilogue : all) expected.push_back(layer.expected(epilogue));
  std::size_t turn = 0;
  for (const InstructionSet set : instruction_sets()) {
    for (const Plan& plan : plans(layer.shape, packing, density, set)) {
      const std::size_t e = turn++ % all.size();
      const Borders borders = turn % 2 == 0 ? Borders{} : kSomeBorders;
      const PackedConv packed = pack(layer.shape.padding + borders.input, plan);
      const double error =
          relative_error(run_plain(layer, packed, all[e], borders, pool), expected[e]);
      BOOST_TEST(error < kTolerance,
                 fmt::format("{}, density {}, plan {}, epilogue {}: error {}",
                             to_string(layer.shape), density, to_string(plan), e, error));
    }
  }
}

void compare_rows(const Layer& layer, double density, ThreadPool& pool) {
  compare(layer, Packing::rows, density, pool, [&](int64_t border, const Plan& plan) {
    return pack_rows(layer.shape, layer.weights, layer.mask, border, plan);
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(convolution)

// A wrong offset, tap, tile or border shows in some pixel of one of these shapes; a wrong class of
// taps only where a tile touches the border; partial sums only where there are several blocks.
BOOST_AUTO_TEST_CASE(unstructured_layers_are_the_reference) {
  ThreadPool pool(2);
  uint64_t seed = 0;
  for (const ConvShape& shape : kAwkward) {
    for (const double density : {0.0, 0.05, 0.3, 1.0})
      compare_rows(Layer(shape, density, ++seed), density, pool);
  }
}

BOOST_AUTO_TEST_CASE(dense_layers_are_the_reference) {
  ThreadPool pool(2);
  uint64_t seed = 100;
  for (const ConvShape& shape : kAwkward) {
    const Layer layer(shape, 1, ++seed);
    compare(layer, Packing::panels, 1, pool, [&](int64_t border, const Plan& plan) {
      return pack_dense(shape, layer.weights, border, plan);
    });
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ticketbench::kernels
