#include "reports/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace ticketbench {
namespace {

constexpr std::size_t kNarrowest = 12;  // of a column that shrinks
constexpr std::string_view kBetween = "  ";

// Byte length of the longest beginning of `text` that is no wider than `width`; at least one
// character, so that a wide one in a narrow column ends the loop as well.
std::size_t prefix_within(std::string_view text, std::size_t width) {
  const auto next = [&](std::size_t i) {
    do {
      ++i;
    } while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U);
    return i;
  };
  std::size_t end = next(0);
  while (end < text.size() && display_width(text.substr(0, next(end))) <= width) end = next(end);
  return end;
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  // fmt pads by display width: what it does not pad is the text's.
  const std::size_t padded = 2 * text.size() + 1;
  return padded - (fmt::formatted_size("{:<{}}", text, padded) - text.size());
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  const auto put = [&](std::string_view word) {
    std::string& line = lines.back();
    if (line.empty()) {
      line = word;
    } else if (display_width(line) + 1 + display_width(word) <= width) {
      line += ' ';
      line += word;
    } else {
      lines.emplace_back(word);
    }
  };
  while (!text.empty()) {
    std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (display_width(word) > width) {
      end = prefix_within(word, width);
      put(word.substr(0, end));
      text.remove_prefix(end);
      continue;
    }
    if (!word.empty()) {
      put(word);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

void TextTable::add_row(std::vector<std::string> cells) {
  if (cells.size() != columns_.size()) {
    throw std::invalid_argument(
        fmt::format("found {} cells, expected {}", cells.size(), columns_.size()));
  }
  rows_.push_back(std::move(cells));
}

void TextTable::add_gap() {
  rows_.emplace_back();
}

std::string TextTable::render(std::size_t width) const {
  std::vector<std::size_t> shown;
  std::vector<std::size_t> widths(columns_.size());
  std::size_t total = 0;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t widest = 0;
    for (const auto& row : rows_) {
      widest = std::max(widest, row.empty() ? 0 : display_width(row[c]));
    }
    if (widest == 0) {
      continue;
    }
    widths[c] = std::max(widest, display_width(columns_[c].header));
    total += widths[c] + (shown.empty() ? 0 : kBetween.size());
    shown.push_back(c);
  }
  // The widest gives way first, column by column.
  const auto room = [&](std::size_t c) {
    return columns_[c].shrinks && widths[c] > kNarrowest ? widths[c] : 0;
  };
  for (; total > width && !shown.empty(); --total) {
    const auto widest = std::max_element(shown.begin(), shown.end(),
                                         [&](auto a, auto b) { return room(a) < room(b); });
    if (room(*widest) == 0) {
      break;
    }
    --widths[*widest];
  }

  std::string text;
  const auto put_line = [&](const std::vector<std::vector<std::string>>& cells, std::size_t i) {
    std::string line;
    for (const std::size_t c : shown) {
      const std::string cell = i < cells[c].size() ? cells[c][i] : "";
      if (!line.empty() || c != shown.front()) {
        line += kBetween;
      }
      line += columns_[c].right ? fmt::format("{:>{}}", cell, widths[c])
                                : fmt::format("{:<{}}", cell, widths[c]);
    }
    text += trimmed(line) + "\n";
  };
  const auto put_row = [&](const auto& cell_of) {
    std::vector<std::vector<std::string>> cells(columns_.size());
    std::size_t lines = 0;
    for (const std::size_t c : shown) {
      if (columns_[c].shrinks) {
        cells[c] = wrap(cell_of(c), widths[c]);
      } else {
        cells[c] = {cell_of(c)};
      }
      lines = std::max(lines, cells[c].size());
    }
    for (std::size_t i = 0; i < lines; ++i) put_line(cells, i);
  };

  put_row([&](std::size_t c) { return columns_[c].header; });
  for (std::size_t i = 0; i < total; ++i) text += "─";
  text += "\n";
  for (const auto& row : rows_) {
    if (row.empty()) {
      text += "\n";
    } else {
      put_row([&](std::size_t c) { return row[c]; });
    }
  }
  return text;
}

}  // namespace ticketbench
