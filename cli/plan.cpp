// ticketbench plan: what would run and what it costs. Nothing is run, nothing is written.

#include "suites/plan.hpp"

#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "suites/emit.hpp"
#include "suites/harness/operating_point.hpp"
#include "suites/machine.hpp"
#include "suites/runner.hpp"

#include <fmt/format.h>

#include <memory>

namespace ticketbench {
namespace {

int64_t kept_tickets(const PlannedRun& run, const std::string& keep) {
  if (keep == "all") return static_cast<int64_t>(run.cost.tickets.size());
  return keep == "last" && !run.cost.tickets.empty() ? 1 : 0;
}

void print_plan(const Plan& plan, const std::string& keep, double rate) {
  fmt::print("{:<10} {:<44} {:>9} {:>9} {:>10} {:>9}\n", "hash", "run", "steps", "TMACs", "time",
             "disk");
  double macs = 0;
  double disk = 0;
  int64_t steps = 0;
  int64_t journal = 0;
  for (const PlannedRun& run : plan.runs) {
    const double work = run.cost.macs;
    const double tickets = static_cast<double>(run.cost.ticket_bytes * kept_tickets(run, keep));
    std::string label = label_of(run);
    if (label.size() > 44) label = label.substr(0, 41) + "...";
    fmt::print("{:<10} {:<44} {:>9} {:>9.2f} {:>10} {:>9}\n", run.hash.substr(0, 8), label,
               run.cost.iterations, work / 1e12, duration_text(work / rate), bytes_text(tickets));
    macs += work;
    disk += tickets;
    steps += run.cost.iterations;
    journal = std::max(journal,
                       run.cost.journal_bytes +
                           run.cost.ticket_bytes * static_cast<int64_t>(run.cost.tickets.size()));
  }
  fmt::print("{:<10} {:<44} {:>9} {:>9.2f} {:>10} {:>9}\n", "",
             fmt::format("{} runs", plan.runs.size()), steps, macs / 1e12,
             duration_text(macs / rate), bytes_text(disk));
  fmt::print(
      "\ntime: a guess, at {:.0f} GMACs a second ({} cores x {:.0f}) of dense work; a run tells "
      "what "
      "it measures. disk: tickets that stay with --keep {}, and up to {} while a run lasts\n",
      rate / 1e9, usable_cores(), kMacsPerCoreSecond / 1e9, keep,
      bytes_text(static_cast<double>(journal)));
}

void print_json(const Plan& plan, double rate) {
  nlohmann::json rows = nlohmann::json::array();
  for (const PlannedRun& run : plan.runs) {
    rows.push_back({{"hash", run.hash},
                    {"name", run.name},
                    {"spec", run.spec.document()},
                    {"cost",
                     {{"iterations", run.cost.iterations},
                      {"train_examples", run.cost.train_examples},
                      {"test_examples", run.cost.test_examples},
                      {"macs", macs_json(run.cost.macs)},
                      {"seconds", run.cost.macs / rate},
                      {"levels", run.cost.levels()},
                      {"ticket_bytes", run.cost.ticket_bytes}}}});
  }
  fmt::print("{}\n", rows.dump(1));
}

}  // namespace

void add_plan(CLI::App& app, Exit&) {
  struct Arguments {
    SuiteArguments suites;
    std::string keep = "last";
    std::string format = "text";
    std::string scheduler;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("plan", "what would run, and what it costs");
  arguments->suites.add_to(*command);
  command->add_option("--keep", arguments->keep, "tickets that stay: last, all or none")
      ->capture_default_str()
      ->check(CLI::IsMember(names_of<Keep>()));
  CLI::Option* format = command->add_option("--format", arguments->format, "text or json")
                            ->capture_default_str()
                            ->check(CLI::IsMember({"text", "json"}));
  command
      ->add_option("--emit", arguments->scheduler,
                   "commands that run it instead: a file for make, GNU parallel or slurm")
      ->check(CLI::IsMember(names_of<Scheduler>()))
      ->excludes(format);
  command->callback([arguments] {
    const Plan plan = plan_of(arguments->suites);
    if (!arguments->scheduler.empty()) {
      const std::string options = arguments->keep == "last" ? "" : "--keep " + arguments->keep;
      emit(emit_plan(plan, value_of<Scheduler>(arguments->scheduler), options), "");
      return;
    }
    const double rate = kMacsPerCoreSecond * static_cast<double>(usable_cores());
    if (arguments->format == "json") {
      print_json(plan, rate);
    } else {
      print_plan(plan, arguments->keep, rate);
    }
  });
}

}  // namespace ticketbench
