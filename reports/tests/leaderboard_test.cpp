#include "reports/leaderboard.hpp"

#include "reports/leaderboard_words.hpp"
#include "reports/tests/sample.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace ticketbench {
namespace {

using Texts = std::vector<std::string>;
const auto kClose = boost::test_tools::tolerance(1e-12);

Record run(Sample sample) {
  return sample_record(sample);
}

Record dense(int64_t seed, int64_t correct) {
  return run({.seed = seed, .points = {{.correct = correct}}});
}

Record snip(int64_t seed, int64_t kept, int64_t correct, int64_t version = 1) {
  return run({.name = "snip",
              .method = "snip",
              .version = version,
              .fields = {{"density", static_cast<double>(kept) / 1000}, {"num_batches", 1}},
              .seed = seed,
              .points = {{.kept = kept, .correct = correct}}});
}

Sample curve(int64_t seed) {
  return {.name = "curve",
          .method = "imp",
          .fields = {{"rate", 0.5}},
          .seed = seed,
          .points = {{.level = 0, .kept = 1000, .correct = 900, .seconds = 10, .examples = 100},
                     {.level = 1, .kept = 500, .correct = 890, .seconds = 12, .examples = 200},
                     {.level = 2, .kept = 250, .correct = 880, .seconds = 14, .examples = 300}}};
}

Sample refill(int64_t seed, const Sample& from, const nlohmann::json& level) {
  return {.name = "refill",
          .method = "imp_refill",
          .seed = seed,
          .points = {{.kept = 250, .correct = 870, .seconds = 7, .examples = 80}},
          .source_hash = sample_hash(from),
          .source_level = level};
}

Board only_board(const std::vector<Record>& records) {
  const Leaderboard leaderboard = make_leaderboard(records);
  BOOST_REQUIRE(!leaderboard.boards.empty());
  for (std::size_t i = 1; i < leaderboard.boards.size(); ++i) {
    BOOST_REQUIRE((leaderboard.boards[i].budget == Budget::macs));
  }
  return leaderboard.boards[0];
}

Texts labels(const Board& board) {
  Texts texts;
  for (const Row& row : board.rows) texts.push_back(row.label);
  return texts;
}

const Row& row_of(const Board& board, const std::string& label) {
  const auto found = std::find_if(board.rows.begin(), board.rows.end(),
                                  [&](const Row& row) { return row.label == label; });
  if (found == board.rows.end()) {
    throw std::out_of_range("no row " + label);
  }
  return *found;
}

BOOST_AUTO_TEST_SUITE(leaderboard)

// 90.0, 91.0, 92.0 percent: mean 91, deviation 1. Adding up seeds of different densities, or
// dividing by n, gives other numbers.
BOOST_AUTO_TEST_CASE(seeds_of_one_row_are_averaged) {
  const Board board =
      only_board({snip(1, 100, 900), snip(2, 100, 910), snip(3, 100, 920), snip(1, 200, 500)});
  BOOST_TEST(labels(board) == (Texts{"snip density=0.2", "snip density=0.1"}),
             boost::test_tools::per_element());
  const Row& row = row_of(board, "snip density=0.1");
  BOOST_TEST(row.top1.mean == 91.0, kClose);
  BOOST_TEST(*row.top1.sample_std == 1.0, kClose);
  BOOST_TEST(row.top1.n == 3);
  BOOST_TEST(row.results[2].seed == 3);
  BOOST_TEST(row.results[2].top1_correct == 920);
  BOOST_TEST(row.density.mean == 0.1, kClose);
  BOOST_TEST(row.kept_macs.mean == 5000.0);
  BOOST_TEST(row.dense_macs == 50000);
}

// The seeds vary by 10 points, the method takes 2.0, 2.2 and 2.4 from each: paired, the deviation
// is 0.2; the difference of means without pairs would also count dense's seed 4, and its deviation
// be 10.
BOOST_AUTO_TEST_CASE(the_difference_to_dense_is_paired_by_seed) {
  const Board board = only_board({dense(1, 700), dense(2, 800), dense(3, 900), dense(4, 100),
                                  snip(1, 100, 680), snip(2, 100, 778), snip(3, 100, 876)});
  const Row& row = row_of(board, "snip");
  BOOST_TEST(row.vs_dense->mean == -2.2, kClose);
  BOOST_TEST(*row.vs_dense->sample_std == 0.2, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(row.vs_dense->n == 3);
  BOOST_TEST(row_of(board, "dense").reference);
  BOOST_TEST(!row_of(board, "dense").vs_dense);
}

// Seeds without a partner are left out of the difference, not compared with another seed.
BOOST_AUTO_TEST_CASE(seeds_without_a_partner_make_no_difference) {
  const Board board =
      only_board({dense(2, 900), dense(7, 100), snip(1, 100, 500), snip(2, 100, 890)});
  BOOST_TEST(row_of(board, "snip").vs_dense->mean == -1.0, kClose);
  BOOST_TEST(row_of(board, "snip").vs_dense->n == 1);
  BOOST_TEST(!row_of(board, "snip").vs_dense->sample_std);
  BOOST_TEST(!row_of(only_board({dense(1, 900), snip(2, 100, 890)}), "snip").vs_dense);
}

// 0.500 to 0.495 is one group and 0.494 another, although it is within 0.005 of 0.495: a chain of
// neighbours must not join what is far apart. At small densities 0.005 would join a net with one
// twice as dense: there a tenth decides, so that 0.010 and 0.009 share a group and 0.008 does not.
BOOST_AUTO_TEST_CASE(rows_of_about_one_density_share_a_group) {
  const Board board = only_board({snip(1, 500, 800), snip(1, 495, 810), snip(1, 494, 820),
                                  snip(1, 10, 500), snip(1, 9, 510), snip(1, 8, 520)});
  BOOST_TEST(
      labels(board) == (Texts{"snip density=0.495", "snip density=0.5", "snip density=0.494",
                              "snip density=0.009", "snip density=0.01", "snip density=0.008"}),
      boost::test_tools::per_element());
  std::vector<int64_t> groups;
  std::vector<int64_t> places;
  for (const Row& row : board.rows) {
    groups.push_back(row.group.value());
    places.push_back(row.place.value());
  }
  BOOST_TEST(groups == (std::vector<int64_t>{1, 1, 2, 3, 3, 4}), boost::test_tools::per_element());
  BOOST_TEST(places == (std::vector<int64_t>{1, 2, 1, 1, 2, 1}), boost::test_tools::per_element());
}

// Two rows at the top are equal: 1, 1, 3 and neither 1, 2, 3 nor 1, 1, 2. Dense comes first though
// its accuracy is the lowest, and has no place.
BOOST_AUTO_TEST_CASE(equal_means_share_a_place) {
  Sample random = {
      .name = "random", .method = "random_pruning", .points = {{.kept = 100, .correct = 880}}};
  Sample worst = random;
  worst.name = "erk";
  worst.fields = {{"allocation", "erk"}};
  worst.points[0].correct = 870;
  const Board board = only_board({dense(1, 500), snip(1, 100, 880), run(random), run(worst)});
  BOOST_TEST(labels(board) == (Texts{"dense", "random", "snip", "erk allocation=erk"}),
             boost::test_tools::per_element());
  BOOST_TEST(!board.rows[0].place);
  BOOST_TEST(*board.rows[1].place == 1);
  BOOST_TEST(*board.rows[2].place == 1);
  BOOST_TEST(*board.rows[3].place == 3);
}

// 2, 3, 4 and 5 seeds: the limits are "fewer than 3" and "5 or more".
BOOST_AUTO_TEST_CASE(places_are_settled_by_seeds) {
  std::vector<Record> records;
  for (int64_t seeds = 2; seeds <= 5; ++seeds) {
    for (int64_t seed = 1; seed <= seeds; ++seed) records.push_back(snip(seed, seeds * 100, 800));
  }
  const Board board = only_board(records);
  Texts places;
  for (const Row& row : board.rows) places.push_back(place_words(row) + row_note_words(row));
  BOOST_TEST(places == (Texts{"1", "(1)", "(1)", "(1)provisional"}),
             boost::test_tools::per_element());
  BOOST_TEST(board.provisional());
}

// Averaging 90 of version 1 with 80 of version 2 would give 85: the rows stay apart, and the old
// one keeps no place although it is better.
BOOST_AUTO_TEST_CASE(versions_of_a_method_are_never_mixed) {
  const Board board =
      only_board({snip(1, 100, 900, 1), snip(2, 100, 900, 1), snip(1, 100, 800, 2)});
  BOOST_TEST(labels(board) == (Texts{"snip v2", "snip v1"}), boost::test_tools::per_element());
  BOOST_TEST(board.rows[0].top1.mean == 80.0, kClose);
  BOOST_TEST(*board.rows[0].place == 1);
  BOOST_TEST(board.rows[1].top1.mean == 90.0, kClose);
  BOOST_TEST(board.rows[1].superseded);
  BOOST_TEST(!board.rows[1].place);
}

// A dense net of an older version is no reference for what is measured now.
BOOST_AUTO_TEST_CASE(the_reference_is_of_the_newest_version) {
  Sample old;
  old.points[0].correct = 100;
  Sample now;
  now.version = 2;
  const Board board = only_board({run(old), run(now), snip(1, 100, 890)});
  BOOST_TEST(row_of(board, "snip").vs_dense->mean == -1.0, kClose);
  BOOST_TEST(board.rows[0].label == "dense v2");
}

// A row is a run and a level; the cost of level 1 is that of levels 0 and 1 together.
BOOST_AUTO_TEST_CASE(levels_are_rows_and_cost_what_led_to_them) {
  const Board board = only_board({run(curve(1))});
  const Row& row = row_of(board, "curve, level 1");
  BOOST_TEST(*row.own.seconds == 22.0);
  BOOST_TEST(row.own.examples == 200.0);
  BOOST_TEST(row.own.macs == 3.0 * 500 * 50 * 200);
  BOOST_TEST(row.total.examples == 200.0);
  BOOST_TEST(*row_of(board, "curve, level 0").own.seconds == 10.0);
}

// Refill at level 1 rests on 22 s of the curve and not on all of its 36 s, nor on none.
BOOST_AUTO_TEST_CASE(a_source_is_part_of_the_cost) {
  const Board board = only_board({run(curve(1)), run(refill(1, curve(1), 1))});
  const Row& row = row_of(board, "refill from curve level 1");
  BOOST_TEST(*row.own.seconds == 7.0);
  BOOST_TEST(*row.total.seconds == 29.0);
  BOOST_TEST(row.total.examples == 280.0);
  BOOST_TEST(!row.sources_missing);
  const Board last = only_board({run(curve(1)), run(refill(1, curve(1), "last"))});
  BOOST_TEST(*row_of(last, "refill from curve last level").total.seconds == 43.0);
}

// The source is there, but what it started from is not: the cost is known to be too small.
BOOST_AUTO_TEST_CASE(a_source_missing_far_back_is_noticed) {
  const Sample first = refill(1, curve(1), 1);
  Sample second = refill(1, first, "last");
  second.name = "again";
  const Board board = only_board({run(first), run(second)});
  const Row& row = row_of(board, "again from refill");
  BOOST_TEST(*row.total.seconds == 14.0);
  BOOST_TEST(row.sources_missing);
}

// Each seed's run has a source of its own seed, so of another hash: one row of two seeds. Without
// the sources' records nobody knows that they belong together: two rows, and the board says why.
BOOST_AUTO_TEST_CASE(sources_of_two_seeds_make_one_row) {
  const Record first = run(refill(1, curve(1), 1));
  const Record second = run(refill(2, curve(2), 1));
  const Board board = only_board({run(curve(1)), run(curve(2)), first, second});
  BOOST_TEST(row_of(board, "refill from curve level 1").top1.n == 2);
  const Board alone = only_board({first, second});
  BOOST_TEST(alone.rows.size() == 2U);
  BOOST_TEST(alone.rows[0].sources_missing);
  BOOST_TEST(alone.rows[0].label.find("whose record is missing") != std::string::npos);
}

// Equal in all but what the source was: the labels must tell the rows apart.
BOOST_AUTO_TEST_CASE(rows_that_differ_in_their_source_are_told_apart) {
  Sample fast = curve(1);
  fast.fields = {{"rate", 0.8}};
  const Board board =
      only_board({run(curve(1)), run(fast), run(refill(1, curve(1), 1)), run(refill(1, fast, 1))});
  BOOST_TEST(row_of(board, "refill from curve level 1 (source.run.fields.rate=0.5)").top1.n == 1);
  BOOST_TEST(row_of(board, "refill from curve level 1 (source.run.fields.rate=0.8)").top1.n == 1);
}

// Two broken records that start from each other must not turn the program in a circle.
BOOST_AUTO_TEST_CASE(sources_in_a_circle_end) {
  Record one = run(refill(1, curve(1), 0));
  Record two = run(refill(2, curve(1), 0));
  one.source->hash = two.hash;
  two.source->hash = one.hash;
  BOOST_TEST(only_board({one, two}).rows.size() == 2U);
}

// Each part of the board's key alone must part the boards; the last is the trap: two recipes of one
// name.
BOOST_AUTO_TEST_CASE(only_what_is_comparable_shares_a_board) {
  Sample other_data{.dataset = "cifar100"};
  Sample other_model{.model = "resnet56s"};
  Sample other_recipe{.recipe = {{"name", "papers/bip"}}};
  Sample other_division{.seed = 2, .division = "paper-protocol"};
  Sample other_content{.recipe = {{"name", "cifar_short"}, {"epochs", 16}}};
  const Leaderboard leaderboard =
      make_leaderboard({run({}), run(other_data), run(other_model), run(other_recipe),
                        run(other_division), run(other_content)});
  Texts titles;
  for (const Board& board : leaderboard.boards) {
    BOOST_TEST(board.rows.size() == 1U);
    titles.push_back(board_title(board));
  }
  const Texts expected = {
      "cifar10 · resnet20s · cifar_short · paper-protocol · fixed parameters",
      "cifar10 · resnet20s · cifar_short · suite-protocol · fixed parameters (recipe.epochs=16)",
      "cifar10 · resnet20s · cifar_short · suite-protocol · fixed parameters (recipe.epochs=8)",
      "cifar10 · resnet20s · papers/bip · suite-protocol · fixed parameters",
      "cifar10 · resnet56s · cifar_short · suite-protocol · fixed parameters",
      "cifar100 · resnet20s · cifar_short · suite-protocol · fixed parameters"};
  BOOST_TEST(titles == expected, boost::test_tools::per_element());
}

// A mistrusted run has points, and good ones; it must not be ranked, nor mixed with the seed that
// is ok.
BOOST_AUTO_TEST_CASE(only_runs_that_are_ok_are_ranked) {
  Sample too_good{.name = "snip",
                  .method = "snip",
                  .seed = 2,
                  .points = {{.kept = 100, .correct = 990}},
                  .status = "mistrusted",
                  .reason = "chance accuracy"};
  too_good.fields = {{"density", 0.1}, {"num_batches", 1}};
  const Board board = only_board({snip(1, 100, 800), run(too_good)});
  BOOST_TEST(board.rows.size() == 1U);
  BOOST_TEST(board.rows[0].top1.n == 1);
  BOOST_REQUIRE(board.unranked.size() == 1U);
  BOOST_TEST(board.unranked[0].reason == "chance accuracy");
  BOOST_TEST(board.unranked[0].seed == 2);
}

BOOST_AUTO_TEST_CASE(a_run_selected_on_test_is_flagged) {
  const Board board = only_board({run({.selected_on_test = true})});
  BOOST_TEST(board.rows[0].selected_on_test);
}

// The record that counts must not depend on where it stands: ok before failed, then the newer.
BOOST_AUTO_TEST_CASE(a_run_recorded_twice_counts_once) {
  Record failed = dense(1, 700);
  failed.status = Status::failed;
  failed.provenance->finished = "2026-12-01T00:00:00Z";
  Record older = dense(1, 800);
  older.provenance->finished = "2026-11-01T00:00:00Z";
  const Record newer = dense(1, 900);
  std::vector<Record> records = {failed, newer, older};
  for (int i = 0; i < 3; ++i) {
    std::rotate(records.begin(), records.begin() + 1, records.end());
    const Leaderboard leaderboard = make_leaderboard(records);
    BOOST_TEST(leaderboard.duplicates == 2);
    BOOST_TEST(leaderboard.boards[0].rows[0].top1.mean == 90.0, kClose);
    BOOST_TEST(leaderboard.boards[0].unranked.empty());
  }
}

// A second record of one seed under another hash is no second seed.
BOOST_AUTO_TEST_CASE(a_seed_counts_once_in_a_row) {
  Record again = dense(1, 900);
  again.hash = std::string(64, 'f');
  const Leaderboard leaderboard = make_leaderboard({dense(1, 900), again});
  BOOST_TEST(leaderboard.boards[0].rows[0].top1.n == 1);
  BOOST_TEST(leaderboard.duplicates == 1);
}

// A board of tickets, rows of a level above 0, also needs to show what a ticket is worth.
BOOST_AUTO_TEST_CASE(missing_baselines_are_named) {
  BOOST_TEST(
      only_board({snip(1, 100, 800)}).missing == (Texts{"dense", "random_pruning", "small_dense"}),
      boost::test_tools::per_element());
  BOOST_TEST(only_board({dense(1, 900)}).missing == (Texts{"random_pruning", "small_dense"}),
             boost::test_tools::per_element());
  // It ran, and isn't believed.
  Record strange = dense(1, 900);
  strange.status = Status::mistrusted;
  BOOST_TEST(only_board({strange}).missing ==
                 (Texts{"dense (mistrusted)", "random_pruning", "small_dense"}),
             boost::test_tools::per_element());
  Sample shuffled{.name = "shuffled", .method = "imp_shuffled"};
  BOOST_TEST(only_board({dense(1, 900), run(curve(1)), run(shuffled)}).missing ==
                 (Texts{"random_pruning", "small_dense", "imp_reinit"}),
             boost::test_tools::per_element());
}

// small_dense keeps other weights than snip, but as many multiply-adds: it competes on the second
// board and not on the first. Without it nothing competes for multiply-adds, and there is no second
// board. What can't be ranked is said once.
BOOST_AUTO_TEST_CASE(fixed_parameters_and_fixed_macs_are_two_boards) {
  Record small = run({.name = "small", .method = "small_dense", .points = {{.kept = 50}}});
  small.points[0].kept_macs = 5000;
  const Record failed = run(
      {.name = "gmp", .method = "gmp", .points = {}, .status = "failed", .reason = "disk full"});
  const std::vector<Board> boards =
      make_leaderboard({dense(1, 900), snip(1, 100, 800), small, failed}).boards;
  BOOST_REQUIRE(boards.size() == 2U);
  BOOST_TEST(board_title(boards[0]) ==
             "cifar10 · resnet20s · cifar_short · suite-protocol · fixed parameters");
  BOOST_TEST(board_title(boards[1]) ==
             "cifar10 · resnet20s · cifar_short · suite-protocol · fixed MACs");
  BOOST_TEST(*row_of(boards[0], "snip").place == 1);
  BOOST_TEST(*row_of(boards[1], "snip").place == 2);
  BOOST_TEST(boards[0].unranked.size() == 1U);
  BOOST_TEST(boards[1].unranked.empty());
  BOOST_TEST(make_leaderboard({dense(1, 900), snip(1, 100, 800)}).boards.size() == 1U);
}

// A run is drawn once, whatever its levels, and by its first seed; 100 epochs are thinned to 60
// with the last one; of 41 runs the last row's is left out.
BOOST_AUTO_TEST_CASE(training_curves_are_few) {
  const Board board = only_board({run(curve(2)), run(curve(1)), snip(1, 100, 800)});
  BOOST_REQUIRE(board.curves.size() == 2U);
  BOOST_TEST(board.curves[0].label == "curve");
  BOOST_TEST(board.curves[0].seed == 1);
  // The sample was tested after one of its three epochs: percents of the training images, 90 of 100
  // at the end.
  BOOST_TEST(!board.curves[0].on_test);
  BOOST_TEST(board.curves[0].values.back().epoch == 3);
  BOOST_TEST(board.curves[0].values.back().percent == 90.0, kClose);

  Record dense_run = dense(1, 900);
  dense_run.curves[0].epochs.resize(100, dense_run.curves[0].epochs[1]);
  for (Epoch& epoch : dense_run.curves[0].epochs) epoch.test = Evaluation{1000, 700, 990, 0.9};
  const Board thinned = only_board({dense_run});
  BOOST_TEST(thinned.curves[0].on_test);
  BOOST_TEST(thinned.curves[0].values.size() == 60U);
  BOOST_TEST(thinned.curves[0].values.back().epoch == 100);
  BOOST_TEST(thinned.curves[0].values.back().percent == 70.0, kClose);

  std::vector<Record> many;
  for (int64_t kept = 20; kept <= 820; kept += 20) many.push_back(snip(1, kept, 800));
  BOOST_TEST(only_board(many).curves.size() == kMostCurves);
  BOOST_TEST(only_board(many).curves_left_out == 1);
}

// Seconds of two machines don't compare.
BOOST_AUTO_TEST_CASE(machines_are_named) {
  Sample other{.seed = 2, .cpu = "Other CPU"};
  BOOST_TEST(only_board({run({}), run(other)}).machines.size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
