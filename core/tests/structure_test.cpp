#include "core/structure.hpp"

#include "core/select.hpp"
#include "core/tests/support.hpp"

#include <cmath>

namespace ticketbench {
namespace {

using boost::test_tools::per_element;
using testing::error_of;
using testing::says;
using torch::Tensor;
using Flags = std::vector<bool>;
using Indices = std::vector<int64_t>;

Indices units(torch::IntArrayRef shape, const Structure& structure) {
  const Tensor index = unit_index(shape, structure);
  BOOST_REQUIRE(index.sizes() == shape);
  const Tensor flat = index.flatten().contiguous();
  return {flat.const_data_ptr<int64_t>(), flat.const_data_ptr<int64_t>() + flat.numel()};
}

Flags flags(const Tensor& mask) {
  const Tensor flat = mask.flatten().contiguous();
  BOOST_REQUIRE(flat.scalar_type() == torch::kBool);
  const bool* first = flat.const_data_ptr<bool>();
  return Flags(first, first + flat.numel());  // braces would make two flags of the pointers
}

Tensor scores(const std::vector<double>& v, torch::IntArrayRef shape) {
  return torch::tensor(v, torch::kFloat64).view(shape);
}

ScoreMap one(const Tensor& s) {
  ScoreMap map;
  map["w"] = s;
  return map;
}

BOOST_AUTO_TEST_SUITE(structure)

// A [2, 3, 1, 2] weight: outputs, inputs and taps have different extents, so that no two of them
// can be mixed up.
BOOST_AUTO_TEST_CASE(units_of_a_convolution_by_hand) {
  const std::vector<int64_t> shape{2, 3, 1, 2};
  BOOST_TEST(units(shape, {.kind = StructureKind::unstructured}) ==
                 (Indices{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}),
             per_element());
  BOOST_TEST(units(shape, {.kind = StructureKind::filter}) ==
                 (Indices{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1}),
             per_element());
  BOOST_TEST(units(shape, {.kind = StructureKind::channel}) ==
                 (Indices{0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2}),
             per_element());
  // Two consecutive inputs at the same output and tap; the third input is alone in its set.
  BOOST_TEST(units(shape, {.kind = StructureKind::n_m, .n = 1, .m = 2}) ==
                 (Indices{0, 1, 0, 1, 2, 3, 4, 5, 4, 5, 6, 7}),
             per_element());
  // Tiles of 1 x 4 of the matrix [2, 6]: the last of each row is cut.
  BOOST_TEST(units(shape, {.kind = StructureKind::block, .block_rows = 1, .block_columns = 4}) ==
                 (Indices{0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3}),
             per_element());
}

// Tiles of 2 x 2 of a [3, 3] matrix: the ones at both far edges are cut.
BOOST_AUTO_TEST_CASE(units_of_a_linear_layer_by_hand) {
  BOOST_TEST(units({3, 3}, {.kind = StructureKind::block, .block_rows = 2, .block_columns = 2}) ==
                 (Indices{0, 0, 1, 0, 0, 1, 2, 2, 3}),
             per_element());
  BOOST_TEST(units({2, 4}, {.kind = StructureKind::n_m, .n = 2, .m = 4}) ==
                 (Indices{0, 0, 0, 0, 1, 1, 1, 1}),
             per_element());
  BOOST_TEST(units({2, 3}, {.kind = StructureKind::channel}) == (Indices{0, 1, 2, 0, 1, 2}),
             per_element());
}

BOOST_AUTO_TEST_CASE(dense_groups_are_not_selected) {
  BOOST_TEST(says(error_of<std::invalid_argument>([] {
                    (void)unit_index({2, 2}, {.kind = StructureKind::group});
                  }),
                  {"group"}));
}

// Every weight is in one unit, units are numbered from 0 in order of their first weight.
BOOST_AUTO_TEST_CASE(units_are_numbered_by_their_first_weight) {
  for (const StructureKind kind :
       {StructureKind::unstructured, StructureKind::filter, StructureKind::channel,
        StructureKind::block, StructureKind::n_m}) {
    for (const auto& shape :
         std::vector<std::vector<int64_t>>{{5, 7, 3, 3}, {8, 6}, {1, 3, 1, 1}, {9, 1}}) {
      int64_t next = 0;
      for (const int64_t unit : units(shape, {.kind = kind})) {
        BOOST_REQUIRE((unit >= 0 && unit <= next));
        if (unit == next) ++next;
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(keep_top_of_units)

// Means of the three filters: 3, 4, 2. The single largest weight is in the one that is dropped
// first: a ranking by maximum keeps it.
BOOST_AUTO_TEST_CASE(filters_are_ranked_by_their_mean) {
  const ScoreMap s = one(scores({3, 3, 4, 4, 9, -5}, {3, 2}));
  const Structure filter{.kind = StructureKind::filter};
  BOOST_TEST(flags(keep_top_units(s, 0.67, Scope::per_layer, filter).at("w")) ==
                 (Flags{true, true, true, true, false, false}),
             per_element());
  BOOST_TEST(flags(keep_top_units(s, 0.33, Scope::per_layer, filter).at("w")) ==
                 (Flags{false, false, true, true, false, false}),
             per_element());
  const Structure channel{.kind = StructureKind::channel};
  BOOST_TEST(flags(keep_top_units(s, 0.5, Scope::per_layer, channel).at("w")) ==
                 (Flags{true, false, true, false, true, false}),
             per_element());
}

// Two tiles of 2 x 2 and one of 2 x 1 at the edge, means 1, 3 and 5: by sums, 12 against 10, the
// small tile would not come first.
BOOST_AUTO_TEST_CASE(blocks_at_the_edge_count_by_their_mean) {
  const ScoreMap s = one(scores({1, 1, 2, 4, 5, 1, 1, 4, 2, 5}, {2, 5}));
  const Structure block{.kind = StructureKind::block, .block_rows = 2, .block_columns = 2};
  BOOST_TEST(flags(keep_top_units(s, 0.34, Scope::per_layer, block).at("w")) ==
                 (Flags{false, false, false, false, true, false, false, false, false, true}),
             per_element());
  BOOST_TEST(flags(keep_top_units(s, 0.67, Scope::per_layer, block).at("w")) ==
                 (Flags{false, false, true, true, true, false, false, true, true, true}),
             per_element());
}

// Two of each four consecutive inputs, whatever the density; ties to the earlier input. In the set
// of two at the end both stay.
BOOST_AUTO_TEST_CASE(n_m_keeps_n_of_each_set) {
  const ScoreMap s = one(scores({1, 4, 3, 2, 0, 0, 7, 7, 7, 7, 1, 2}, {2, 6}));
  const Structure n_m{.kind = StructureKind::n_m, .n = 2, .m = 4};
  for (const double density : {0.1, 0.5, 1.0}) {
    BOOST_TEST(
        flags(keep_top_units(s, density, Scope::global, n_m).at("w")) ==
            (Flags{false, true, true, false, true, true, true, true, false, false, true, true}),
        per_element());
  }
}

// In a convolution the four are input channels at one tap, not four neighbours in memory.
BOOST_AUTO_TEST_CASE(n_m_goes_along_the_input_channels) {
  const ScoreMap s = one(scores({4, 1, 3, 2, 2, 3, 1, 4}, {1, 4, 1, 2}));
  const Structure n_m{.kind = StructureKind::n_m, .n = 2, .m = 4};
  BOOST_TEST(flags(keep_top_units(s, 0.5, Scope::per_layer, n_m).at("w")) ==
                 (Flags{true, false, true, false, false, true, false, true}),
             per_element());
}

// No set over n over random weights, also in channels-last memory, and exactly n where it is full.
BOOST_AUTO_TEST_CASE(n_m_never_keeps_more) {
  for (const auto& [n, m] :
       std::vector<std::pair<int64_t, int64_t>>{{1, 2}, {2, 4}, {4, 8}, {3, 5}}) {
    const Tensor w = torch::sin(torch::arange(6 * 40 * 9, torch::kFloat64) * 12.9898)
                         .view({6, 40, 3, 3})
                         .contiguous(torch::MemoryFormat::ChannelsLast);
    const Structure n_m{.kind = StructureKind::n_m, .n = n, .m = m};
    const Tensor mask = keep_top_units(one(w), 0.5, Scope::global, n_m).at("w");
    const Tensor sums = mask.view({6, 40 / m, m, 3, 3}).sum(2);
    BOOST_TEST(sums.min().item<int64_t>() == n);
    BOOST_TEST(sums.max().item<int64_t>() == n);
  }
}

// Two layers whose filters have 2 and 6 weights, 12 + 4 = 16 in all. In order of the mean: a0 (2
// weights), b0 (6), a1 (2), b1 (6). Budget 8: a0 and b0. Budget 5 (density 0.3125): 2 is 3 away and
// 8 is 3 away: the larger. Budget 4: 2 is nearer than 8.
BOOST_AUTO_TEST_CASE(global_units_come_nearest_to_the_budget) {
  ScoreMap s;
  s["a"] = scores({9, 9, 5, 5}, {2, 2});
  s["b"] = scores({7, 7, 7, 7, 7, 7, 1, 1, 1, 1, 1, 1}, {2, 6});
  const Structure filter{.kind = StructureKind::filter};
  const auto kept = [&](double density) {
    const MaskSet mask = keep_top_units(s, density, Scope::global, filter);
    return std::pair(mask.at("a").sum().item<int64_t>(), mask.at("b").sum().item<int64_t>());
  };
  using Kept = std::pair<int64_t, int64_t>;
  BOOST_TEST((kept(0) == Kept(0, 0)));
  BOOST_TEST((kept(0.25) == Kept(2, 0)));
  BOOST_TEST((kept(0.3125) == Kept(2, 6)));
  BOOST_TEST((kept(0.5) == Kept(2, 6)));
  BOOST_TEST((kept(0.6) == Kept(4, 6)));
  BOOST_TEST((kept(1) == Kept(4, 12)));
}

// Equal means: earlier layers, then earlier units. Nothing and everything are possible per layer.
BOOST_AUTO_TEST_CASE(ties_none_and_all) {
  ScoreMap s;
  s["a"] = torch::ones({4, 2});
  s["b"] = torch::ones({4, 2});
  const Structure filter{.kind = StructureKind::filter};
  const MaskSet global = keep_top_units(s, 0.375, Scope::global, filter);
  BOOST_TEST(flags(global.at("a")) == (Flags{true, true, true, true, true, true, false, false}),
             per_element());
  BOOST_TEST(global.at("b").sum().item<int64_t>() == 0);
  const MaskSet layers = keep_top_units(s, 0.25, Scope::per_layer, filter);
  BOOST_TEST(flags(layers.at("b")) == (Flags{true, true, false, false, false, false, false, false}),
             per_element());
  BOOST_TEST(keep_top_units(s, 0, Scope::per_layer, filter).kept() == 0);
  BOOST_TEST(keep_top_units(s, 1, Scope::per_layer, filter).kept() == 16);
}

BOOST_AUTO_TEST_CASE(nan_and_densities_outside_are_refused) {
  const Structure filter{.kind = StructureKind::filter};
  for (const double density : {-0.5, 1.5, std::nan("")}) {
    for (const Scope scope : {Scope::global, Scope::per_layer}) {
      BOOST_TEST(says(error_of<std::invalid_argument>([&] {
                        (void)keep_top_units(one(torch::ones({4, 2})), density, scope, filter);
                      }),
                      {"density", "[0, 1]"}));
    }
  }
  const ScoreMap bad = one(scores({1, std::nan(""), 2, 3}, {2, 2}));
  for (const StructureKind kind : {StructureKind::filter, StructureKind::n_m}) {
    BOOST_TEST(says(error_of<std::invalid_argument>(
                        [&] { (void)keep_top_units(bad, 0.5, Scope::global, {.kind = kind}); }),
                    {"NaN"}));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
