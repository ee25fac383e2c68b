// What the written forms of a leaderboard have in common: titles, cells and remarks as plain words,
// not yet escaped for any format.

#pragma once

#include "reports/leaderboard.hpp"

#include <string>
#include <vector>

namespace ticketbench {

// "parameters" or "MACs".
std::string budget_name(Budget budget);

// "cifar10 · resnet20s · cifar_short · suite-protocol · fixed parameters", and the variant where
// there is one.
std::string board_title(const Board& board);

// "3", "(3)" while the place is not settled, "" without a place.
std::string place_words(const Row& row);

// Kept over dense MACs, "0.10×".
std::string macs_ratio(const Row& row);

// Half of the 95 % Student t interval of the accuracy, "± 0.41"; "" for one seed.
std::string interval_words(const Row& row);

// Measured times of one image, "21.4 µs (5.30×)", the devices one after another; "" without any.
std::string measured_words(const Row& row);

// Whether any row of the board has one.
bool any_measured(const Board& board);

// The same as a table of its own, the header first, for formats whose rows have no room: device by
// device, in the order of the rows.
std::vector<std::vector<std::string>> measured_table(const Board& board);

// The Pareto fronts that the row is on: "density", "MACs", "density, MACs" or "".
std::string front_words(const Row& row);

// Pruned fraction of the prunable weights, "78.40 %".
std::string pruned_words(const Row& row);

// Something a reader must know of a row before believing it.
struct RowNote {
  char mark;          // for the narrow form, unique among the kinds of notes
  std::string words;  // of this row
  std::string kind;   // of all rows with this mark
};

std::vector<RowNote> row_notes(const Row& row);

// The fronts as notes, for a format that has no column for them.
std::vector<RowNote> front_notes(const Row& row);

// row_notes in words, separated by "; ".
std::string row_note_words(const Row& row);

// Sentences about a whole board.
std::vector<std::string> board_remarks(const Board& board);

// A table of a performance profile, the header first: method, and the share of problems within
// each ratio of the least error.
std::vector<std::vector<std::string>> profile_table(const PerformanceProfile& profile);

// "Across boards, fixed parameters", and sentences that explain the table.
std::string profile_title(const PerformanceProfile& profile);
std::vector<std::string> profile_remarks(const PerformanceProfile& profile);

// Sentences that explain the columns; none where no board has rows.
std::vector<std::string> column_words(const Leaderboard& leaderboard);

// Sentences about all boards.
std::vector<std::string> leaderboard_remarks(const Leaderboard& leaderboard);

}  // namespace ticketbench
