// Every kernel beside the reference, every instruction set of this machine forced in turn.

#include "hardware/kernels/cpu/tile_grid.hpp"
#include "hardware/tests/support.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

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
    for (const Arrangement arrangement : {Arrangement::images, Arrangement::pixels}) {
      for (const Plan& plan : plans(layer.shape, packing, density, set, arrangement)) {
        const std::size_t e = turn++ % all.size();
        const Borders borders = turn % 2 == 0 ? Borders{} : kSomeBorders;
        const PackedConv packed = pack(layer.shape.padding + borders.input, plan);
        std::vector<float> found(expected[e].size());
        if (arrangement == Arrangement::images) {
          found = run_plain(layer, packed, all[e], borders, pool);
        } else {
          run_single(packed, layer.shape.batch, layer.input, found, all[e], pool);
        }
        const double error = relative_error(found, expected[e]);
        BOOST_TEST(error < kTolerance,
                   fmt::format("{}, density {}, plan {}, epilogue {}: error {}",
                               to_string(layer.shape), density, to_string(plan), e, error));
      }
    }
  }
}

void compare_rows(const Layer& layer, double density, ThreadPool& pool) {
  compare(layer, Packing::rows, density, pool, [&](int64_t border, const Plan& plan) {
    return pack_rows(layer.shape, layer.weights, layer.mask, border, plan);
  });
}

void compare_blocks(Layer& layer, const std::vector<DenseBlock>& blocks, ThreadPool& pool) {
  std::fill(layer.mask.begin(), layer.mask.end(), uint8_t{0});
  for (const DenseBlock& block : blocks) {
    for (const int64_t row : block.rows) {
      for (const int64_t column : block.columns)
        layer.mask[static_cast<std::size_t>(row * layer.shape.columns() + column)] = 1;
    }
  }
  compare(layer, Packing::panels, 1, pool, [&](int64_t border, const Plan& plan) {
    return pack_blocks(layer.shape, layer.weights, blocks, border, plan);
  });
}

