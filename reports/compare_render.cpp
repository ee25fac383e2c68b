#include "reports/compare_render.hpp"

#include "reports/escape.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace ticketbench {

CompareFormat parse_compare_format(std::string_view word) {
  if (word == "text") return CompareFormat::text;
  if (word == "md") return CompareFormat::markdown;
  if (word == "json") return CompareFormat::json;
  if (word == "junit") return CompareFormat::junit;
  if (word == "github") return CompareFormat::github;
  throw std::invalid_argument(
      fmt::format("found the format \"{}\", expected one of text, md, json, junit, github", word));
}

std::string render(const Comparison& comparison, CompareFormat format) {
  switch (format) {
    case CompareFormat::text:
      return compare_text(comparison);
    case CompareFormat::markdown:
      return compare_markdown(comparison);
    case CompareFormat::json:
      return compare_json(comparison);
    case CompareFormat::junit:
      return compare_junit(comparison);
    case CompareFormat::github:
      return compare_github(comparison);
  }
  throw std::logic_error("a format without a writer");
}

std::string rerun_commands(const Comparison& comparison) {
  std::string text;
  for (const Rerun& rerun : comparison.reruns) text += printable(rerun.command) + "\n";
  return text;
}

}  // namespace ticketbench
