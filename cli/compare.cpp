// ticketbench compare: two sets of records in, a verdict for each cell out.

#include "reports/compare.hpp"

#include "cli/cli.hpp"
#include "reports/compare_render.hpp"
#include "reports/record.hpp"

#include <fmt/format.h>

#include <memory>

namespace ticketbench {
namespace {

LoadedRecords load_side(const std::string& path) {
  LoadedRecords loaded = load_records({path});
  if (loaded.records.empty() && loaded.errors.empty()) {
    throw std::invalid_argument(
        fmt::format("{}: no record.json there; 'ticketbench run' writes them", path));
  }
  return loaded;
}

}  // namespace

void add_compare(CLI::App& app, Exit& exit) {
  struct Arguments {
    std::string base;
    std::string now;
    std::string format = "text";
    Gate gate;
    bool confirm = false;
    std::string output;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "compare", "two sets of results, cell by cell; exit code 1 where one is worse");
  command->add_option("base", arguments->base, "a results folder or record file, the older one")
      ->required()
      ->type_name("BASE");
  command->add_option("new", arguments->now, "what is compared with it")
      ->required()
      ->type_name("NEW");
  command->add_option("--format", arguments->format, "text, md, json, junit or github")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "md", "json", "junit", "github"}));
  command
      ->add_option("--margin", arguments->gate.margin,
                   "percentage points; a smaller change doesn't matter")
      ->capture_default_str();
  command
      ->add_option("--alpha", arguments->gate.alpha,
                   "chance that any cell is called worse or better where nothing has changed")
      ->capture_default_str();
  command->add_flag("--confirm", arguments->confirm,
                    "print only the commands that run more seeds of suspect cells");
  command->add_option("--output", arguments->output, "a file; else standard output")
      ->type_name("FILE");
  command->callback([arguments, &exit] {
    const LoadedRecords base = load_side(arguments->base);
    const LoadedRecords now = load_side(arguments->now);
    const Comparison comparison =
        compare({.path = arguments->base, .records = base.records},
                {.path = arguments->now, .records = now.records}, arguments->gate);
    emit(arguments->confirm ? rerun_commands(comparison)
                            : render(comparison, parse_compare_format(arguments->format)),
         arguments->output);
    if (comparison.regressed()) exit.code = kFailed;
    for (const LoadedRecords* side : {&base, &now}) {
      for (const std::string& error : side->errors) fmt::print(stderr, "ticketbench: {}\n", error);
      if (!side->errors.empty()) exit.code = kFailed;
    }
  });
}

}  // namespace ticketbench
