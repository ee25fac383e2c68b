// ticketbench report: one run.

#include "cli/cli.hpp"
#include "reports/record.hpp"
#include "reports/run_report.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

namespace ticketbench {
namespace {

// A record file, a run's folder, or the beginning of a hash below `results`.
std::string find_record(const std::string& what, const std::string& results) {
  namespace fs = std::filesystem;
  if (fs::is_regular_file(what)) return what;
  if (fs::is_regular_file(fs::path(what) / "record.json"))
    return (fs::path(what) / "record.json").string();
  std::vector<std::string> found;
  if (fs::is_directory(results)) {
    for (const auto& entry : fs::recursive_directory_iterator(results)) {
      if (entry.path().filename() == "record.json" &&
          entry.path().parent_path().filename().string().starts_with(what)) {
        found.push_back(entry.path().string());
      }
    }
  }
  if (found.size() == 1) return found[0];
  throw std::invalid_argument(
      fmt::format("{}: {} records below {} have such a hash; expected one, or a file (--results "
                  "names another folder)",
                  what, found.size(), results));
}

}  // namespace

void add_report(CLI::App& app, Exit&) {
  struct Arguments {
    std::string what;
    std::string results = "results";
    std::string format = "text";
    std::string output;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "report", "one run: what it was, its points, curves, provenance, how to get it again");
  command
      ->add_option("run", arguments->what,
                   "the beginning of a hash, a run's folder or a record file")
      ->required();
  command->add_option("--results", arguments->results, "where hashes are looked up")
      ->capture_default_str();
  command->add_option("--format", arguments->format, "text, md or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "md", "json"}));
  command->add_option("--output", arguments->output, "a file; else standard output")
      ->type_name("FILE");
  command->callback([arguments] {
    const Record record = load_record(find_record(arguments->what, arguments->results));
    emit(run_report(record, parse_format(arguments->format)), arguments->output);
  });
}

}  // namespace ticketbench
