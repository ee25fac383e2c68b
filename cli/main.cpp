// ticketbench: the command line.

#include "cli/cli.hpp"
#include "core/registry.hpp"
#include "suites/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <revision.hpp>
#include <stdexcept>

namespace {

using namespace ticketbench;

// What to do about arguments that CLI11 refused: the option that was meant, or where help is.
std::string hint(const CLI::App& app, int argc, char** argv) {
  const CLI::App* command = &app;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto below =
        command->get_subcommands([&](const CLI::App* c) { return c->get_name() == word; });
    if (!below.empty()) command = below.front();
    if (!word.starts_with("--")) continue;
    std::vector<std::string> known;
    for (const CLI::App* at = command; at != nullptr; at = at->get_parent()) {
      for (const CLI::Option* option : at->get_options()) {
        for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
      }
    }
    const std::string name = word.substr(0, word.find('='));
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    if (const std::string near = nearest(name, known); !near.empty())
      return fmt::format("; did you mean '{}'?", near);
  }
  return command == &app
             ? "; 'ticketbench --help' lists the commands"
             : fmt::format("; 'ticketbench {} --help' tells what it takes", command->get_name());
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();

  CLI::App app{"Benchmark and reproducibility suite for neural-network pruning and lottery tickets",
               "ticketbench"};
  app.set_version_flag("--version", fmt::format("ticketbench {} ({}{})", kVersion, kRevision,
                                                kDirty ? ", changed" : ""));
  app.require_subcommand(1);
  app.fallthrough();
  Exit exit;
  add_list(app, exit);
  add_describe(app, exit);
  add_plan(app, exit);
  add_run(app, exit);
  add_status(app, exit);
  add_collect(app, exit);
  add_clean(app, exit);
  add_probe(app, exit);
  add_report(app, exit);
  add_leaderboard(app, exit);
  add_reproduce(app, exit);
  add_compare(app, exit);
  add_history(app, exit);
  add_data(app, exit);
  add_ticket(app, exit);

  const auto say = [](const std::string& what) { fmt::print(stderr, "ticketbench: {}\n", what); };
  app.add_option_function<std::vector<std::string>>("--plugin", open_plugins,
                                                    "shared libraries with methods of your own")
      ->type_name("FILE")
      ->allow_extra_args(false);
  try {
    // CLI11 would only say that a subcommand is missing.
    std::vector<std::string> commands;
    for (const CLI::App* command : app.get_subcommands({})) commands.push_back(command->get_name());
    if (argc > 1 && argv[1][0] != '-' &&
        std::find(commands.begin(), commands.end(), argv[1]) == commands.end()) {
      throw std::invalid_argument(unknown_name("command", argv[1], commands));
    }
    app.parse(argc, argv);
    return exit.code;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    say(error.what() + hint(app, argc, argv));
    return kBadInput;
  } catch (const std::invalid_argument& error) {
    say(error.what());
    return kBadInput;
  } catch (const std::exception& error) {
    const std::string text = error.what();
    say(text.substr(0, text.find('\n')));  // LibTorch appends a stack trace
    return kFailed;
  }
}
