// What the formats of a reproduction share: the table's cells and the sentences around it, as plain
// text. Nothing is escaped yet.
#pragma once

#include "reports/reproduce.hpp"

#include <string>
#include <vector>

namespace ticketbench {

struct ShownTable {
  struct Column {
    std::string header;
    bool right = false;  // numbers
  };
  std::vector<Column> columns;  // without those that would stay empty
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> notes;  // "[1]" in the last column is the first
};

ShownTable shown_table(const Reproduction& reproduction);

// A line for each table with cells of each verdict; a paper's tables together, then their sum.
struct OverviewRow {
  std::string paper;  // key; empty: the sum of all papers
  std::string table;  // key; empty: the paper's sum
  std::string provenance;
  VerdictCounts counts;
};
std::vector<OverviewRow> overview_rows(const Overview& overview);
// "bip/table_1", "bip" for a paper's sum, or "all papers".
std::string row_name(const OverviewRow& row);
// Headers for the counts of such a row, and the counts.
std::vector<std::string> count_headers();
std::vector<std::string> count_words(const VerdictCounts& counts);

// "bip/table_1".
std::string name_of(const Reproduction& reproduction);
// "bip/table_1: its title", and the paper's title, venue and number.
std::string title_of(const Reproduction& reproduction);
std::string origin_of(const Reproduction& reproduction);
// What holds for all cells, and where the paper's values come from.
std::vector<std::string> head_sentences(const Reproduction& reproduction);
// How many cells have which verdict, what the words mean, why cells aren't compared, margins, what
// was assumed.
std::vector<std::string> remarks(const Reproduction& reproduction);
// How recipes and methods depart from the paper. Each entry: a heading and its lines.
std::vector<Described> departures(const Reproduction& reproduction);
// "33 of 36 runs, ..."; empty where nothing is left or nothing is known.
std::string cost_words(const std::optional<Remaining>& remaining);
// What plans and runs the rest; empty where nothing is left.
std::vector<std::string> commands(const Reproduction& reproduction);
std::string summary(const VerdictCounts& counts);

// "within noise (p)" where that is provisional; for a cell without verdict why there is none.
std::string verdict_words(const ReproducedCell& entry);
// Half the width of the 95 % interval of our mean; absent for one run.
std::optional<double> half_width(const Measured& measured);
// A winning ticket that the paper says doesn't exist, by leaving it out or by a 0.
bool says_none(const Cell& cell);

}  // namespace ticketbench
