#include "core/drop_grow.hpp"

#include "core/tests/fake_lab.hpp"
#include "core/tests/support.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

torch::Tensor flags(const std::vector<int64_t>& values) {
  return torch::tensor(values).to(torch::kBool);
}

BOOST_AUTO_TEST_SUITE(drop_grow)

// Seven of ten kept. A fraction of 0.45 of the kept is 3.15, so three go; of all ten it would be
// four. The smallest scores of all (index 0, 1) belong to pruned weights and don't count.
BOOST_AUTO_TEST_CASE(dropped_are_the_smallest_of_the_kept) {
  MaskSet mask;
  mask["a"] = flags({0, 0, 1, 1, 1, 1, 1, 1, 1, 0});
  ScoreMap scores;
  scores["a"] = torch::arange(10).to(torch::kFloat32);
  const MaskSet left = drop_smallest(scores, 0.45, mask);
  BOOST_TEST(torch::equal(left.at("a"), flags({0, 0, 0, 0, 0, 1, 1, 1, 1, 0})));
  BOOST_TEST(torch::equal(drop_smallest(scores, 0, mask).at("a"), mask.at("a")));
  BOOST_TEST(drop_smallest(scores, 1, mask).kept() == 0);
}

// Grown are the best pruned ones, also where kept ones score higher; kept ones stay.
BOOST_AUTO_TEST_CASE(grown_are_the_largest_of_the_pruned) {
  MaskSet left;
  left["a"] = flags({1, 0, 0, 0, 1});
  left["b"] = flags({0, 0, 0, 1, 0});
  ScoreMap scores;
  scores["a"] = torch::tensor({9.0, 1.0, 3.0, 3.0, 8.0});
  scores["b"] = torch::tensor({4.0, 5.0, 6.0, 7.0, 6.0});
  const MaskSet grown = grow_largest(scores, {{"a", 3}, {"b", 3}}, left);
  BOOST_TEST(torch::equal(grown.at("a"), flags({1, 0, 1, 0, 1})));  // equal scores: smaller index
  BOOST_TEST(torch::equal(grown.at("b"), flags({0, 0, 1, 1, 1})));
  BOOST_CHECK_THROW(grow_largest(scores, {{"a", 1}}, left), std::invalid_argument);
  BOOST_CHECK_THROW(grow_largest(scores, {{"a", 6}}, left), std::invalid_argument);
}

// Five to grow by shares 3 : 1 : 0 are 3.75, 1.25 and 0: 4, 1, 0 by largest remainders. Layer a has
// room for two alone, so the two it can't take go to the others in the order of remainders:
// a 2, b 2, c 1. No share at all: none is preferred but by its place.
BOOST_AUTO_TEST_CASE(layers_grow_by_their_shares_as_far_as_they_have_room) {
  MaskSet left;
  left["a"] = flags({1, 0, 0});
  left["b"] = flags({0, 0, 0, 1});
  left["c"] = flags({0, 0, 0, 0});
  ScoreMap scores;
  scores["a"] = torch::tensor({9.0, 1.0, 2.0});
  scores["b"] = torch::tensor({1.0, 3.0, 2.0, 9.0});
  scores["c"] = torch::tensor({1.0, 2.0, 4.0, 3.0});
  const MaskSet grown = grow_by_share(scores, {3, 1, 0}, 5, left);
  BOOST_TEST(torch::equal(grown.at("a"), flags({1, 1, 1})));
  BOOST_TEST(torch::equal(grown.at("b"), flags({0, 1, 1, 1})));
  BOOST_TEST(torch::equal(grown.at("c"), flags({0, 0, 1, 0})));
  const MaskSet equal = grow_by_share(scores, {0, 0, 0}, 3, left);
  BOOST_TEST((kept_counts(equal) == LayerCounts{{"a", 2}, {"b", 2}, {"c", 1}}));
  BOOST_CHECK_THROW(grow_by_share(scores, {1, 1, 1}, 10, left), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
