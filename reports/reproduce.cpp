#include "reports/reproduce.hpp"

#include "reports/escape.hpp"
#include "reports/text_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>

namespace ticketbench {
namespace {

using nlohmann::json;

constexpr std::size_t kWidth = 100;

std::string number(double value) {
  return std::abs(value) >= 1e5 ? fmt::format("{:.4g}", value) : fmt::format("{:.2f}", value);
}

// A winning ticket that the paper says doesn't exist, by leaving it out or by a 0.
bool says_none(const Cell& cell) {
  return !cell.value || (cell.metric == "sparsest_winning_density" && *cell.value == 0);
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
  if (!entry.cell.comparable()) {
    return "not compared";
  }
  const Measured& measured = entry.measured;
  if (measured.n == 0) {
    return measured.problem;
  }
  std::string text = measured.value ? number(*measured.value) : "none";
  if (measured.std) {
    text += fmt::format(" ± {}", number(*measured.std));
  }
  return fmt::format("{} (n {})", text, measured.n);
}

std::string difference(const ReproducedCell& entry) {
  const bool both = entry.measured.n > 0 && entry.measured.value && !says_none(entry.cell);
  if (!both) {
    return "";
  }
  const double delta = *entry.measured.value - *entry.cell.value;
  return std::abs(delta) >= 1e5 ? fmt::format("{:+.4g}", delta) : fmt::format("{:+.2f}", delta);
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

std::string words(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

// What all cells share, or nothing.
template <typename Get>
std::string shared(const Reproduction& reproduction, const Get& get) {
  const std::string first = get(reproduction.cells.front().cell);
  const bool all =
      std::all_of(reproduction.cells.begin(), reproduction.cells.end(),
                  [&](const ReproducedCell& entry) { return get(entry.cell) == first; });
  return all ? first : "";
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

// The table's head: what it is, and what holds for all of it.
std::vector<std::string> head(const Reproduction& r) {
  std::string provenance = words(r.table.provenance);
  if (r.table.uncertainty) {
    provenance += fmt::format(", read to {}", *r.table.uncertainty);
  }
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
  lines.push_back(fmt::format("The paper's values are {}.{}", provenance,
                              r.table.note.empty() ? "" : " " + r.table.note));
  return lines;
}

std::string summary(const Reproduction& r) {
  if (r.comparable == 0) {
    return "No cell of this table can be compared.";
  }
  return fmt::format("{} of {} comparable cells have been run.", r.run, r.comparable);
}

std::vector<std::string> commands(const Reproduction& r) {
  if (r.run == r.comparable) {
    return {};
  }
  const std::string suites = fmt::format("{}", fmt::join(r.table.suites, " "));
  return {fmt::format("ticketbench plan {}", suites),
          fmt::format("ticketbench run {} --data DIR", suites)};
}

// Why cells aren't compared, each reason once with the rows it holds for.
std::vector<std::string> reasons(const Reproduction& r) {
  std::map<std::string, std::size_t> counts;
  for (const ReproducedCell& entry : r.cells) {
    if (!entry.cell.comparable()) {
      ++counts[entry.cell.not_comparable];
    }
  }
  std::vector<std::string> lines;
  lines.reserve(counts.size());
  for (const auto& [word, count] : counts) {
    lines.push_back(
        fmt::format("{} {}: {}.", count, count == 1 ? "cell" : "cells", why_not_comparable(word)));
  }
  return lines;
}

struct Column {
  std::string header;
  bool right;
  std::string (*text)(const Reproduction&, const ReproducedCell&);
};

// A column of what all cells share stays empty and is left out: the head says it.
constexpr auto kUnlessShared = [](const Reproduction& r, const ReproducedCell& entry,
                                  std::string (*get)(const Cell&)) {
  return shared(r, get).empty() ? get(entry.cell) : std::string();
};

const std::array<Column, 9>& columns() {
  static const std::array<Column, 9> all = {{
      {"row", false, [](const Reproduction&, const ReproducedCell& e) { return e.cell.row; }},
      {"dataset", false,
       [](const Reproduction& r, const ReproducedCell& e) {
         return kUnlessShared(r, e, dataset_of);
       }},
      {"model", false,
       [](const Reproduction& r, const ReproducedCell& e) {
         return kUnlessShared(r, e, model_of);
       }},
      {"metric", false,
       [](const Reproduction& r, const ReproducedCell& e) {
         return kUnlessShared(r, e, metric_of);
       }},
      {"at", false, [](const Reproduction&, const ReproducedCell& e) { return place(e.cell); }},
      {"paper", true,
       [](const Reproduction&, const ReproducedCell& e) { return published(e.cell); }},
      {"ours", true, [](const Reproduction&, const ReproducedCell& e) { return ours(e); }},
      {"difference", true,
       [](const Reproduction&, const ReproducedCell& e) { return difference(e); }},
      {"note", false, [](const Reproduction&, const ReproducedCell& e) { return e.cell.note; }},
  }};
  return all;
}

std::string title(const Reproduction& r) {
  return fmt::format("{}/{}: {}", r.paper.key, r.table.key, r.table.title);
}

std::string origin(const Reproduction& r) {
  return fmt::format("{}, {}, arXiv:{}", r.paper.title, r.paper.venue, r.paper.arxiv);
}

std::string text_of(const Reproduction& r) {
  std::string out = fmt::format("{}\n{}\n\n", title(r), origin(r));
  const auto paragraph = [&](const std::string& text) {
    for (const std::string& line : wrap(text, kWidth)) out += line + "\n";
  };
  for (const std::string& line : head(r)) paragraph(line);
  std::vector<TextTable::Column> headers;
  for (const Column& column : columns()) {
    headers.push_back({column.header, column.right, column.header == "row"});
  }
  TextTable table(std::move(headers));
  std::vector<std::string> notes;  // below the table, each once
  for (const ReproducedCell& entry : r.cells) {
    std::vector<std::string> row;
    for (const Column& column : columns()) row.push_back(column.text(r, entry));
    if (std::string& note = row.back(); !note.empty()) {
      auto known = std::find(notes.begin(), notes.end(), note);
      if (known == notes.end()) known = notes.insert(notes.end(), note);
      note = fmt::format("[{}]", known - notes.begin() + 1);
    }
    table.add_row(std::move(row));
  }
  out += "\n" + table.render(kWidth) + "\n";
  for (std::size_t i = 0; i < notes.size(); ++i) paragraph(fmt::format("[{}] {}", i + 1, notes[i]));
  paragraph(summary(r));
  for (const std::string& line : reasons(r)) paragraph(line);
  if (const auto run = commands(r); !run.empty()) {
    out += fmt::format("\nWhat the rest costs, and to run it:\n  {}\n", fmt::join(run, "\n  "));
  }
  if (!r.deviations.empty()) {
    out += "\nHow the methods here depart from their papers:\n";
    for (const MethodDeviations& method : r.deviations) {
      for (const std::string& deviation : method.deviations) {
        paragraph(printable(fmt::format("{}: {}", method.method, deviation)));
      }
    }
  }
  return out;
}

std::string markdown_of(const Reproduction& r) {
  std::string out =
      fmt::format("## {}\n\n{}\n\n", escape_markdown(title(r)), escape_markdown(origin(r)));
  for (const std::string& line : head(r)) out += escape_markdown(line) + "\n";
  std::vector<const Column*> shown;
  for (const Column& column : columns()) {
    if (std::any_of(r.cells.begin(), r.cells.end(),
                    [&](const ReproducedCell& entry) { return !column.text(r, entry).empty(); })) {
      shown.push_back(&column);
    }
  }
  std::string rule;
  out += "\n";
  for (const Column* column : shown) {
    out += fmt::format("| {} ", column->header);
    rule += column->right ? "| ---: " : "| --- ";
  }
  out += fmt::format("|\n{}|\n", rule);
  for (const ReproducedCell& entry : r.cells) {
    for (const Column* column : shown) {
      out += fmt::format("| {} ", escape_markdown(column->text(r, entry)));
    }
    out += "|\n";
  }
  out += "\n" + summary(r);
  for (const std::string& line : reasons(r)) out += "\n" + line;
  out += "\n";
  for (const std::string& command : commands(r)) out += fmt::format("\n    {}\n", command);
  if (!r.deviations.empty()) {
    out += "\nHow the methods here depart from their papers:\n\n";
    for (const MethodDeviations& method : r.deviations) {
      for (const std::string& deviation : method.deviations) {
        out += fmt::format("- `{}`: {}\n", method.method, escape_markdown(deviation));
      }
    }
  }
  return out;
}

template <typename T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json();
}

std::string json_of(const Reproduction& r) {
  json cells = json::array();
  for (const auto& [cell, measured] : r.cells) {
    cells.push_back(
        {{"id", cell.id},
         {"row", cell.row},
         {"method", cell.method},
         {"variant", cell.variant},
         {"dataset", or_null(cell.dataset)},
         {"model", or_null(cell.model)},
         {"density", or_null(cell.density)},
         {"level", or_null(cell.level)},
         {"metric", cell.metric},
         {"unit", cell.unit},
         {"published",
          {{"value", or_null(cell.value)}, {"std", or_null(cell.std)}, {"n", or_null(cell.n)}}},
         {"not_comparable", cell.comparable() ? json() : json(cell.not_comparable)},
         {"ours",
          {{"value", or_null(measured.value)}, {"std", or_null(measured.std)}, {"n", measured.n}}},
         {"problem", measured.problem.empty() ? json() : json(measured.problem)},
         {"records", measured.records},
         {"dense_records", measured.dense},
         {"note", cell.note.empty() ? json() : json(cell.note)}});
  }
  json deviations = json::object();
  for (const MethodDeviations& method : r.deviations) deviations[method.method] = method.deviations;
  const json document = {{"schema", "ticketbench/reproduction"},
                         {"schema_version", 1},
                         {"paper",
                          {{"key", r.paper.key},
                           {"title", r.paper.title},
                           {"venue", r.paper.venue},
                           {"arxiv", r.paper.arxiv}}},
                         {"table",
                          {{"key", r.table.key},
                           {"title", r.table.title},
                           {"provenance", r.table.provenance},
                           {"note", r.table.note.empty() ? json() : json(r.table.note)},
                           {"uncertainty", or_null(r.table.uncertainty)}}},
                         {"suites", r.table.suites},
                         {"comparable", r.comparable},
                         {"run", r.run},
                         {"cells", cells},
                         {"deviations", deviations}};
  return document.dump(2) + "\n";
}

}  // namespace

Reproduction reproduce(const Paper& paper, const std::string& key,
                       std::span<const Record> records) {
  const auto table = std::find_if(paper.tables.begin(), paper.tables.end(),
                                  [&](const PublishedTable& t) { return t.key == key; });
  if (table == paper.tables.end()) {
    std::vector<std::string> keys;
    for (const PublishedTable& t : paper.tables) keys.push_back(t.key);
    throw std::invalid_argument(
        fmt::format("{} has no table '{}'; there is: {}", paper.key, key, fmt::join(keys, ", ")));
  }
  Reproduction r;
  r.paper = paper;
  r.paper.tables.clear();
  r.table = *table;
  r.table.cells.clear();
  std::map<std::string, std::vector<std::string>> deviations;
  for (const Cell& cell : table->cells) {
    ReproducedCell entry{.cell = cell, .measured = {}};
    if (cell.comparable()) {
      ++r.comparable;
      entry.measured = measure(paper.key, cell, records);
      r.run += entry.measured.n > 0 ? 1 : 0;
    }
    for (const Record& record : records) {
      const auto& used = entry.measured.records;
      if (std::find(used.begin(), used.end(), record.hash) != used.end() &&
          !record.card.deviations.empty()) {
        deviations[record.method] = record.card.deviations;
      }
    }
    r.cells.push_back(std::move(entry));
  }
  for (auto& [method, sentences] : deviations) {
    r.deviations.push_back({method, std::move(sentences)});
  }
  return r;
}

std::string render(const Reproduction& reproduction, Format format) {
  switch (format) {
    case Format::text:
      return text_of(reproduction);
    case Format::markdown:
      return markdown_of(reproduction);
    case Format::json:
      return json_of(reproduction);
    case Format::html:
    case Format::csv:
    case Format::latex:
      break;
  }
  throw std::invalid_argument("a reproduction is written as text, md or json");
}

}  // namespace ticketbench
