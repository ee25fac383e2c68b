#include "reports/compare_render.hpp"
#include "reports/compare_words.hpp"
#include "reports/escape.hpp"

#include <fmt/format.h>

namespace ticketbench {
namespace {

std::string numbers_words(const ComparedCell& cell) {
  return fmt::format("{} -> {}, change {}, p {}, n {}", side_words(cell.base), side_words(cell.now),
                     change_words(cell), p_words(cell), seeds_words(cell));
}

std::string test_case(const ComparedCell& cell) {
  std::string text = fmt::format("  <testcase classname=\"{}\" name=\"{}\">\n",
                                 escape_html(cell.board), escape_html(cell.label));
  const std::string message = fmt::format("{}: {}", verdict_name(cell.verdict), why_words(cell));
  if (cell.verdict == Verdict::worse) {
    text += fmt::format("    <failure type=\"worse\" message=\"{}\">{}; again by: {}</failure>\n",
                        escape_html(message), escape_html(numbers_words(cell)),
                        escape_html(cell.command));
  } else if (cell.verdict == Verdict::mistrusted || cell.verdict == Verdict::gone) {
    text += fmt::format("    <skipped message=\"{}\"/>\n", escape_html(message));
  } else {
    text += fmt::format("    <system-out>{}; {}</system-out>\n", escape_html(message),
                        escape_html(numbers_words(cell)));
  }
  return text + "  </testcase>\n";
}

}  // namespace

std::string compare_junit(const Comparison& comparison) {
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"ticketbench compare\" "
      "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n",
      comparison.cells.size(), comparison.count(Verdict::worse),
      comparison.count(Verdict::mistrusted) + comparison.count(Verdict::gone));
  for (const ComparedCell& cell : comparison.cells) text += test_case(cell);
  return text + "</testsuite>\n";
}

}  // namespace ticketbench
