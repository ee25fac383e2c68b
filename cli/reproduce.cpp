// ticketbench reproduce: a published table beside what has been run.

#include "reports/reproduce.hpp"

#include "cli/cli.hpp"
#include "core/registry.hpp"
#include "reports/published.hpp"
#include "reports/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

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

}  // namespace

void add_reproduce(CLI::App& app, Exit& exit) {
  struct Arguments {
    std::string table;
    std::vector<std::string> results{"results"};
    std::string format = "text";
    std::string output;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("reproduce", "a published table beside what has been run here");
  command
      ->add_option("table", arguments->table,
                   "PAPER/TABLE, as 'ticketbench list tables' names it; structure_lth/table_a3")
      ->required();
  command->add_option("results", arguments->results, "folders or record files")
      ->capture_default_str();
  command->add_option("--format", arguments->format, "text, md or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "md", "json"}));
  command->add_option("--output", arguments->output, "a file; else standard output")
      ->type_name("FILE");
  command->callback([arguments, &exit] {
    const size_t slash = arguments->table.find('/');
    if (slash == std::string::npos)
      throw std::invalid_argument(fmt::format(
          "'{}': PAPER/TABLE expected; see 'ticketbench list tables'", arguments->table));
    const std::vector<Paper> papers = load_papers(published_folder().string());
    const Paper& paper = find_paper(papers, arguments->table.substr(0, slash));
    LoadedRecords loaded;
    // Without any results yet the table alone is worth showing.
    const bool asked = arguments->results != std::vector<std::string>{"results"};
    if (asked || std::filesystem::exists("results")) loaded = load_records(arguments->results);
    emit(render(reproduce(paper, arguments->table.substr(slash + 1), loaded.records),
                parse_format(arguments->format)),
         arguments->output);
    for (const std::string& error : loaded.errors) fmt::print(stderr, "ticketbench: {}\n", error);
    if (!loaded.errors.empty()) exit.code = kFailed;
  });
}

}  // namespace ticketbench
