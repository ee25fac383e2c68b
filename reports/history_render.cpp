#include "reports/escape.hpp"
#include "reports/history.hpp"
#include "reports/numbers.hpp"
#include "reports/text_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>
#include <tuple>

namespace ticketbench {
namespace {

using nlohmann::json;

constexpr std::size_t kWidth = 100;

std::string line_of(const Series& series) {
  std::vector<double> means;
  means.reserve(series.values.size());
  for (const NightValue& value : series.values) means.push_back(value.top1.mean);
  return sparkline(means);
}

std::string p_words(double p) {
  return p < 0.0001 ? "p <0.0001" : fmt::format("p {:.4f}", p);
}

// "2026-11-20: 90.90 -> 88.10, p <0.0001 (marked: new LibTorch)"
std::string shift_words(const History& history, const Shift& shift) {
  std::string text = fmt::format("{}: {:.2f} -> {:.2f}, {}", history.nights[shift.night],
                                 shift.change.before, shift.change.after, p_words(shift.change.p));
  if (!shift.marks.empty()) text += fmt::format(" (marked: {})", fmt::join(shift.marks, "; "));
  return text;
}

std::string shifts_words(const History& history, const Series& series) {
  std::vector<std::string> words;
  words.reserve(series.shifts.size());
  for (const Shift& shift : series.shifts) words.push_back(shift_words(history, shift));
  return fmt::format("{}", fmt::join(words, "; "));
}

std::string mark_words(const Mark& mark) {
  return fmt::format("{}: {}{}", mark.date, mark.text,
                     mark.cell.empty() ? "" : fmt::format(" ({})", mark.cell));
}

std::string summary(const History& history) {
  const auto shifted = std::count_if(history.series.begin(), history.series.end(),
                                     [](const Series& series) { return !series.shifts.empty(); });
  if (history.nights.empty()) {
    return "No nights.";
  }
  return fmt::format("{} {}, {} to {}: {} of {} series {} a shift.", history.nights.size(),
                     history.nights.size() == 1 ? "night" : "nights", history.nights.front(),
                     history.nights.back(), shifted, history.series.size(),
                     shifted == 1 ? "has" : "have");
}

// Series that stand together under one heading: a board on a machine.
bool together(const Series& a, const Series& b) {
  return a.board == b.board && a.machine == b.machine;
}

std::vector<const Series*> by_heading(const History& history) {
  std::vector<const Series*> sorted;
  for (const Series& series : history.series) sorted.push_back(&series);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Series* a, const Series* b) {
    return std::tie(a->board, a->machine) < std::tie(b->board, b->machine);
  });
  return sorted;
}

std::string heading(const Series& series) {
  return series.machine.empty() ? series.board
                                : fmt::format("{} · {}", series.board, series.machine);
}

std::string paragraph(const std::string& text) {
  return fmt::format("{}\n", fmt::join(wrap(printable(text), kWidth - 2), "\n  "));
}

TextTable empty_table() {
  return TextTable({{.header = "run", .shrinks = true},
                    {.header = "nights", .right = true},
                    {.header = "top-1 %"},
                    {.header = "last", .right = true},
                    {.header = "n", .right = true},
                    {.header = "shifts", .shrinks = true}});
}

std::string history_text(const History& history) {
  std::string text;
  const std::vector<const Series*> all = by_heading(history);
  for (std::size_t i = 0; i < all.size();) {
    text += paragraph(heading(*all[i])) + "\n";
    TextTable table = empty_table();
    const Series& first = *all[i];
    for (; i < all.size() && together(first, *all[i]); ++i) {
      const Series& series = *all[i];
      table.add_row({printable(series.label), fmt::format("{}", series.values.size()),
                     line_of(series), plus_minus(series.values.back().top1),
                     fmt::format("{}", series.values.back().top1.n),
                     printable(shifts_words(history, series))});
    }
    text += table.render(kWidth) + "\n";
  }
  for (const Mark& mark : history.marks) text += paragraph("Marked " + mark_words(mark));
  return text + paragraph(summary(history));
}

std::string history_markdown(const History& history) {
  std::string text = fmt::format("# History\n\n{}\n\n", escape_markdown(summary(history)));
  const std::vector<const Series*> all = by_heading(history);
  for (std::size_t i = 0; i < all.size();) {
    text += fmt::format("## {}\n\n", escape_markdown(heading(*all[i])));
    text += "| run | nights | top-1 % | last | n | shifts |\n";
    text += "| --- | ---: | --- | ---: | ---: | --- |\n";
    const Series& first = *all[i];
    for (; i < all.size() && together(first, *all[i]); ++i) {
      const Series& series = *all[i];
      text +=
          fmt::format("| {} | {} | {} | {} | {} | {} |\n", escape_markdown(series.label),
                      series.values.size(), line_of(series), plus_minus(series.values.back().top1),
                      series.values.back().top1.n, escape_markdown(shifts_words(history, series)));
    }
    text += "\n";
  }
  for (const Mark& mark : history.marks) text += "- " + escape_markdown(mark_words(mark)) + "\n";
  text.erase(text.find_last_not_of('\n') + 2);
  return text;
}

json series_json(const History& history, const Series& series) {
  json values = json::array();
  for (const NightValue& value : series.values) {
    values.push_back({{"night", history.nights[value.night]},
                      {"mean", value.top1.mean},
                      {"sample_std", value.top1.sample_std ? json(*value.top1.sample_std) : json()},
                      {"n", value.top1.n}});
  }
  json shifts = json::array();
  for (const Shift& shift : series.shifts) {
    shifts.push_back({{"night", history.nights[shift.night]},
                      {"before", shift.change.before},
                      {"after", shift.change.after},
                      {"p", shift.change.p},
                      {"marks", shift.marks}});
  }
  return {{"board", series.board},
          {"label", series.label},
          {"machine", series.machine},
          {"top1_percent", values},
          {"shifts", shifts}};
}

std::string history_json(const History& history) {
  json series = json::array();
  for (const Series& one : history.series) series.push_back(series_json(history, one));
  json marks = json::array();
  for (const Mark& mark : history.marks) {
    marks.push_back({{"date", mark.date},
                     {"text", mark.text},
                     {"cell", mark.cell.empty() ? json() : json(mark.cell)}});
  }
  const json document = {{"schema", "ticketbench/history"},
                         {"schema_version", 1},
                         {"nights", history.nights},
                         {"series", series},
                         {"marks", marks}};
  return document.dump(2) + "\n";
}

}  // namespace

std::string render(const History& history, Format format) {
  switch (format) {
    case Format::text:
      return history_text(history);
    case Format::markdown:
      return history_markdown(history);
    case Format::json:
      return history_json(history);
    default:
      throw std::invalid_argument("a history is written as text, md or json");
  }
}

}  // namespace ticketbench
