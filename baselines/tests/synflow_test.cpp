#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

// Two layers, W = (a b; c d) and V = (e f; 0 0): with an input of ones R = e (a + b) + f (c + d),
// all in magnitude, and the scores are a e, b e, c f, d f, e (a + b), f (c + d).
MaskSet mask_of(const std::vector<float>& w, double density, int64_t rounds) {
  FakeLab lab(linear_architecture({2, 2, 2}));
  State weights;
  weights["fc1.weight"] = torch::tensor({w[0], w[1], w[2], w[3]}).view({2, 2});
  weights["fc2.weight"] = torch::tensor({w[4], w[5], 0.0F, 0.0F}).view({2, 2});
  lab.first = weights;
  run_method(lab, "synflow", {{"density", density}, {"rounds", rounds}});
  BOOST_TEST(same(lab.trainings.at(0).before, weights));  // its own weights, signs and all
  return lab.records.at(0).mask;
}

std::vector<int64_t> kept(const MaskSet& mask) {
  std::vector<int64_t> result;
  int64_t begin = 0;
  for (const auto& [name, m] : mask) {
    const torch::Tensor places = m.flatten().nonzero().flatten();
    for (int64_t i = 0; i < places.numel(); ++i)
      result.push_back(begin + places[i].item<int64_t>());
    begin += m.numel();
  }
  return result;
}

BOOST_AUTO_TEST_SUITE(synflow)

// a = 1, b = -2, c = 3, d = 1, e = 2, f = -0.5: 2, 4, 1.5, 0.5, 6, 2. Half of eight: e, b and the
// first two of a and f at 2. With signs b would be negative and go first.
BOOST_AUTO_TEST_CASE(the_flow_of_magnitudes_is_kept) {
  BOOST_TEST(kept(mask_of({1, -2, 3, 1, 2, -0.5F}, 0.5, 1)) == std::vector<int64_t>({0, 1, 4, 5}),
             boost::test_tools::per_element());
}

// a = b = 1, c = 3, d = 0, e = 2, f = 1: 2, 2, 3, 0, 4, 3. At once a quarter of eight is e and c,
// which don't meet: the network is cut. In two rounds four stay first (e, c, f and the first of a
// and b); of these, a e = 2, c f = 3, e a = 2, f c = 3, and c and f stay, a whole path.
BOOST_AUTO_TEST_CASE(rounds_keep_a_path) {
  const std::vector<float> w{1, 1, 3, 0, 2, 1};
  BOOST_TEST(kept(mask_of(w, 0.25, 1)) == std::vector<int64_t>({2, 4}),
             boost::test_tools::per_element());
  BOOST_TEST(kept(mask_of(w, 0.25, 2)) == std::vector<int64_t>({2, 5}),
             boost::test_tools::per_element());
}

// At a density of 0.002 random or one-round pruning empties layers; a hundred rounds leave weights
// in each.
BOOST_AUTO_TEST_CASE(no_layer_collapses) {
  FakeLab lab(small_resnet());
  run_method(lab, "synflow", {{"density", 0.002}});
  const MaskSet& mask = lab.records.at(0).mask;
  BOOST_TEST(mask.kept() == std::llround(0.002 * static_cast<double>(mask.total())));
  for (const char* name : {"conv1.weight", "fc.weight"})
    BOOST_TEST(mask.at(name).any().item<bool>());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
