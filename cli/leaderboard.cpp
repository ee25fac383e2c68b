// ticketbench leaderboard: records in, a board out.

#include "reports/leaderboard.hpp"

#include "cli/cli.hpp"
#include "reports/leaderboard_render.hpp"
#include "reports/record.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <memory>

namespace ticketbench {
namespace {

// A page links its records by the way from its own folder; without a file, from this one.
void make_links_relative(std::vector<Record>& records, const std::string& output) {
  namespace fs = std::filesystem;
  const fs::path page = output.empty() ? fs::current_path() / "page" : fs::absolute(output);
  const fs::path folder = fs::weakly_canonical(page.parent_path());
  for (Record& record : records) {
    record.file = fs::path(record.file).lexically_relative(folder).generic_string();
  }
}

}  // namespace

void add_leaderboard(CLI::App& app, Exit& exit) {
  struct Arguments {
    std::vector<std::string> results{"results"};
    std::string format = "text";
    std::string output;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("leaderboard", "methods ranked, from the records of finished runs");
  command->add_option("results", arguments->results, "folders or record files")
      ->capture_default_str();
  command->add_option("--format", arguments->format, "text, md, html, json, csv or latex")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "md", "html", "json", "csv", "latex"}));
  command->add_option("--output", arguments->output, "a file; else standard output")
      ->type_name("FILE");
  command->callback([arguments, &exit] {
    LoadedRecords loaded = load_records(arguments->results);
    if (loaded.records.empty() && loaded.errors.empty()) {
      throw std::invalid_argument(
          fmt::format("{}: no record.json there; 'ticketbench run' writes them",
                      fmt::join(arguments->results, ", ")));
    }
    make_links_relative(loaded.records, arguments->output);
    Leaderboard leaderboard = make_leaderboard(loaded.records);
    const LoadedProbes probes = load_probes(arguments->results);
    add_measured_times(leaderboard, probes.files);
    emit(render(leaderboard, parse_format(arguments->format)), arguments->output);
    loaded.errors.insert(loaded.errors.end(), probes.errors.begin(), probes.errors.end());
    for (const std::string& error : loaded.errors) fmt::print(stderr, "ticketbench: {}\n", error);
    if (!loaded.errors.empty()) exit.code = kFailed;
  });
}

}  // namespace ticketbench
