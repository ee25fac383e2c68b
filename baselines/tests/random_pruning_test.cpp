#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

// Layers of 20 x 4 and 3 x 20 weights at density 0.25: 35 of 140. Uniform: 20 and 15. ERK: epsilon
// = 35 / (24 + 23), so 35 * 24 / 47 = 17.87 and 17.13: 18 and 17, the sum exact.
std::vector<int64_t> counts(const char* allocation, uint64_t seed = 1) {
  FakeLab lab(linear_architecture({4, 20, 3}), seed);
  run_method(lab, "random_pruning", {{"density", 0.25}, {"allocation", allocation}});
  const MaskSet& mask = lab.records.at(0).mask;
  return {mask.at("fc1.weight").sum().item<int64_t>(), mask.at("fc2.weight").sum().item<int64_t>()};
}

MaskSet mask_of(uint64_t seed) {
  FakeLab lab(small_resnet(), seed);
  run_method(lab, "random_pruning", {{"density", 0.1}});
  return lab.records.at(0).mask;
}

BOOST_AUTO_TEST_SUITE(random_pruning)

// By Bernoulli draws these would be right only on average, so another seed is tried too.
BOOST_AUTO_TEST_CASE(counts_are_exact) {
  for (const uint64_t seed : {1U, 2U, 3U}) {
    BOOST_TEST(counts("uniform", seed) == std::vector<int64_t>({20, 15}),
               boost::test_tools::per_element());
    BOOST_TEST(counts("erk", seed) == std::vector<int64_t>({18, 17}),
               boost::test_tools::per_element());
  }
}

// The mask is random and nothing else: it changes with the seed, not with the weights, and not from
// run to run. Two masks at density 0.1 share a tenth of their kept weights; sharing over a fifth
// would mean they are alike.
BOOST_AUTO_TEST_CASE(masks_depend_on_the_seed_alone) {
  const MaskSet first = mask_of(1);
  const MaskSet second = mask_of(2);
  BOOST_TEST((first == mask_of(1)));
  int64_t shared = 0;
  for (const auto& [name, m] : first) {
    if (m.sum().item<int64_t>() * 2 < m.numel())
      shared += m.logical_and(second.at(name)).sum().item<int64_t>();
  }
  BOOST_TEST(shared * 5 < first.kept());

  FakeLab other(small_resnet(), 1);
  other.first = FakeLab(small_resnet(), 9).fresh_net()->snapshot();
  run_method(other, "random_pruning", {{"density", 0.1}});
  BOOST_TEST((other.records.at(0).mask == first));
}

BOOST_AUTO_TEST_CASE(it_prunes_at_initialisation) {
  FakeLab lab(small_resnet());
  run_method(lab, "random_pruning");
  BOOST_TEST_REQUIRE(lab.trainings.size() == 1U);
  BOOST_TEST(lab.trainings[0].from == 0);
  BOOST_TEST(lab.trainings[0].to == 6);
  BOOST_TEST((lab.trainings[0].mask == lab.records.at(0).mask));
  BOOST_TEST(same(lab.records[0].options.rewind_to, lab.trainings[0].before));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