std::vector<int64_t> some_of(int64_t size, double density, std::mt19937_64& generator) {
  std::bernoulli_distribution keep(density);
  std::vector<int64_t> found;
  for (int64_t i = 0; i < size; ++i) {
    if (keep(generator)) found.push_back(i);
  }
  std::shuffle(found.begin(), found.end(), generator);
  return found;
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

// Shapes nobody thought of, among them maps narrower than a tile and rows without weights.
BOOST_AUTO_TEST_CASE(random_layers_are_the_reference) {
  ThreadPool pool(3);
  std::mt19937_64 generator(7);
  const auto pick = [&](int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(generator);
  };
  for (int i = 0; i < 40; ++i) {
    ConvShape shape{.batch = pick(1, 35),
                    .in = pick(1, 20),
                    .out = pick(1, 20),
                    .height = pick(1, 20),
                    .width = pick(1, 20),
                    .kernel = pick(1, 4),
                    .stride = pick(1, 2),
                    .padding = pick(0, 2)};
    if (shape.height + 2 * shape.padding < shape.kernel) shape.height = shape.kernel;
    if (shape.width + 2 * shape.padding < shape.kernel) shape.width = shape.kernel;
    const double density = 0.02 * static_cast<double>(pick(1, 20));
    compare_rows(Layer(shape, density, generator()), density, pool);
  }
}

// Rows and columns in any order, blocks that share rows (their sums meet in one output) and cells
// (which must count once), more rows than a panel has, an empty block.
BOOST_AUTO_TEST_CASE(blocks_are_the_reference) {
  ThreadPool pool(2);
  std::mt19937_64 generator(11);
  for (const ConvShape& shape : {ConvShape{16, 12, 40, 8, 8, 3, 1, 1},
                                 {3, 40, 13, 7, 7, 3, 1, 1},
                                 {16, 16, 33, 9, 9, 3, 2, 1},
                                 {17, 24, 20, 4, 4, 1, 1, 0}}) {
    for (const double density : {0.2, 0.6}) {
      std::vector<DenseBlock> blocks(1);
      for (int b = 0; b < 3; ++b) {
        blocks.push_back(
            {some_of(shape.out, density, generator), some_of(shape.columns(), density, generator)});
      }
      Layer layer(shape, 1, generator());
      compare_blocks(layer, blocks, pool);
    }
  }
}

// 5 x 18 in tiles of 2 x 4: the last strip has one row, the last tiles two columns. Kept are a cell
// of tile (0, 1), two of (0, 4) and one of (2, 0).
BOOST_AUTO_TEST_CASE(tiles_become_strips_of_whole_tiles) {
  const ConvShape shape{1, 2, 5, 3, 3, 3, 1, 1};
  std::vector<uint8_t> mask(90);
  mask[0 * 18 + 5] = mask[0 * 18 + 16] = mask[1 * 18 + 17] = mask[4 * 18 + 3] = 1;
  const std::vector<DenseBlock> found = tiles_of(shape, mask, 2, 4);
  BOOST_REQUIRE(found.size() == 2U);
  BOOST_TEST(found[0].rows == (std::vector<int64_t>{0, 1}), boost::test_tools::per_element());
  BOOST_TEST(found[0].columns == (std::vector<int64_t>{4, 5, 6, 7, 16, 17}),
             boost::test_tools::per_element());
  BOOST_TEST(found[1].rows == (std::vector<int64_t>{4}), boost::test_tools::per_element());
  BOOST_TEST(found[1].columns == (std::vector<int64_t>{0, 1, 2, 3}),
             boost::test_tools::per_element());
}

// Where the plan says so, zeros of the border aren't even read: with something else there, which
// isn't a number, every output would be wrong.
BOOST_AUTO_TEST_CASE(a_skipped_border_is_not_read) {
  ThreadPool pool(1);
  const Layer layer({16, 6, 5, 4, 4, 3, 1, 1}, 0.5, 3);
  int skipping = 0;
  for (const InstructionSet set : instruction_sets()) {
    for (const Plan& plan : plans(layer.shape, Packing::rows, 0.5, set)) {
      if (!plan.skip_border) continue;
      ++skipping;
      BlockedTensor input({16, 6, 4, 4, 1});
      BlockedTensor output({16, 5, 4, 4, 0});
      std::fill_n(input.view().data, input.shape().size(), std::numeric_limits<float>::quiet_NaN());
      to_blocked(layer.input, Order::nchw, input.view());
      run(pack_rows(layer.shape, layer.weights, layer.mask, 1, plan), input.view(), output.view(),
          {}, pool);
      std::vector<float> found(static_cast<std::size_t>(layer.shape.output_size()));
      from_blocked(output.view(), Order::nchw, found);
      BOOST_TEST(relative_error(found, layer.expected({})) < kTolerance, to_string(plan));
    }
  }
  BOOST_TEST(skipping > 0);
}

// Each output is summed by one thread in one order; were a tile's sums shared between threads, or
// kept from an earlier piece of work, some pool would give other bits.
BOOST_AUTO_TEST_CASE(any_number_of_threads_gives_the_same_bits) {
  const Layer layer({50, 40, 24, 9, 9, 3, 1, 1}, 0.3, 5);
  for (const InstructionSet set : instruction_sets()) {
    for (const Arrangement arrangement : {Arrangement::images, Arrangement::pixels}) {
      const Plan plan = plans(layer.shape, Packing::rows, 0.3, set, arrangement).front();
      const PackedConv packed = pack_rows(layer.shape, layer.weights, layer.mask, 1, plan);
      std::vector<std::vector<float>> outputs;
      for (const int64_t size : {1, 2, 3, 8}) {
        ThreadPool pool(size);
        for (int repetition = 0; repetition < 2; ++repetition) {
          std::vector<float>& found =
              outputs.emplace_back(static_cast<std::size_t>(layer.shape.output_size()));
          if (arrangement == Arrangement::images) {
            found = run_plain(layer, packed, {.bias = layer.bias}, {}, pool);
          } else {
            run_single(packed, 50, layer.input, found, {.bias = layer.bias}, pool);
          }
          BOOST_TEST((found == outputs.front()), to_string(plan) << ", " << size << " threads");
        }
      }
    }
  }
}

// A sum may take its residual's place: the same bits as beside it, or a refusal where a tile
// overlaps another, which would add the residual twice. Also where sums are set aside between
// blocks of channels, and in panels of several rows.
BOOST_AUTO_TEST_CASE(a_residual_may_be_replaced_by_the_sum) {
  ThreadPool pool(2);
  int replaced = 0;
  int refused = 0;
  for (const int64_t edge : {8, 9, 13}) {
    const Layer layer({20, 9, 7, edge, edge, 3, 1, 1}, 0.4, 7);
    BlockedTensor input({20, 9, edge, edge, 1});
    BlockedTensor residual({20, 7, edge, edge, 1});
    BlockedTensor output({20, 7, edge, edge, 1});
    to_blocked(layer.input, Order::nchw, input.view());
    const Epilogue epilogue{
        .bias = layer.bias, .residual = std::as_const(residual).view(), .relu = true};
    const auto compare_places = [&](const PackedConv& packed) {
      to_blocked(layer.residual, Order::nchw, residual.view());
      run(packed, input.view(), output.view(), epilogue, pool);
      const auto in_place = [&] { run(packed, input.view(), residual.view(), epilogue, pool); };
      if (tile_grid(packed.plan, tile_area(layer.shape, 2), 1).overlaps()) {
        ++refused;
        BOOST_CHECK_THROW(in_place(), std::invalid_argument);
        return;
      }
      ++replaced;
      in_place();
      BOOST_TEST(std::equal(output.view().data, output.view().data + output.shape().size(),
                            residual.view().data),
                 to_string(packed.plan));
    };
    for (const InstructionSet set : instruction_sets()) {
      for (Plan plan : plans(layer.shape, Packing::rows, 0.4, set)) {
        compare_places(pack_rows(layer.shape, layer.weights, layer.mask, 1, plan));
        plan.channel_block = 2;
        compare_places(pack_rows(layer.shape, layer.weights, layer.mask, 1, plan));
      }
      for (Plan plan : plans(layer.shape, Packing::panels, 1, set)) {
        plan.channel_block = 4;
        compare_places(pack_dense(layer.shape, layer.weights, 1, plan));
      }
    }
  }
  BOOST_TEST(replaced > 0);
  BOOST_TEST(refused > 0);
}

// The same memory with another border is another place for every row but the first.
BOOST_AUTO_TEST_CASE(a_residual_of_another_border_is_not_replaced) {
  ThreadPool pool(1);
  const Layer layer({16, 3, 4, 8, 8, 3, 1, 1}, 0.5, 8);
  const PackedConv packed = pack_rows(layer.shape, layer.weights, layer.mask, 1,
                                      plans(layer.shape, Packing::rows, 0.5).front());
  BlockedTensor input({16, 3, 8, 8, 1});
  BlockedTensor memory({16, 4, 8, 8, 2});
  BlockedView output = memory.view();
  output.shape.border = 1;
  BOOST_CHECK_THROW(
      run(packed, input.view(), output, {.residual = std::as_const(memory).view()}, pool),
      std::invalid_argument);
}

// A whole network runs group by group: the second group of the batch alone must give what it gave
// among the others.
BOOST_AUTO_TEST_CASE(a_group_alone_gives_the_same) {
  ThreadPool pool(1);
  const Layer layer({40, 8, 6, 8, 8, 3, 1, 1}, 0.3, 6);
  const PackedConv packed = pack_rows(layer.shape, layer.weights, layer.mask, 1,
                                      plans(layer.shape, Packing::rows, 0.3).front());
  BlockedTensor input({40, 8, 8, 8, 1});
  BlockedTensor all({40, 6, 8, 8, 1});
  BlockedTensor parts({40, 6, 8, 8, 1});
  to_blocked(layer.input, Order::nchw, input.view());
  run(packed, input.view(), all.view(), {}, pool);
  for (const int64_t group : {0, 1, 2})
    run(packed, input.view().groups(group, 1), parts.view().groups(group, 1), {}, pool);
  BOOST_TEST(std::equal(all.view().data, all.view().data + all.shape().size(), parts.view().data));
  BOOST_TEST(input.view().groups(2, 1).shape.images == 8);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ticketbench::kernels
