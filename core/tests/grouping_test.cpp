#include "core/grouping.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

namespace ticketbench {
namespace {

// 64 rows of 40 columns in two kinds, dealt out alternately: even rows keep columns 0 to 9, odd
// rows 20 to 29, and every row one more of its own kind's empty ones.
torch::Tensor two_kinds() {
  torch::Tensor mask = torch::zeros({64, 40}, torch::kBool);
  for (int64_t r = 0; r < 64; ++r) {
    const int64_t first = r % 2 == 0 ? 0 : 20;
    mask[r].slice(0, first, first + 10).fill_(true);
    mask[r][first + 10 + (r / 2) % 10] = true;
  }
  return mask;
}

BOOST_AUTO_TEST_SUITE(grouping)

// Rows of one kind share ten columns, rows of two kinds none: any other parting cuts more.
BOOST_AUTO_TEST_CASE(rows_with_common_columns_come_together) {
  const std::vector<int64_t> group = group_rows(two_kinds(), 2, 7);
  BOOST_TEST_REQUIRE(group.size() == 64U);
  for (size_t r = 2; r < 64; ++r) BOOST_TEST(group[r] == group[r - 2]);
  BOOST_TEST(group[0] != group[1]);
  BOOST_TEST(group_rows(two_kinds(), 2, 7) == group, boost::test_tools::per_element());
  // Empty rows belong nowhere, and too few rows to no group at all.
  torch::Tensor mask = two_kinds();
  mask[5].fill_(false);
  BOOST_TEST(group_rows(mask, 2, 7)[5] == -1);
  BOOST_TEST(group_rows(mask.slice(0, 0, 4), 8, 7).empty());
}

// Two groups of 32 rows that keep 11 each. In the order of counts the ten common columns come
// first. Width 5: the first row has 6 left and 5 > 9 fails; it falls on: at 8 it has 3 left and 8
// > 4.5, but the second was never counted down: 11 left. Row by row they are counted from the width
// at which those before fit, so the last one decides: 17 > 1.5 * 11 = 16.5.
BOOST_AUTO_TEST_CASE(the_released_width_is_one_and_a_half_times_the_fullest_row) {
  const std::vector<DenseBlock> blocks = dense_blocks(two_kinds(), {.groups = 2}, 7);
  BOOST_TEST_REQUIRE(blocks.size() == 2U);
  for (const DenseBlock& block : blocks) {
    BOOST_TEST(block.rows.size() == 32U);
    BOOST_TEST(block.columns.size() == 17U);
    const int64_t first = block.rows[0] % 2 == 0 ? 0 : 20;
    for (size_t c = 0; c < 10; ++c) BOOST_TEST(block.columns[c] == first + static_cast<int64_t>(c));
  }
}

// 40 rows of each kind: 32 of them are a block, and 8 one of their own with the same columns. The
// mask is the union of all four.
BOOST_AUTO_TEST_CASE(rows_beyond_a_tile_are_a_block_of_their_own) {
  torch::Tensor mask = torch::zeros({80, 40}, torch::kBool);
  mask.slice(0, 0, 40).slice(1, 0, 8).fill_(true);
  mask.slice(0, 40).slice(1, 20, 28).fill_(true);
  MaskSet masks;
  masks["w"] = mask.view({80, 40, 1, 1});
  masks["fc"] = mask;
  const Regrouped result = regrouped(masks, {.groups = 2}, Rng(1, 0));
  const torch::Tensor sizes = result.blocks.at("blocks/w/sizes");
  BOOST_TEST(torch::equal(sizes.select(1, 0), torch::tensor({32, 8, 32, 8}, torch::kInt64)));
  BOOST_TEST(sizes[0][1].item<int64_t>() == sizes[1][1].item<int64_t>());
  BOOST_TEST(torch::equal(result.mask.at("fc"), mask));  // no convolution
  torch::Tensor dense = torch::zeros({80, 40}, torch::kBool);
  int64_t row = 0;
  int64_t column = 0;
  for (int64_t b = 0; b < 4; ++b) {
    const int64_t rows = sizes[b][0].item<int64_t>();
    const int64_t columns = sizes[b][1].item<int64_t>();
    for (int64_t r = row; r < row + rows; ++r) {
      for (int64_t c = column; c < column + columns; ++c)
        dense[result.blocks.at("blocks/w/rows")[r].item<int64_t>()]
             [result.blocks.at("blocks/w/columns")[c].item<int64_t>()] = true;
    }
    row += rows;
    column += columns;
  }
  BOOST_TEST(torch::equal(result.mask.at("w").view({80, 40}), dense));
}

// Rows that keep 60 of 80 columns: 1.5 times that is more than there are, so their group gives no
// block and is lost; the other stays. Where no group gives one the layer keeps its mask.
BOOST_AUTO_TEST_CASE(groups_without_a_width_are_lost) {
  torch::Tensor mask = torch::zeros({64, 80}, torch::kBool);
  mask.slice(0, 0, 32).slice(1, 0, 8).fill_(true);
  mask.slice(0, 32).slice(1, 20).fill_(true);
  MaskSet masks;
  masks["w"] = mask.view({64, 80, 1, 1});
  const torch::Tensor found =
      regrouped(masks, {.groups = 2}, Rng(1, 0)).mask.at("w").view({64, 80});
  BOOST_TEST(found.slice(0, 0, 32).any().item<bool>());
  BOOST_TEST(!found.slice(0, 32).any().item<bool>());
  BOOST_TEST(torch::equal(regrouped(masks, {.groups = 2, .least_rows = 33}, Rng(1, 0)).mask.at("w"),
                          masks.at("w")));
}

// By the printed rule a column belongs to a block where half of the rows keep a weight: the ten
// common ones. What lies outside is pruned.
BOOST_AUTO_TEST_CASE(the_printed_rule_takes_common_columns) {
  const Grouping rule{.rule = BlockRule::printed, .groups = 2, .least_columns = 8};
  const std::vector<DenseBlock> blocks = dense_blocks(two_kinds(), rule, 7);
  BOOST_TEST_REQUIRE(blocks.size() == 2U);
  for (const DenseBlock& block : blocks) {
    const int64_t first = block.rows[0] % 2 == 0 ? 0 : 20;
    const std::set<int64_t> columns(block.columns.begin(), block.columns.end());
    BOOST_TEST(columns.size() == 10U);
    BOOST_TEST(*columns.begin() == first);
    BOOST_TEST(*columns.rbegin() == first + 9);
  }
}

// Layers that can't be grouped keep the mask they had: 128 rows in eight groups have 16 each
// on average, one fewer than a block needs.
BOOST_AUTO_TEST_CASE(small_layers_stay_as_they_are) {
  MaskSet masks;
  Rng rng(3, 0);
  torch::Tensor mask = torch::zeros({128, 64, 3, 3}, torch::kBool);
  bool* const flags = mask.mutable_data_ptr<bool>();
  for (int64_t i = 0; i < mask.numel(); ++i) flags[i] = rng.uniform() < 0.3;
  masks["w"] = mask;
  const Regrouped result = regrouped(masks, {}, Rng(1, 0));
  BOOST_TEST(torch::equal(result.mask.at("w"), mask));
  BOOST_TEST(result.blocks.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
