// What is in a packed layer, and what is refused.

#include "hardware/tests/support.hpp"

#include <boost/test/unit_test.hpp>

#include <bit>
#include <map>

namespace ticketbench::kernels {
namespace {

Plan rows_plan(const ConvShape& shape) {
  return plans(shape, Packing::rows, 0.1, InstructionSet::portable).front();
}
Plan panels_plan(const ConvShape& shape) {
  return plans(shape, Packing::panels, 1, InstructionSet::portable).front();
}

const auto says = [](const char* words) {
  return [words](const std::invalid_argument& error) {
    return std::string(error.what()).find(words) != std::string::npos;
  };
};

}  // namespace

BOOST_AUTO_TEST_SUITE(pack)

// Read back through the offsets: every kept weight is there once, at its place, and nothing else. A
// border of 2 makes rows of 8 + 4 pixels: one too few or too many moves every offset.
BOOST_AUTO_TEST_CASE(every_kept_weight_is_packed_once) {
  const Layer layer({16, 21, 6, 8, 8, 3, 1, 1}, 0.3, 1);
  for (const bool skip : {false, true}) {
    Plan plan = rows_plan(layer.shape);
    plan.tile_height = 1;
    plan.tile_width = 8;
    plan.channel_block = 5;
    plan.skip_border = skip;
    const PackedConv packed = pack_rows(layer.shape, layer.weights, layer.mask, 2, plan);
    std::map<int64_t, float> found;
    for (const Panel& panel : packed.panels) {
      BOOST_TEST(panel.rows == 1);
      const int64_t row = packed.panel_rows[static_cast<std::size_t>(panel.first_row)].row;
      for (int64_t i = 0; i < panel.columns; ++i) {
        const auto word = static_cast<std::size_t>(panel.begin + 2 * i);
        const int64_t pixel = packed.words[word] / 16;
        const int64_t c = pixel / 144;
        const int64_t ky = pixel % 144 / 12;
        const int64_t kx = pixel % 12;
        const bool added = found
                               .emplace(((row * 21 + c) * 3 + ky) * 3 + kx,
                                        std::bit_cast<float>(packed.words[word + 1]))
                               .second;
        BOOST_TEST(added);
      }
    }
    std::map<int64_t, float> expected;
    for (std::size_t i = 0; i < layer.mask.size(); ++i) {
      if (layer.mask[i] != 0) expected.emplace(static_cast<int64_t>(i), layer.weights[i]);
    }
    BOOST_TEST((found == expected));
    BOOST_TEST(packed.kept == static_cast<int64_t>(expected.size()));
  }
}

// On a 1x1 map with padding 1 eight of nine taps meet nothing but border: one weight in nine is
// left to multiply.
BOOST_AUTO_TEST_CASE(taps_that_never_meet_the_map_are_left_out) {
  const Layer layer({16, 10, 4, 1, 1, 3, 1, 1}, 1, 2);
  const PackedConv packed =
      pack_rows(layer.shape, layer.weights, layer.mask, 1, rows_plan(layer.shape));
  BOOST_TEST(packed.kept == 40);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused_with_a_message) {
  const Layer layer({16, 6, 5, 8, 8, 3, 1, 1}, 0.5, 3);
  const ConvShape& shape = layer.shape;
  const Plan plan = rows_plan(shape);
  const auto refused = [&](auto&& call, const char* words) {
    BOOST_CHECK_EXCEPTION(call(), std::invalid_argument, says(words));
  };
  const std::span<const float> weights(layer.weights);
  const std::span<const uint8_t> mask(layer.mask);
  refused([&] { pack_rows(shape, weights.first(9), mask, 1, plan); }, "9 weights, expected 270");
  refused([&] { pack_rows(shape, weights, mask.first(9), 1, plan); }, "9 values, expected 270");
  refused([&] { pack_rows(shape, weights, mask, 0, plan); }, "border is 0, expected 1");
  refused([&] { pack_rows(shape, weights, mask, 1, panels_plan(shape)); }, "a plan for rows");
  refused([&] { pack_dense(shape, weights, 1, plan); }, "a plan for panels");
  const std::vector<DenseBlock> bad_row{{{5}, {0}}};
  const std::vector<DenseBlock> bad_column{{{0}, {54}}};
  refused([&] { pack_blocks(shape, weights, bad_row, 1, panels_plan(shape)); }, "row 5");
  refused([&] { pack_blocks(shape, weights, bad_column, 1, panels_plan(shape)); }, "column 54");
  refused([&] { tiles_of(shape, mask, 0, 4); }, "sizes from 1");
  Plan other = plan;
  other.tile_height = 5;
  refused([&] { pack_rows(shape, weights, mask, 1, other); }, "no kernel has tiles");
  other = plan;
  other.channel_block = 0;
  refused([&] { pack_rows(shape, weights, mask, 1, other); }, "blocks of 1 to");
  refused([] { check(ConvShape{.stride = 3}); }, "stride is 3, expected 1 to 2");
  refused([] { check(ConvShape{.kernel = 3}); }, "padded height is 1, expected 3");
  refused([&] { plans(shape, Packing::rows, 1.5); }, "expected 0 to 1");
  refused([&] { plans({.batch = 0}, Packing::rows, 1); }, "batch is 0");
}

BOOST_AUTO_TEST_CASE(what_can_not_run_is_refused_with_a_message) {
  ThreadPool pool(1);
  const Layer layer({16, 6, 5, 8, 8, 3, 1, 1}, 0.5, 3);
  const ConvShape& shape = layer.shape;
  const PackedConv packed = pack_rows(shape, layer.weights, layer.mask, 1, rows_plan(shape));
  BlockedTensor input({16, 6, 8, 8, 1});
  BlockedTensor output({16, 5, 8, 8, 0});
  BlockedTensor narrow({16, 6, 8, 8, 0});
  BlockedTensor few({15, 5, 8, 8, 0});
  BlockedTensor other({16, 4, 8, 8, 0});
  const auto refused = [&](const BlockedTensor& in, BlockedTensor& out, const Epilogue& epilogue,
                           const char* words) {
    BOOST_CHECK_EXCEPTION(run(packed, in.view(), out.view(), epilogue, pool), std::invalid_argument,
                          says(words));
  };
  refused(narrow, output, {}, "border is 0, expected 1");
  refused(output, output, {}, "channels is 5, expected 6");
  refused(input, few, {}, "images is 15, expected 16");
  refused(input, other, {}, "the output's channels is 4, expected 5");
  refused(input, output, {.residual = other.view()}, "the residual's channels is 4");
  refused(input, output, {.bias = std::span(layer.bias).first(3)}, "bias's size is 3, expected 5");
  std::vector<float> plain(static_cast<std::size_t>(shape.output_size()));
  BOOST_CHECK_EXCEPTION(run_single(packed, 16, layer.input, plain, {}, pool), std::invalid_argument,
                        says("expected a plan for pixels"));
  const Plan pixels =
      plans(shape, Packing::rows, 0.5, InstructionSet::portable, Arrangement::pixels).front();
  const PackedConv single = pack_rows(shape, layer.weights, layer.mask, 1, pixels);
  BOOST_CHECK_EXCEPTION(run_single(single, 15, layer.input, plain, {}, pool), std::invalid_argument,
                        says("the input has 6144 values, expected 5760"));
  BOOST_CHECK_EXCEPTION(run(single, input.view(), output.view(), {}, pool), std::invalid_argument,
                        says("expected a plan for images"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ticketbench::kernels
