// ticketbench list: what is registered, and what comes along as files.

#include "cli/cli.hpp"
#include "core/files.hpp"
#include "core/method.hpp"
#include "core/model.hpp"
#include "hardware/harness/probe.hpp"
#include "reports/published.hpp"
#include "suites/harness/dataset.hpp"
#include "suites/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace ticketbench {
namespace {

namespace fs = std::filesystem;

using Table = std::vector<std::vector<std::string>>;  // the first row is the head

Table methods() {
  Table table{{"name", "title", "paper", "place", "starts from"}};
  for (const std::string& name : Registry<MethodFactory>::instance().names()) {
    const Card& card = make_method(name)->card();
    table.push_back({name, std::string(card.title), std::string(card.paper),
                     std::string(card.place), to_string(card.needs)});
  }
  return table;
}

Table models() {
  Table table{{"name", "parameters", "MMACs at 32x32", "family"}};
  for (const std::string& name : Registry<ModelFamily>::instance().names()) {
    const Architecture a = make_architecture(name, {});
    table.push_back({name, std::to_string(parameter_count(a)),
                     fmt::format("{:.1f}", static_cast<double>(mac_count(a)) / 1e6),
                     Registry<ModelFamily>::instance().find("model", name).title});
  }
  return table;
}

Table datasets() {
  Table table{{"name", "classes", "train", "test", "what"}};
  for (const std::string& name : Registry<DatasetCard>::instance().names()) {
    const DatasetCard& card = find_dataset(name);
    table.push_back({name, std::to_string(card.classes), std::to_string(card.train_examples),
                     std::to_string(card.test_examples), card.title});
  }
  return table;
}

Table probes() {
  Table table{{"name", "computes", "type", "layout", "title"}};
  const Registry<Probe>& registry = Registry<Probe>::instance();
  for (const std::string& name : registry.names()) {
    const ProbeCard& card = registry.find("probe", name).card;
    table.push_back({name, std::string(role_name(card.role)), std::string(card.dtype),
                     std::string(card.layout), std::string(card.title)});
  }
  return table;
}

Table tables() {
  Table table{{"name", "cells", "comparable", "title"}};
  for (const Paper& paper : load_papers(published_folder().string())) {
    for (const PublishedTable& one : paper.tables) {
      const auto comparable = std::count_if(one.cells.begin(), one.cells.end(),
                                            [](const Cell& cell) { return cell.comparable(); });
      table.push_back({paper.key + "/" + one.key, std::to_string(one.cells.size()),
                       std::to_string(comparable), one.title});
    }
  }
  return table;
}

// Name and title of JSON files below `folder`.
Table files(const fs::path& folder, const std::vector<std::string>& names) {
  Table table{{"name", "title"}};
  for (const std::string& name : names) {
    const auto json = nlohmann::json::parse(read_file(folder / (name + ".json")), nullptr,
                                            /*allow_exceptions=*/false);
    table.push_back({name, json.is_object() ? json.value("title", "") : "(broken JSON)"});
  }
  return table;
}

std::string render(const Table& table, bool markdown) {
  std::vector<size_t> width(table[0].size(), 0);
  for (const auto& row : table) {
    for (size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], row[c].size());
  }
  std::string text;
  for (size_t r = 0; r < table.size(); ++r) {
    std::string line;
    for (size_t c = 0; c < table[r].size(); ++c) {
      line += markdown ? fmt::format("| {} ", table[r][c])
                       : fmt::format("{:<{}}  ", table[r][c], width[c]);
    }
    line = markdown ? line + "|" : line.substr(0, line.find_last_not_of(' ') + 1);
    text += line + "\n";
    if (r == 0 && markdown) {
      for (size_t c = 0; c < table[0].size(); ++c) text += "| --- ";
      text += "|\n";
    }
  }
  return text;
}

void list(const std::string& what, bool markdown, Exit&) {
  const fs::path suites = share_folder() / "suites";
  const auto one = [&](const std::string& kind) {
    if (kind == "methods") return methods();
    if (kind == "models") return models();
    if (kind == "datasets") return datasets();
    if (kind == "probes") return probes();
    if (kind == "tables") return tables();
    if (kind == "recipes") return files(suites / "recipes", recipe_names("", share_folder()));
    return files(suites, suite_names(share_folder()));
  };
  if (!what.empty()) {
    fmt::print("{}", render(one(what), markdown));
    return;
  }
  for (const char* kind :
       {"methods", "models", "datasets", "recipes", "suites", "probes", "tables"}) {
    fmt::print("{}{}\n{}\n", markdown ? "## " : "", kind, render(one(kind), markdown));
  }
}

}  // namespace

void add_list(CLI::App& app, Exit& exit) {
  CLI::App* command = app.add_subcommand(
      "list", "methods, models, datasets, recipes, suites, probes, published tables");
  auto what = std::make_shared<std::string>();
  auto markdown = std::make_shared<bool>(false);
  command->add_option("what", *what, "only these")
      ->check(CLI::IsMember(
          {"methods", "models", "datasets", "recipes", "suites", "probes", "tables"}));
  command->add_flag("--markdown", *markdown, "as a Markdown table");
  command->callback([what, markdown, &exit] { list(*what, *markdown, exit); });
}

}  // namespace ticketbench
