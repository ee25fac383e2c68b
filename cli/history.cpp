// ticketbench history: a folder of nights in, each cell over time out.

#include "reports/history.hpp"

#include "cli/cli.hpp"

#include <fmt/format.h>

#include <memory>

namespace ticketbench {

void add_history(CLI::App& app, Exit& exit) {
  struct Arguments {
    std::string folder;
    std::string format = "text";
    std::string output;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("history", "each cell over a folder of nights, with its shifts");
  command
      ->add_option("folder", arguments->folder,
                   "a folder with one results folder for each night, named by its date, and maybe "
                   "marks.json")
      ->required()
      ->type_name("DIR");
  command->add_option("--format", arguments->format, "text, md or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "md", "json"}));
  command->add_option("--output", arguments->output, "a file; else standard output")
      ->type_name("FILE");
  command->callback([arguments, &exit] {
    LoadedNights loaded = load_nights(arguments->folder);
    if (loaded.nights.empty()) {
      throw std::invalid_argument(
          fmt::format("{}: no folder with records in it", arguments->folder));
    }
    emit(render(make_history(std::move(loaded.nights), std::move(loaded.marks)),
                parse_format(arguments->format)),
         arguments->output);
    for (const std::string& error : loaded.errors) fmt::print(stderr, "ticketbench: {}\n", error);
    if (!loaded.errors.empty()) exit.code = kFailed;
  });
}

}  // namespace ticketbench
