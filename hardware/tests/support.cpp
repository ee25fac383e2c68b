#include "hardware/tests/support.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench::kernels {

Layer::Layer(const ConvShape& of, double density, uint64_t seed) : shape(of) {
  std::mt19937_64 generator(seed);
  std::uniform_real_distribution<float> value(-1, 1);
  std::bernoulli_distribution keep(density);
  const auto fill = [&](std::vector<float>& values, int64_t size) {
    values.resize(static_cast<std::size_t>(size));
    for (float& v : values) v = value(generator);
  };
  fill(input, shape.input_size());
  fill(weights, shape.weights());
  fill(bias, shape.out);
  fill(residual, shape.output_size());
  mask.resize(weights.size());
  for (uint8_t& m : mask) m = keep(generator) ? 1 : 0;
}

std::vector<float> run_plain(const Layer& layer, const PackedConv& packed,
                             const PlainEpilogue& epilogue, const Borders& borders,
                             ThreadPool& pool) {
  const ConvShape& s = layer.shape;
  BlockedTensor input({s.batch, s.in, s.height, s.width, s.padding + borders.input});
  const BlockedShape out{s.batch, s.out, s.out_height(), s.out_width(), 0};
  BlockedShape out_shape = out;
  out_shape.border = borders.output;
  BlockedTensor output(out_shape);
  out_shape.border = borders.residual;
  BlockedTensor residual(out_shape);
  to_blocked(layer.input, Order::nchw, input.view());
  Epilogue blocked{.bias = epilogue.bias, .relu = epilogue.relu};
  if (!epilogue.residual.empty()) {
    to_blocked(epilogue.residual, Order::nchw, residual.view());
    blocked.residual = residual.view();
  }
  run(packed, input.view(), output.view(), blocked, pool);

  std::vector<float> plain(static_cast<std::size_t>(s.output_size()));
  from_blocked(output.view(), Order::nchw, plain);
  const BlockedShape& shape = output.shape();
  int64_t dirty = 0;
  for (int64_t i = 0; i < shape.size(); ++i) {
    const int64_t x = i / kLanes % (shape.width + 2 * shape.border) - shape.border;
    const int64_t y = i / shape.row_stride() % (shape.height + 2 * shape.border) - shape.border;
    const bool border = x < 0 || x >= shape.width || y < 0 || y >= shape.height;
    if (border && output.view().data[i] != 0) ++dirty;
  }
  BOOST_TEST(dirty == 0, "values in the output's border");
  return plain;
}

}  // namespace ticketbench::kernels
