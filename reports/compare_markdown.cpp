#include "reports/compare_render.hpp"
#include "reports/compare_words.hpp"
#include "reports/escape.hpp"

#include <fmt/format.h>

namespace ticketbench {
namespace {

std::string row(const ComparedCell& cell) {
  const std::string verdict =
      cell.verdict == Verdict::worse ? "**worse**" : std::string(verdict_name(cell.verdict));
  return fmt::format(
      "| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", verdict, escape_markdown(cell.label),
      escape_markdown(cell.board), side_words(cell.base), side_words(cell.now), change_words(cell),
      escape_markdown(p_words(cell)), seeds_words(cell), escape_markdown(why_words(cell)));
}

std::string table(const Comparison& comparison, bool same) {
  std::string rows;
  for (const ComparedCell& cell : comparison.cells) {
    if ((cell.verdict == Verdict::same) == same) rows += row(cell);
  }
  if (rows.empty()) {
    return "";
  }
  return "| verdict | run | board | BASE | NEW | change | p | n | why |\n"
         "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |\n" +
         rows + "\n";
}

std::string list(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) text += "- " + escape_markdown(sentence) + "\n";
  return text.empty() ? text : text + "\n";
}

}  // namespace

std::string compare_markdown(const Comparison& comparison) {
  std::string text =
      fmt::format("## {}\n\n{}\n\n", comparison.regressed() ? "Regression" : "No regression",
                  summary_words(comparison));
  text += table(comparison, false);
  if (const std::string same = table(comparison, true); !same.empty()) {
    text += fmt::format("<details><summary>{} same</summary>\n\n{}</details>\n\n",
                        comparison.count(Verdict::same), same);
  }
  text += list(side_remarks(comparison));
  text += list(verdict_remarks(comparison));
  text.erase(text.find_last_not_of('\n') + 2);
  return text;
}

}  // namespace ticketbench
