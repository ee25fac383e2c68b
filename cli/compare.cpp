// ticketbench compare: two sets of records in, a verdict for each cell out.

#include "reports/compare.hpp"

#include "cli/cli.hpp"
#include "reports/compare_render.hpp"
#include "reports/probe.hpp"
#include "reports/record.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

namespace ticketbench {
namespace {

struct Side {
  LoadedRecords records;
  LoadedProbes probes;
};

Side load_side(const std::string& path) {
  // A file is one or the other: a record's name may be any, a probe's is always the same.
  const bool folder = std::filesystem::is_directory(path);
  const bool probe =
      !folder && std::filesystem::path(path).filename().string().starts_with("probe-");
  Side side;
  if (!probe) side.records = load_records({path});
  if (probe || folder) side.probes = load_probes({path});
  if (side.records.records.empty() && side.records.errors.empty() && side.probes.files.empty() &&
      side.probes.errors.empty()) {
    throw std::invalid_argument(fmt::format(
        "{}: no record.json and no probe-*.json there; 'ticketbench run' and 'ticketbench probe' "
        "write them",
        path));
  }
  return side;
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
  command
      ->add_option("base", arguments->base, "a results folder, record or probe file, the older one")
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
  command
      ->add_option("--time-margin", arguments->gate.time_margin,
                   "fraction of a speed-up; a smaller change doesn't matter")
      ->capture_default_str();
  command->add_flag("--confirm", arguments->confirm,
                    "print only the commands that run more seeds of suspect cells");
  command->add_option("--output", arguments->output, "a file; else standard output")
      ->type_name("FILE");
  command->callback([arguments, &exit] {
    const Side base = load_side(arguments->base);
    const Side now = load_side(arguments->now);
    const Comparison comparison = compare(
        {.path = arguments->base, .records = base.records.records, .probes = base.probes.files},
        {.path = arguments->now, .records = now.records.records, .probes = now.probes.files},
        arguments->gate);
    emit(arguments->confirm ? rerun_commands(comparison)
                            : render(comparison, parse_compare_format(arguments->format)),
         arguments->output);
    if (comparison.regressed()) exit.code = kFailed;
    for (const auto* errors :
         {&base.records.errors, &base.probes.errors, &now.records.errors, &now.probes.errors}) {
      for (const std::string& error : *errors) fmt::print(stderr, "ticketbench: {}\n", error);
      if (!errors->empty()) exit.code = kFailed;
    }
  });
}

}  // namespace ticketbench
