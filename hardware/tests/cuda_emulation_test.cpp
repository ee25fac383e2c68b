// The GPU's kernels without a GPU: which weight meets which pixel, for every thread of a block.

#include "hardware/tests/cuda_emulation.hpp"

#include "hardware/kernels/cuda/launch.cuh"
#include "hardware/tests/cuda_support.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench::kernels {
namespace {

const auto emulated = [](auto kernel, int32_t blocks, int threads, const auto& arguments) {
  emulation::launch(kernel, blocks, threads, arguments);
};

std::size_t values_of(const ConvShape& layer, int64_t batch) {
  ConvShape shape = layer;
  shape.batch = batch;
  return static_cast<std::size_t>(output_layout(shape).size());
}

template <class Math, class Plain>
std::vector<Plain> run_groups(const PackedGroups& layer, int64_t batch,
                              std::span<const Plain> weights, std::span<const Plain> input) {
  using Value = typename Math::Value;
  static_assert(sizeof(Value) == sizeof(Plain));
  std::vector<Plain> output(values_of(layer.shape, batch));
  auto arguments = group_arguments<Value>(layer, batch);
  arguments.tiles = layer.tiles.data();
  arguments.rows = layer.rows.data();
  arguments.columns = layer.columns.data();
  arguments.weights = reinterpret_cast<const Value*>(weights.data());
  arguments.input = reinterpret_cast<const Value*>(input.data());
  arguments.output = reinterpret_cast<Value*>(output.data());
  launch_groups<Math>(arguments, emulated);
  return output;
}

GpuKernels emulated_kernels() {
  return {.fp32 =
              [](const PackedGroups& layer, int64_t batch, std::span<const float> input) {
                return run_groups<Fp32Math, float>(layer, batch, layer.weights, input);
              },
          .tf32 =
              [](const PackedGroups& layer, int64_t batch, std::span<const float> input) {
                return run_groups<Tf32Math, float>(layer, batch, layer.weights, input);
              },
          .bf16 =
              [](const PackedGroups& layer, int64_t batch, std::span<const uint16_t> input) {
                return run_groups<Bf16Math, uint16_t>(layer, batch, to_bf16(layer.weights), input);
              },
          .rows =
              [](const PackedRows& layer, int64_t batch, std::span<const float> input) {
                std::vector<float> output(values_of(layer.shape, batch));
                RowArguments arguments = row_arguments(layer, batch);
                arguments.begins = layer.begins.data();
                arguments.entries = layer.entries.data();
                arguments.input = input.data();
                arguments.output = output.data();
                launch_rows(arguments, layer, emulated);
                return output;
              }};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda)

// A wrong row, offset, stage or guard shows in some value of one of these shapes.
BOOST_AUTO_TEST_CASE(emulated_kernels_are_the_reference) {
  compare_gpu_kernels(emulated_kernels());
}

// Worked out by hand: 0x3F80 is 1, each step of the last bit 2^-7; halfway goes to the even one.
BOOST_AUTO_TEST_CASE(bf16_rounds_to_nearest_even) {
  const std::vector<float> values = {1.0F, 1.00390625F, 1.01171875F, 1.00390637F, -1.00390637F};
  const std::vector<uint16_t> expected = {0x3F80, 0x3F80, 0x3F82, 0x3F81, 0xBF81};
  BOOST_TEST(to_bf16(values) == expected, boost::test_tools::per_element());
  const std::vector<float> nan = {std::numeric_limits<float>::quiet_NaN()};
  BOOST_TEST(std::isnan(from_bf16(to_bf16(nan))[0]));
}

BOOST_AUTO_TEST_CASE(packing_refuses_what_it_cannot_compute) {
  const ConvShape shape{1, 2, 3, 40, 40, 3, 1, 1};
  const std::vector<float> weights(static_cast<std::size_t>(shape.weights()));
  const std::vector<uint8_t> mask(weights.size(), 1);
  BOOST_CHECK_THROW(pack_groups(shape, weights, std::vector<DenseBlock>{{{3}, {0}}}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(pack_groups(shape, weights, std::vector<DenseBlock>{{{0}, {18}}}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(pack_gpu_rows(shape, weights, std::span(mask).first(5)), std::invalid_argument);
  const ConvShape wide{1, 1, 1, 40, 40, 31, 1, 15};
  const std::vector<float> many(static_cast<std::size_t>(wide.weights()));
  const std::vector<uint8_t> all(many.size(), 1);
  BOOST_CHECK_THROW(pack_gpu_rows(wide, many, all), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ticketbench::kernels
