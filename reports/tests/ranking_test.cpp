#include "reports/ranking.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace ticketbench {
namespace {

using Texts = std::vector<std::string>;

Row row(const std::string& label, double density, double mean, double half_width = 1,
        int64_t n = 5) {
  Row made;
  made.label = label;
  made.density.mean = density;
  made.dense_macs = 1000;
  made.kept_macs.mean = 1000 * density;
  made.top1 = {.mean = mean, .sample_std = 1.0, .t_half_width = half_width, .n = n};
  return made;
}

// "A 1", "B 1", "C 3": labels and places in the order of the rows.
Texts places(std::vector<Row> rows, Budget budget = Budget::parameters) {
  std::reverse(rows.begin(), rows.end());
  rank(rows, budget);
  Texts texts;
  for (const Row& one : rows) {
    texts.push_back(one.label + (one.place ? " " + std::to_string(*one.place) : ""));
  }
  return texts;
}

Texts density_front(std::vector<Row> rows) {
  mark_fronts(rows);
  Texts texts;
  for (const Row& one : rows) {
    if (one.on_density_front) texts.push_back(one.label);
  }
  return texts;
}

BOOST_AUTO_TEST_SUITE(ranking)

// A [91, 93], B [90.5, 91.5], C [89.6, 90.4]: A and B can't be told apart, both stand above C, and
// the place after two firsts is the third. Comparing means gives 1, 2, 3; comparing only
// neighbours would give C, whose neighbour is B, no more than a second place.
BOOST_AUTO_TEST_CASE(overlapping_intervals_share_a_place) {
  BOOST_TEST(places({row("A", 0.1, 92, 1), row("B", 0.1, 91, 0.5), row("C", 0.1, 90, 0.4)}) ==
                 (Texts{"A 1", "B 1", "C 3"}),
             boost::test_tools::per_element());
  // A [91, 93], B [90.2, 91.8], C [89.4, 90.6]: a chain. C overlaps with B, but A is above it.
  BOOST_TEST(places({row("A", 0.1, 92, 1), row("B", 0.1, 91, 0.8), row("C", 0.1, 90, 0.6)}) ==
                 (Texts{"A 1", "B 1", "C 2"}),
             boost::test_tools::per_element());
  // Ends that touch overlap; nothing between five equal results does.
  BOOST_TEST(places({row("A", 0.1, 92, 1), row("B", 0.1, 90, 1)}) == (Texts{"A 1", "B 1"}),
             boost::test_tools::per_element());
  BOOST_TEST(places({row("A", 0.1, 92, 0), row("B", 0.1, 91, 0)}) == (Texts{"A 1", "B 2"}),
             boost::test_tools::per_element());
}

// Three lucky seeds must not push a settled row down, and a row of one seed, which has no interval,
// must not be taken for one whose interval is a point.
BOOST_AUTO_TEST_CASE(rows_of_few_seeds_move_no_settled_one) {
  Row lucky = row("lucky", 0.1, 99, 0.1, 3);
  Row single = row("single", 0.1, 95, 0, 1);
  single.top1.t_half_width.reset();
  BOOST_TEST(places({lucky, single, row("A", 0.1, 92), row("B", 0.1, 80)}) ==
                 (Texts{"lucky 1", "single 2", "A 1", "B 2"}),
             boost::test_tools::per_element());
}

// The reference has no place, an older version has none and takes none, other groups don't count.
BOOST_AUTO_TEST_CASE(only_rows_of_a_group_compete) {
  Row dense = row("dense", 1, 50);
  dense.reference = true;
  Row old = row("old", 0.1, 99);
  old.superseded = true;
  BOOST_TEST(places({dense, old, row("A", 0.1, 90), row("B", 0.2, 80), row("C", 0.05, 95)}) ==
                 (Texts{"dense", "B 1", "A 1", "old", "C 1"}),
             boost::test_tools::per_element());
}

// Equal densities, but one takes twice the multiply-adds: under that budget they don't compete.
BOOST_AUTO_TEST_CASE(each_budget_has_its_own_groups) {
  Row wide = row("wide", 0.1, 95);
  wide.kept_macs.mean = 200;
  std::vector<Row> rows = {wide, row("A", 0.1, 92), row("small", 0.05, 91)};
  rows[2].kept_macs.mean = 100;
  BOOST_TEST(places(rows) == (Texts{"wide 1", "A 2", "small 1"}), boost::test_tools::per_element());
  BOOST_TEST(places(rows, Budget::macs) == (Texts{"wide 1", "A 1", "small 1"}),
             boost::test_tools::per_element());
  rank(rows, Budget::macs);
  BOOST_TEST(rows[0].group.value() == 1);
  BOOST_TEST(rows[1].group.value() == 2);
  BOOST_TEST(rows[2].group.value() == 2);
  BOOST_TEST(contested(rows));
  rows.pop_back();
  BOOST_TEST(!contested(rows));
}

// From dense to sparse 92, 90, 91, 85, 85: 90 is beaten by a sparser row, the denser 85 is met by a
// sparser one. Walking from the dense end instead would keep only 92.
BOOST_AUTO_TEST_CASE(the_front_is_what_no_sparser_row_reaches) {
  Row dense = row("dense", 1, 92);
  dense.reference = true;
  BOOST_TEST(density_front({dense, row("A", 0.5, 90), row("B", 0.2, 91), row("C", 0.1, 85),
                            row("D", 0.05, 85)}) == (Texts{"dense", "B", "D"}),
             boost::test_tools::per_element());
}

// One weight of 10,000 fewer is no merit: the worse of two rows of about one density is off the
// front. An older version neither stands on it nor keeps others off.
BOOST_AUTO_TEST_CASE(about_as_much_is_no_less) {
  Row old = row("old", 0.05, 99);
  old.superseded = true;
  BOOST_TEST(density_front({row("A", 0.1, 90), row("B", 0.0999, 80), old}) == (Texts{"A"}),
             boost::test_tools::per_element());
  std::vector<Row> rows = {row("A", 0.1, 90), row("B", 0.1, 80)};
  rows[1].kept_macs.mean = 50;
  mark_fronts(rows);
  BOOST_TEST(rows[0].on_macs_front);
  BOOST_TEST(rows[1].on_macs_front);
  BOOST_TEST(!rows[1].on_density_front);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
