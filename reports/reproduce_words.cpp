#include "reports/reproduce_words.hpp"

#include "reports/difference.hpp"
#include "reports/numbers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

namespace ticketbench {
namespace {

std::string number(double value) {
  return std::abs(value) >= 1e5 ? fmt::format("{:.4g}", value) : fmt::format("{:.2f}", value);
}

std::string words(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string published(const Cell& cell) {
  if (says_none(cell)) {
    return "none";
  }
  std::string text = std::abs(*cell.value) >= 1e5 ? fmt::format("{:.4g}", *cell.value)
                                                  : fmt::format("{}", *cell.value);
  if (cell.std) {
    text += fmt::format(" ± {}", *cell.std);
  }
  if (cell.n) {
    text += fmt::format(" (n {})", *cell.n);
  }
  return text;
}

std::string ours(const ReproducedCell& entry) {
  const Measured& measured = entry.measured;
  if (measured.n == 0) {
    return "";
  }
  std::string text = measured.value ? number(*measured.value) : "none";
  if (measured.std) {
    text += fmt::format(" ± {}", number(*measured.std));
  }
  return fmt::format("{} (n {})", text, measured.n);
}

std::string interval(const ReproducedCell& entry) {
  const std::optional<double> half = half_width(entry.measured);
  return half ? "±" + number(*half) : "";
}

std::string difference(const ReproducedCell& entry) {
  const std::optional<double>& delta = entry.judgement.difference;
  if (!delta || says_none(entry.cell)) {
    return "";
  }
  return std::abs(*delta) >= 1e5 ? fmt::format("{:+.4g}", *delta) : fmt::format("{:+.2f}", *delta);
}

// "level 3, density 0.51"
std::string place(const Cell& cell) {
  std::vector<std::string> parts;
  if (cell.level) {
    parts.push_back(fmt::format("level {}", *cell.level));
  }
  if (cell.density && *cell.density < 1 && cell.metric != "sparsest_winning_density") {
    parts.push_back(fmt::format("density {}", *cell.density));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string dataset_of(const Cell& cell) {
  return cell.dataset.value_or("not stated");
}
std::string model_of(const Cell& cell) {
  return cell.model.value_or("not stated");
}
std::string metric_of(const Cell& cell) {
  return fmt::format("{} ({})", words(cell.metric), words(cell.unit));
}

using OfCell = std::string (*)(const Cell&);

// What all cells share, or nothing.
std::string shared(const Reproduction& r, OfCell get) {
  const std::string first = get(r.cells.front().cell);
  const bool all = std::all_of(r.cells.begin(), r.cells.end(), [&](const ReproducedCell& entry) {
    return get(entry.cell) == first;
  });
  return all ? first : "";
}

// The number of a note below the table, where each stands once.
std::string note_mark(std::vector<std::string>& notes, const std::string& note) {
  auto known = std::find(notes.begin(), notes.end(), note);
  if (known == notes.end()) known = notes.insert(notes.end(), note);
  return fmt::format("[{}]", known - notes.begin() + 1);
}

std::string note_marks(std::vector<std::string>& notes, const ReproducedCell& entry) {
  std::vector<std::string> marks;
  for (const std::string& note : {entry.cell.note, entry.judgement.reason}) {
    if (!note.empty()) marks.push_back(note_mark(notes, note));
  }
  return fmt::format("{}", fmt::join(marks, " "));
}

std::string reading_words(const PublishedTable& table) {
  return table.uncertainty ? fmt::format(", read to {}", *table.uncertainty) : "";
}

// "The paper's values are ..."
std::string origin_words(const std::string& provenance) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> rewritten = {{
      {"prose", "quoted from its text"},
      {"second_hand", "second-hand"},
      {"code", "those of its code"},
      {"other_paper", "quoted from another paper"},
  }};
  for (const auto& [word, sentence] : rewritten) {
    if (word == provenance) {
      return std::string(sentence);
    }
  }
  return provenance;  // printed, digitised
}

std::string cells_words(std::size_t count) {
  return fmt::format("{} {}", count, count == 1 ? "cell" : "cells");
}

constexpr std::array<std::pair<ClaimVerdict, std::string_view>, 5> kMeanings = {{
    {ClaimVerdict::reproduced,
     "inside the margin, shown by two one-sided tests at 5 % or without any "
     "scatter"},
    {ClaimVerdict::within_noise,
     "neither agreement within the margin nor a difference beyond it is "
     "shown"},
    {ClaimVerdict::not_reproduced, "further away than the margin, and than chance explains at 5 %"},
    {ClaimVerdict::too_good, "better by more than the margin, at 5 %: a warning, not a success"},
    {ClaimVerdict::protocol_differs,
     "measured under something else than the paper's recipe, so no "
     "verdict"},
}};

void add_meanings(std::vector<std::string>& sentences, const Reproduction& r) {
  for (const auto& [verdict, meaning] : kMeanings) {
    if (r.counts[verdict] > 0) {
      sentences.push_back(fmt::format("{}: {}.", claim_verdict_word(verdict), meaning));
    }
  }
  if (std::any_of(r.cells.begin(), r.cells.end(),
                  [](const ReproducedCell& entry) { return entry.judgement.provisional; })) {
    sentences.push_back(fmt::format("(p) provisional: fewer than {} seeds.", kFirmSeeds));
  }
}

// Why cells aren't compared, each reason once.
void add_reasons(std::vector<std::string>& sentences, const Reproduction& r) {
  std::map<std::string, std::size_t> counts;
  for (const ReproducedCell& entry : r.cells) {
    if (!entry.cell.comparable()) {
      ++counts[entry.cell.not_comparable];
    }
  }
  for (const auto& [word, count] : counts) {
    sentences.push_back(fmt::format("{}: {}.", cells_words(count), why_not_comparable(word)));
  }
}

void add_assumptions(std::vector<std::string>& sentences, const Reproduction& r) {
  std::map<std::string, std::size_t> counts;
  for (const ReproducedCell& entry : r.cells) {
    if (!entry.judgement.assumed.empty()) ++counts[entry.judgement.assumed];
  }
  for (const auto& [assumed, count] : counts) {
    sentences.push_back(fmt::format("Assumed for {}: {}.", cells_words(count), assumed));
  }
}

Described lines_of(std::string heading, const std::vector<Described>& all) {
  Described section{std::move(heading), {}};
  for (const Described& one : all) {
    if (one.sentences.empty()) section.sentences.push_back(one.name);
    for (const std::string& sentence : one.sentences) {
      section.sentences.push_back(fmt::format("{}: {}", one.name, sentence));
    }
  }
  return section;
}

}  // namespace

bool says_none(const Cell& cell) {
  return !cell.value || (cell.metric == "sparsest_winning_density" && *cell.value == 0);
}

std::optional<double> half_width(const Measured& measured) {
  if (!measured.value || !measured.std || measured.n < 2) {
    return std::nullopt;
  }
  const auto n = static_cast<double>(measured.n);
  return Difference{.estimate = *measured.value,
                    .standard_error = *measured.std / std::sqrt(n),
                    .degrees_of_freedom = n - 1}
      .half_width();
}

std::string verdict_words(const ReproducedCell& entry) {
  if (!entry.cell.comparable()) {
    return "not compared";
  }
  const ClaimJudgement& judgement = entry.judgement;
  if (judgement.verdict == ClaimVerdict::not_run) {
    return entry.measured.problem;
  }
  return fmt::format("{}{}", claim_verdict_word(judgement.verdict),
                     judgement.provisional ? " (p)" : "");
}

ShownTable shown_table(const Reproduction& r) {
  // A column of what all cells share stays empty: the head says it.
  const auto unless_shared = [&](const Cell& cell, OfCell get) {
    return shared(r, get).empty() ? get(cell) : "";
  };
  const std::vector<ShownTable::Column> all = {
      {"row", false},       {"dataset", false},
      {"model", false},     {"metric", false},
      {"at", false},        {fmt::format("paper ({})", words(r.table.provenance)), true},
      {"ours", true},       {"95 %", true},
      {"difference", true}, {"verdict", false},
      {"note", false}};
  ShownTable table;
  std::vector<bool> filled(all.size(), false);
  for (const ReproducedCell& entry : r.cells) {
    const Cell& cell = entry.cell;
    table.rows.push_back({cell.row, unless_shared(cell, dataset_of), unless_shared(cell, model_of),
                          unless_shared(cell, metric_of), place(cell), published(cell), ours(entry),
                          interval(entry), difference(entry), verdict_words(entry),
                          note_marks(table.notes, entry)});
    for (std::size_t i = 0; i < all.size(); ++i) {
      filled[i] = filled[i] || !table.rows.back()[i].empty();
    }
  }
  for (std::size_t i = all.size(); i-- > 0;) {
    if (filled[i]) continue;
    for (auto& row : table.rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (filled[i]) table.columns.push_back(all[i]);
  }
  return table;
}

std::vector<OverviewRow> overview_rows(const Overview& overview) {
  std::vector<OverviewRow> rows;
  VerdictCounts all;
  VerdictCounts paper;
  for (std::size_t i = 0; i < overview.tables.size(); ++i) {
    const Reproduction& r = overview.tables[i];
    rows.push_back(
        {r.paper.key, r.table.key, words(r.table.provenance) + reading_words(r.table), r.counts});
    paper.add(r.counts);
    all.add(r.counts);
    if (i + 1 == overview.tables.size() || overview.tables[i + 1].paper.key != r.paper.key) {
      rows.push_back({r.paper.key, "", "", paper});
      paper = {};
    }
  }
  rows.push_back({"", "", "", all});
  return rows;
}

std::string row_name(const OverviewRow& row) {
  if (row.table.empty()) {
    return row.paper.empty() ? "all papers" : row.paper;
  }
  return fmt::format("{}/{}", row.paper, row.table);
}

std::vector<std::string> count_headers() {
  return {"cells",    "compared",         "run",    "reproduced", "within noise", "not reproduced",
          "too good", "protocol differs", "not run"};
}

std::vector<std::string> count_words(const VerdictCounts& counts) {
  std::vector<std::string> text = {fmt::format("{}", counts.cells),
                                   fmt::format("{}", counts.comparable),
                                   fmt::format("{}", counts.run())};
  for (const ClaimVerdict verdict : kClaimVerdicts) {
    text.push_back(fmt::format("{}", counts[verdict]));
  }
  return text;
}

std::string name_of(const Reproduction& r) {
  return fmt::format("{}/{}", r.paper.key, r.table.key);
}

std::string title_of(const Reproduction& r) {
  return fmt::format("{}: {}", name_of(r), r.table.title);
}

std::string origin_of(const Reproduction& r) {
  return fmt::format("{}, {}, arXiv:{}", r.paper.title, r.paper.venue, r.paper.arxiv);
}

std::vector<std::string> head_sentences(const Reproduction& r) {
  std::vector<std::string> common;
  for (const std::string& text :
       {shared(r, metric_of), shared(r, model_of), shared(r, dataset_of)}) {
    if (!text.empty()) {
      common.push_back(text);
    }
  }
  std::vector<std::string> lines;
  if (!common.empty()) {
    lines.push_back(fmt::format("All cells: {}.", fmt::join(common, ", ")));
  }
  lines.push_back(fmt::format("The paper's values are {}{}.{}", origin_words(r.table.provenance),
                              reading_words(r.table),
                              r.table.note.empty() ? "" : " " + r.table.note));
  return lines;
}

std::string summary(const VerdictCounts& counts) {
  if (counts.comparable == 0) {
    return "No cell can be compared.";
  }
  std::vector<std::string> verdicts;
  for (const ClaimVerdict verdict : kClaimVerdicts) {
    const bool judged =
        verdict != ClaimVerdict::protocol_differs && verdict != ClaimVerdict::not_run;
    if (judged && counts[verdict] > 0) {
      verdicts.push_back(fmt::format("{} {}", counts[verdict], claim_verdict_word(verdict)));
    }
  }
  const std::size_t other = counts[ClaimVerdict::protocol_differs];
  return fmt::format("{} of {} comparable cells have been run{}{}{}.", counts.run(),
                     counts.comparable, verdicts.empty() ? "" : ": ", fmt::join(verdicts, ", "),
                     other == 0 ? "" : fmt::format("; of {} more the protocol differs", other));
}

std::vector<std::string> remarks(const Reproduction& r) {
  std::vector<std::string> sentences = {summary(r.counts)};
  if (r.alarms > 0) {
    sentences.push_back(fmt::format(
        "{} tested at 5 % each, so some differ by chance. {} of the {} that are not reproduced or "
        "too good {} so after Holm's adjustment for all of them.",
        cells_words(r.tested), r.alarms_after_holm, r.alarms,
        r.alarms_after_holm == 1 ? "stays" : "stay"));
  }
  add_meanings(sentences, r);
  add_reasons(sentences, r);
  for (const std::string& margin : r.margins) {
    sentences.push_back(fmt::format("Margin of {}.", margin));
  }
  add_assumptions(sentences, r);
  if (std::any_of(r.cells.begin(), r.cells.end(),
                  [](const ReproducedCell& entry) { return entry.measured.n > 0; })) {
    sentences.push_back(
        "± behind a value: sample standard deviation over n seeds; 95 %: Student t interval of our "
        "mean; difference: ours minus the paper's.");
  }
  return sentences;
}

std::vector<Described> departures(const Reproduction& r) {
  std::vector<Described> sections;
  if (!r.recipes.empty()) sections.push_back(lines_of("Recipes of this table", r.recipes));
  if (!r.readings.empty()) {
    sections.push_back(
        lines_of("Other readings of these protocols, which answer no cell", r.readings));
  }
  if (!r.deviations.empty()) {
    sections.push_back(lines_of("How the methods here depart from their papers", r.deviations));
  }
  return sections;
}

std::string cost_words(const std::optional<Remaining>& remaining) {
  if (!remaining || remaining->runs == 0) {
    return "";
  }
  std::string text =
      fmt::format("{} of {} runs, {} steps, {} multiply-adds", remaining->runs, remaining->planned,
                  grouped(remaining->iterations), with_prefix(remaining->macs));
  if (remaining->macs_per_second > 0) {
    text += fmt::format(", {} at {} a second ({})",
                        duration(remaining->macs / remaining->macs_per_second),
                        with_prefix(remaining->macs_per_second), remaining->rate);
  }
  return text;
}

std::vector<std::string> commands(const Reproduction& r) {
  if (r.counts.run() == r.counts.comparable) {
    return {};
  }
  const std::string suites = fmt::format("{}", fmt::join(r.table.suites, " "));
  return {fmt::format("ticketbench plan {}", suites),
          fmt::format("ticketbench run {} --data DIR", suites)};
}

}  // namespace ticketbench
