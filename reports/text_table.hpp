// Aligned columns for a terminal, by what a character takes there and not by its bytes.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ticketbench {

// Columns that `text` takes: East Asian wide characters and emoji count two. Marks that combine
// with the character before them count one too many.
std::size_t display_width(std::string_view text);

// `text` in lines of at most `width` columns, broken at spaces, and inside a word only where the
// word alone is longer. At least one line, `width` >= 2.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

class TextTable {
 public:
  struct Column {
    std::string header;
    bool right = false;    // numbers
    bool shrinks = false;  // its cells are wrapped where the table would be too wide
  };

  explicit TextTable(std::vector<Column> columns);

  // One cell for each column; throws std::invalid_argument otherwise.
  void add_row(std::vector<std::string> cells);

  // An empty line, between two rows.
  void add_gap();

  // The header, a rule and the rows, each line ending in "\n" and without spaces before it. Columns
  // whose cells are all empty are left out. Wider than `width` only where shrinking can't help.
  [[nodiscard]] std::string render(std::size_t width) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // a row without cells is a gap
};

}  // namespace ticketbench
