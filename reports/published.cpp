#include "reports/published.hpp"

#include "reports/json_schema.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace ticketbench {

// Generated from schema/published.schema.json by this folder's CMakeLists.txt.
extern const char* const kPublishedSchemaText;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

template <typename T>
std::optional<T> optional(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) {
    return std::nullopt;
  }
  return found->get<T>();
}

Origin parse_origin(const json& origin) {
  return {.model = optional<std::string>(origin, "model"),
          .dataset = origin["dataset"],
          .method = origin["method"]};
}

Cell parse_cell(const json& fields, const std::string& where, const std::string& source) {
  for (const char* key : {"method", "metric", "unit"}) {
    if (!fields.contains(key)) {
      throw std::invalid_argument(
          located(source, where, fmt::format("no \"{}\", here or in the table's \"common\"", key)));
    }
  }
  const auto origin = fields.find("source");
  Cell cell{.id = fields["id"],
            .row = fields["row"],
            .method = fields["method"],
            .variant = fields.value("variant", json::object()),
            .source = std::nullopt,
            .dataset = optional<std::string>(fields, "dataset"),
            .model = optional<std::string>(fields, "model"),
            .density = optional<double>(fields, "density"),
            .density_of = fields.value("density_of", ""),
            .level = optional<int64_t>(fields, "level"),
            .metric = fields["metric"],
            .unit = fields["unit"],
            .value = optional<double>(fields, "value"),
            .std = optional<double>(fields, "std"),
            .n = optional<int64_t>(fields, "n"),
            .not_comparable = fields.value("not_comparable", ""),
            .note = fields.value("note", "")};
  if (origin != fields.end()) {
    cell.source = parse_origin(*origin);
  }
  if (!cell.value && cell.metric != "sparsest_winning_density") {
    throw std::invalid_argument(
        located(source, where, "no \"value\"; only a winning ticket can be missing"));
  }
  if (cell.comparable() && cell.variant.contains("best_of") &&
      cell.metric != "sparsest_winning_density") {
    throw std::invalid_argument(
        located(source, where, "the best of several methods is known of winning tickets alone"));
  }
  if (cell.comparable() && !(cell.dataset && cell.model)) {
    throw std::invalid_argument(
        located(source, where,
                "a cell without dataset or model can't be compared; \"not_comparable\" says why"));
  }
  return cell;
}

PublishedTable parse_table(const json& document, const std::string& where,
                           const std::string& source) {
  PublishedTable table{.key = document["key"],
                       .title = document["title"],
                       .provenance = document["provenance"],
                       .note = document.value("note", ""),
                       .uncertainty = optional<double>(document, "uncertainty"),
                       .suites = document.value("suites", std::vector<std::string>{}),
                       .cells = {}};
  std::set<std::string> ids;
  bool comparable = false;
  for (std::size_t i = 0; i < document["cells"].size(); ++i) {
    json fields = document.value("common", json::object());
    fields.update(document["cells"][i]);
    const std::string at = fmt::format("{}/cells/{}", where, i);
    table.cells.push_back(parse_cell(fields, at, source));
    comparable = comparable || table.cells.back().comparable();
    if (!ids.insert(table.cells.back().id).second) {
      throw std::invalid_argument(
          located(source, at + "/id", fmt::format("\"{}\" a second time", table.cells.back().id)));
    }
  }
  if (comparable == table.suites.empty()) {
    throw std::invalid_argument(
        located(source, where,
                comparable ? "cells can be compared and no \"suites\" say whose runs answer them"
                           : "\"suites\" found, and no cell that can be compared"));
  }
  return table;
}

}  // namespace

const json& published_schema() {
  static const json schema = json::parse(kPublishedSchemaText);
  return schema;
}

Paper parse_paper(const json& document, const std::string& source) {
  validate(document, published_schema(), source);
  const json& head = document["paper"];
  Paper paper{.key = head["key"],
              .title = head["title"],
              .venue = head["venue"],
              .arxiv = head["arxiv"],
              .tables = {}};
  std::set<std::string> keys;
  for (std::size_t i = 0; i < document["tables"].size(); ++i) {
    const std::string at = fmt::format("/tables/{}", i);
    paper.tables.push_back(parse_table(document["tables"][i], at, source));
    if (!keys.insert(paper.tables.back().key).second) {
      throw std::invalid_argument(located(
          source, at + "/key", fmt::format("\"{}\" a second time", paper.tables.back().key)));
    }
  }
  return paper;
}

std::vector<Paper> load_papers(const std::string& folder) {
  std::vector<std::string> paths;
  if (fs::is_directory(folder)) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ".json") {
        paths.push_back(entry.path().string());
      }
    }
  }
  if (paths.empty()) {
    throw std::invalid_argument(fmt::format("{}: no published values there (*.json)", folder));
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Paper> papers;
  papers.reserve(paths.size());
  for (const std::string& path : paths) {
    papers.push_back(parse_paper(parse_json_file(path), path));
  }
  return papers;
}

const PublishedTable& find_table(const Paper& paper, const std::string& key) {
  std::vector<std::string> keys;
  for (const PublishedTable& table : paper.tables) {
    if (table.key == key) {
      return table;
    }
    keys.push_back(table.key);
  }
  throw std::invalid_argument(
      fmt::format("{} has no table '{}'; there is: {}", paper.key, key, fmt::join(keys, ", ")));
}

std::string why_not_comparable(const std::string& word) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> reasons = {{
      {"hardware", "timed on the authors' hardware"},
      {"no_density", "at which density isn't stated"},
      {"quoted", "quoted by the authors from another paper"},
      {"other_paper", "from another paper"},
      {"contradiction", "the paper contradicts itself here"},
      {"unclear", "what was done isn't stated"},
      {"counting", "what is counted isn't stated"},
      {"user_report", "a user's result, not the paper's"},
  }};
  for (const auto& [name, sentence] : reasons) {
    if (name == word) {
      return std::string(sentence);
    }
  }
  throw std::invalid_argument(fmt::format("no reason \"{}\"", word));
}

}  // namespace ticketbench
