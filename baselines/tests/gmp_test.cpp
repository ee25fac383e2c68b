#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

// 100 weights, ten iterations, pruned every two from 1 to 7 (7 itself is the end, though no
// multiple): density 0.1 + 0.9 (1 - t)^3 with t = 1/6, 3/6, 5/6, 1 before iterations 2, 4, 6, 7:
// 0.6208, 0.2125, 0.1042, 0.1: 62, 21, 10, 10 of 100.
FakeLab trained(const char* scope) {
  FakeLab lab(linear_architecture({10, 10}));
  lab.lengths["train"] = 10;
  lab.watch = true;
  run_method(lab, "gmp",
             {{"density", 0.1},
              {"begin", "1it"},
              {"end", "7it"},
              {"update_period", "2it"},
              {"scope", scope}});
  return lab;
}

BOOST_AUTO_TEST_SUITE(gmp)

BOOST_AUTO_TEST_CASE(the_density_falls_by_a_cubic_curve) {
  std::vector<int64_t> kept;
  for (const Iteration& i : trained("global").watched) kept.push_back(i.mask_after.kept());
  BOOST_TEST(kept == std::vector<int64_t>({100, 100, 62, 62, 21, 21, 10, 10, 10, 10}),
             boost::test_tools::per_element());
}

// Pruned are the smallest of what is left; nothing comes back.
BOOST_AUTO_TEST_CASE(the_smallest_go_for_good) {
  const FakeLab lab = trained("global");
  for (size_t at = 1; at < lab.watched.size(); ++at) {
    const torch::Tensor before = lab.watched[at - 1].mask_after.at("fc1.weight").flatten();
    const torch::Tensor after = lab.watched[at].mask_after.at("fc1.weight").flatten();
    BOOST_TEST(torch::equal(
        after, sorted_top(lab.watched[at - 1].weights_after.at("fc1.weight").flatten().abs(),
                          before, after.sum().item<int64_t>())));
  }
}

// An end at the phase's end would never be reached: the last iteration does it.
BOOST_AUTO_TEST_CASE(the_final_density_is_reached) {
  FakeLab lab(small_resnet());
  run_method(lab, "gmp", {{"density", 0.2}, {"end", "1"}, {"update_period", "100it"}});
  const MaskSet& mask = lab.records[0].mask;
  BOOST_TEST(mask.kept() == std::llround(0.2 * static_cast<double>(mask.total())));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
