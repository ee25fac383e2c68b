#include "reports/leaderboard_words.hpp"

#include "reports/numbers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace ticketbench {

std::string board_title(const Board& board) {
  std::string title =
      fmt::format("{} · {} · {} · {}", board.dataset, board.model, board.recipe, board.division);
  if (!board.variant.empty()) {
    title += fmt::format(" ({})", board.variant);
  }
  return title;
}

std::string place_words(const Row& row) {
  if (!row.place) {
    return "";
  }
  return row.settled() ? fmt::format("{}", *row.place) : fmt::format("({})", *row.place);
}

std::string macs_ratio(const Row& row) {
  const double ratio = row.kept_macs.mean / static_cast<double>(row.dense_macs);
  // Two decimals say nothing below a tenth.
  return fmt::format("{:.{}f}×", ratio, ratio < 0.095 ? 3 : 2);
}

std::string pruned_words(const Row& row) {
  return fmt::format("{:.2f} %", 100 * (1 - row.density.mean));
}

std::vector<RowNote> row_notes(const Row& row) {
  std::vector<RowNote> notes;
  if (row.provisional()) {
    notes.push_back(
        {'p', "provisional", fmt::format("provisional: fewer than {} seeds", kSeedsToShow)});
  }
  if (row.selected_on_test) {
    notes.push_back({'t', "selected on test", "selected on the test set, so too good"});
  }
  if (row.superseded) {
    notes.push_back({'v', fmt::format("version {}, not the newest", row.version),
                     "of an older version of the method, not ranked"});
  }
  if (row.vs_dense && row.vs_dense->n < row.top1.n) {
    notes.push_back({'d', fmt::format("vs dense over {} of {} seeds", row.vs_dense->n, row.top1.n),
                     "vs dense over fewer seeds than n: dense lacks the others"});
  }
  if (row.sources_missing) {
    notes.push_back(
        {'s', "cost without its sources", "cost without its sources: their records are not here"});
  }
  return notes;
}

std::string row_note_words(const Row& row) {
  std::vector<std::string> words;
  for (const RowNote& note : row_notes(row)) words.push_back(note.words);
  return fmt::format("{}", fmt::join(words, "; "));
}

std::vector<std::string> board_remarks(const Board& board) {
  std::vector<std::string> remarks;
  const auto provisional = std::count_if(board.rows.begin(), board.rows.end(),
                                         [](const Row& row) { return row.provisional(); });
  if (provisional > 0) {
    remarks.push_back(fmt::format("Provisional: {} of {} rows rest on fewer than {} seeds.",
                                  provisional, board.rows.size(), kSeedsToShow));
  }
  if (std::any_of(board.rows.begin(), board.rows.end(),
                  [](const Row& row) { return row.place && !row.settled(); })) {
    remarks.push_back(
        fmt::format("A place in brackets is settled from {} seeds on.", kSeedsToRank));
  }
  if (!board.rows.empty()) {
    const Row& first = board.rows.front();
    const int64_t examples = first.results.front().examples;
    const bool alike = std::all_of(board.rows.begin(), board.rows.end(), [&](const Row& row) {
      return row.dense_macs == first.dense_macs && row.results.front().examples == examples;
    });
    if (alike) {
      remarks.push_back(fmt::format("The dense net takes {} MACs for one image; {} images test it.",
                                    with_prefix(static_cast<double>(first.dense_macs)),
                                    grouped(examples)));
    }
  }
  if (!board.missing.empty()) {
    remarks.push_back(fmt::format("Missing here: {}. A board without {} says little.",
                                  fmt::join(board.missing, ", "),
                                  board.missing.size() > 1 ? "them" : "it"));
  }
  if (board.machines.size() == 1) {
    remarks.push_back(fmt::format("Measured on {}.", board.machines[0]));
  } else if (board.machines.size() > 1) {
    remarks.push_back(fmt::format("Measured on {} kinds of machine, so times don't compare: {}.",
                                  board.machines.size(), fmt::join(board.machines, "; ")));
  }
  if (board.runs_of_changed_sources > 0) {
    remarks.push_back(fmt::format("{} of {} runs come from a build with uncommitted changes.",
                                  board.runs_of_changed_sources, board.runs));
  }
  return remarks;
}

std::vector<std::string> column_words(const Leaderboard& leaderboard) {
  if (std::all_of(leaderboard.boards.begin(), leaderboard.boards.end(),
                  [](const Board& board) { return board.rows.empty(); })) {
    return {};
  }
  return {
      "density: kept / prunable weights. MACs: kept / dense, of convolutions and linear layers, "
      "for "
      "one image.",
      "top-1: percent of the test images, mean ± sample standard deviation over n seeds. vs dense: "
      "percentage points, paired by seed.",
      "train MACs, train images, time: all that was spent to get there, sources included."};
}

std::vector<std::string> leaderboard_remarks(const Leaderboard& leaderboard) {
  std::vector<std::string> remarks;
  if (leaderboard.boards.empty()) {
    remarks.emplace_back("No records: nothing to rank.");
  }
  if (leaderboard.duplicates > 0) {
    remarks.push_back(fmt::format("{} {} left out: the same run is there in a newer record.",
                                  leaderboard.duplicates,
                                  leaderboard.duplicates == 1 ? "record was" : "records were"));
  }
  return remarks;
}

}  // namespace ticketbench
