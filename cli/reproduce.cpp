// ticketbench reproduce: published tables beside what has been run.

#include "reports/reproduce.hpp"

#include "cli/cli.hpp"
#include "core/method.hpp"
#include "reports/published.hpp"
#include "reports/record.hpp"
#include "reports/reproduce_render.hpp"
#include "suites/machine.hpp"
#include "suites/plan.hpp"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <set>
#include <utility>

namespace ticketbench {
namespace {

const Paper& find_paper(const std::vector<Paper>& papers, const std::string& key) {
  std::vector<std::string> keys;
  for (const Paper& paper : papers) {
    if (paper.key == key) return paper;
    keys.push_back(paper.key);
  }
  throw std::invalid_argument(unknown_name("paper", key, keys));
}

// PAPER and TABLE of "PAPER/TABLE".
std::pair<std::string, std::string> parse_table(const std::string& name) {
  const size_t slash = name.find('/');
  if (slash == std::string::npos)
    throw std::invalid_argument(
        name.empty()
            ? "PAPER/TABLE expected, or --all; see 'ticketbench list tables'"
            : fmt::format("'{}': PAPER/TABLE expected; see 'ticketbench list tables'", name));
  return {name.substr(0, slash), name.substr(slash + 1)};
}

std::vector<PlannedWork> plan_work(const std::string& suite, const PlanOptions& options) {
  std::vector<PlannedWork> work;
  for (const PlannedRun& run : make_plan({suite}, options).runs) {
    work.push_back({.hash = run.hash,
                    .recipe = run.spec.recipe.name,
                    .iterations = run.cost.iterations,
                    .macs = run.cost.macs});
  }
  return work;
}

// As a spec holds it, whose hash has no words for people.
nlohmann::json content_of(const Recipe& recipe) {
  nlohmann::json content = to_json(recipe);
  content.erase("title");
  return content;
}

Surroundings surroundings_of(const std::set<std::string>& suites, const PlanOptions& options) {
  Surroundings around;
  const auto cores = usable_cores();
  around.macs_per_second = kMacsPerCoreSecond * static_cast<double>(cores);
  around.rate = fmt::format("{} cores x {:.0f} G", cores, kMacsPerCoreSecond / 1e9);
  for (const std::string& name : recipe_names("", options.share)) {
    const Recipe recipe = find_recipe(name, "", options.share);
    around.recipes[name] = {.title = recipe.title, .content = content_of(recipe)};
  }
  for (const std::string& name : Registry<MethodFactory>::instance().names()) {
    const std::unique_ptr<Method> method = make_method(name);
    for (const std::string_view sentence : method->card().deviations) {
      if (!sentence.empty()) around.deviations[name].emplace_back(sentence);
    }
  }
  at::set_num_threads(1);  // the networks of a plan are too small for more
  for (const std::string& suite : suites) around.plans[suite] = plan_work(suite, options);
  return around;
}

std::set<std::string> suites_of(const std::vector<Paper>& papers) {
  std::set<std::string> suites;
  for (const Paper& paper : papers) {
    for (const PublishedTable& table : paper.tables)
      suites.insert(table.suites.begin(), table.suites.end());
  }
  return suites;
}

}  // namespace

void add_reproduce(CLI::App& app, Exit& exit) {
  struct Arguments {
    std::string table;
    std::vector<std::string> results{"results"};
    bool all = false;
    std::string format = "text";
    std::string output;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("reproduce", "a published table beside what has been run here");
  command->add_option("table", arguments->table,
                      "PAPER/TABLE, as 'ticketbench list tables' names it; structure_lth/table_a3");
  const CLI::Option* results =
      command->add_option("results", arguments->results, "folders or record files")
          ->capture_default_str();
  command->add_flag("--all", arguments->all,
                    "all tables of all papers instead of one: how far each is");
  command
      ->add_option("--format", arguments->format,
                   "text, md, html, json, csv or, of one table, latex")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "md", "html", "json", "csv", "latex"}));
  command->add_option("--output", arguments->output, "a file; else standard output")
      ->type_name("FILE");
  command->callback([arguments, results, &app, &exit] {
    const std::vector<Paper> papers = load_papers(published_folder().string());
    const Format format = parse_format(arguments->format);
    std::vector<std::string> folders = arguments->results;
    bool asked = results->count() > 0;
    if (arguments->all && !arguments->table.empty()) {  // there it is the first of the results
      if (arguments->table.find('/') != std::string::npos &&
          !std::filesystem::exists(arguments->table)) {
        throw std::invalid_argument(fmt::format(
            "'{}' and --all: no such folder of results; if it is a table, one of the two "
            "is enough",
            arguments->table));
      }
      if (!asked) folders.clear();
      folders.insert(folders.begin(), arguments->table);
      asked = true;
    }
    LoadedRecords loaded;
    // Without any results yet the tables alone are worth showing.
    const auto load = [&] {
      if (asked || std::filesystem::exists("results")) loaded = load_records(folders);
    };
    const PlanOptions options{.seeds = {},
                              .set = {},
                              .plugins = app.get_option("--plugin")->results(),
                              .share = share_folder()};
    std::string text;
    if (arguments->all) {
      load();
      text =
          render(reproduce_all(papers, loaded.records, surroundings_of(suites_of(papers), options)),
                 format);
    } else {
      const auto [key, table] = parse_table(arguments->table);
      const Paper& paper = find_paper(papers, key);
      const std::vector<std::string>& suites = find_table(paper, table).suites;
      load();
      const Surroundings around = surroundings_of({suites.begin(), suites.end()}, options);
      text = render(reproduce(paper, table, loaded.records, around), format);
    }
    emit(text, arguments->output);
    for (const std::string& error : loaded.errors) fmt::print(stderr, "ticketbench: {}\n", error);
    if (!loaded.errors.empty()) exit.code = kFailed;
  });
}

}  // namespace ticketbench
