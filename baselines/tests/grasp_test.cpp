#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>

namespace ticketbench {
namespace {

// A linear unit of two inputs and two classes, W = (a b; c d). The loss of an image x of label 0
// depends on W only by the difference of the logits over T, e = u . w / T with w = (a, b, c, d) and
// u = (x1, x2, -x1, -x2): loss = log(1 + exp(-e)), so with s = 1 / (1 + exp(-e))
//   g = -(1 - s) u / T,   H = s (1 - s) u u' / T^2.
using Vector = std::array<double, 4>;
constexpr Vector kWeights{3, -1, 1, 0.5};

double dot(const Vector& a, const Vector& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
}

// w * Hg, g and H summed over all images.
Vector scores(const std::vector<Vector>& images, double temperature) {
  Vector g{};
  for (const Vector& u : images) {
    const double s = 1 / (1 + std::exp(-dot(u, kWeights) / temperature));
    for (size_t i = 0; i < 4; ++i) g[i] -= (1 - s) * u[i] / temperature;
  }
  Vector result{};
  for (const Vector& u : images) {
    const double s = 1 / (1 + std::exp(-dot(u, kWeights) / temperature));
    for (size_t i = 0; i < 4; ++i)
      result[i] += kWeights[i] * s * (1 - s) * u[i] * dot(u, g) / (temperature * temperature);
  }
  return result;
}

std::vector<int64_t> kept(const std::vector<std::array<float, 2>>& images, double density,
                          double temperature = 1) {
  FakeLab lab(linear_architecture({2, 2}));
  State weights;
  weights["fc1.weight"] = torch::tensor({{3.0F, -1.0F}, {1.0F, 0.5F}});
  lab.first = weights;
  for (const auto& [x, y] : images)
    lab.data.push_back(
        {torch::tensor({x, y}).view({1, 2, 1, 1}), torch::zeros({1}, torch::kInt64)});
  run_method(lab, "grasp",
             {{"density", density}, {"num_batches", images.size()}, {"temperature", temperature}});
  const torch::Tensor mask = lab.records.at(0).mask.at("fc1.weight").flatten();
  std::vector<int64_t> places;
  for (int64_t i = 0; i < 4; ++i) {
    if (mask[i].item<bool>()) places.push_back(i);
  }
  return places;
}

BOOST_AUTO_TEST_SUITE(grasp)

// x = (1, 2): Hg is a positive number times -(1, 2, -1, -2), so w Hg goes as -3, +2, +1, +1. The
// largest stay: b, then c and d, a last of all. By |w Hg| or with the sign reversed a would be the
// first.
BOOST_AUTO_TEST_CASE(what_raises_the_gradient_flow_goes_first) {
  BOOST_TEST(kept({{1, 2}}, 0.25) == std::vector<int64_t>({1}), boost::test_tools::per_element());
  BOOST_TEST(kept({{1, 2}}, 0.75) == std::vector<int64_t>({1, 2, 3}),
             boost::test_tools::per_element());
}

// Two images: the product is of the summed gradient with the summed Hessian, and the temperature
// changes their weights. Image by image the Hessians' products would be summed: another order.
BOOST_AUTO_TEST_CASE(gradients_of_all_batches_come_first) {
  const std::vector<Vector> u{{1, 2, -1, -2}, {2, -3, -2, 3}};
  for (const double temperature : {1.0, 3.0}) {
    const Vector s = scores(u, temperature);
    for (const int64_t count : {1, 2, 3}) {
      std::vector<int64_t> order{0, 1, 2, 3};
      std::stable_sort(order.begin(), order.end(), [&](int64_t i, int64_t j) {
        return s[static_cast<size_t>(i)] > s[static_cast<size_t>(j)];
      });
      order.resize(static_cast<size_t>(count));
      std::sort(order.begin(), order.end());
      BOOST_TEST(kept({{1, 2}, {2, -3}}, static_cast<double>(count) / 4, temperature) == order,
                 boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
