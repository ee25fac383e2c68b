#include "reports/escape.hpp"
#include "reports/leaderboard_render.hpp"
#include "reports/leaderboard_words.hpp"
#include "reports/numbers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ticketbench {
namespace {

using Cells = std::vector<std::string>;

// Not yet escaped.
std::string table_line(const Cells& cells) {
  Cells escaped;
  escaped.reserve(cells.size());
  for (const std::string& cell : cells) escaped.push_back(escape_latex(cell));
  return fmt::format("{} \\\\\n", fmt::join(escaped, " & "));
}

// `body`: lines of the table.
std::string table(const std::string& columns, const std::string& caption, const Cells& header,
                  const std::string& body) {
  return fmt::format(
      "{{\\footnotesize\\setlength{{\\tabcolsep}}{{3pt}}\n\\begin{{longtable}}{{{}}}\n\\caption{{{}"
      "}} \\\\\n\\toprule\n{}\\midrule\n\\endhead\n"
      "\\bottomrule\n\\endfoot\n{}\\end{{longtable}}}}\n",
      columns, escape_latex(caption), table_line(header), body);
}

std::string rows_latex(const Board& board) {
  std::string body;
  const Row* before = nullptr;
  for (const Row& row : board.rows) {
    if (before != nullptr && before->group != row.group) {
      body += "\\addlinespace\n";
    }
    before = &row;
    body += table_line({place_words(row), row.label, fmt::format("{:.4f}", row.density.mean),
                        macs_ratio(row), plus_minus(row.top1), interval_words(row),
                        row.vs_dense ? plus_minus(*row.vs_dense, 2, true) : "",
                        fmt::format("{}", row.top1.n), with_prefix(row.total.macs),
                        row.total.seconds ? duration(*row.total.seconds) : "", front_words(row),
                        row_note_words(row)});
  }
  return table("rp{3.2cm}rrrrrrrrp{1.1cm}p{1.6cm}", board_title(board),
               {"#", "run", "density", "MACs", "top-1 %", "95 %", "vs dense", "n", "train MACs",
                "time", "front", "note"},
               body);
}

// Of lines with the header first.
std::string lines_latex(const std::string& columns, const std::string& caption,
                        const std::vector<Cells>& lines) {
  std::string body;
  for (std::size_t i = 1; i < lines.size(); ++i) body += table_line(lines[i]);
  return table(columns, caption, lines.front(), body);
}

std::string unranked_latex(const Board& board) {
  std::string body;
  for (const UnrankedRun& run : board.unranked) {
    body += table_line(
        {run.label, fmt::format("{}", run.seed), std::string(status_name(run.status)), run.reason});
  }
  return table("p{5cm}rlp{8cm}", board_title(board), {"not ranked", "seed", "status", "reason"},
               body);
}

std::string profile_latex(const PerformanceProfile& profile) {
  const std::vector<Cells> lines = profile_table(profile);
  return lines_latex("l" + std::string(lines.front().size() - 1, 'r'), profile_title(profile),
                     lines);
}

std::string list(const std::vector<std::string>& sentences) {
  if (sentences.empty()) {
    return "";
  }
  std::string text = "\\begin{itemize}\n";
  for (const std::string& sentence : sentences) {
    text += fmt::format("\\item {}\n", escape_latex(sentence));
  }
  return text + "\\end{itemize}\n";
}

}  // namespace

std::string leaderboard_latex(const Leaderboard& leaderboard) {
  std::string text = "% needs \\usepackage{booktabs} and \\usepackage{longtable}\n";
  for (const Board& board : leaderboard.boards) {
    text += "\n";
    text += board.rows.empty()
                ? fmt::format("\\paragraph{{{}}} No run with status ok: nothing to rank.\n",
                              escape_latex(board_title(board)))
                : rows_latex(board);
    text += list(board_remarks(board));
    if (any_measured(board) && board.budget == Budget::parameters) {
      text += lines_latex("p{5cm}p{4cm}rrrr", board_title(board), measured_table(board));
    }
    if (!board.unranked.empty()) {
      text += unranked_latex(board);
    }
  }
  for (const PerformanceProfile& profile : leaderboard.profiles) {
    text += "\n" + profile_latex(profile) + list(profile_remarks(profile));
  }
  text += "\n" + list(column_words(leaderboard)) + list(leaderboard_remarks(leaderboard));
  text.erase(text.find_last_not_of('\n') + 2);
  return text;
}

}  // namespace ticketbench
