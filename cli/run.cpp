// ticketbench run: carries a plan out.

#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "core/fields.hpp"
#include "suites/machine.hpp"
#include "suites/runner.hpp"

#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <revision.hpp>

namespace ticketbench {
namespace {

// "90", "90s", "30m", "2h" in seconds.
double parse_time(std::string_view option, const std::string& text) {
  size_t used = 0;
  double value = 0;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  const std::string unit = text.substr(used);
  const double factor = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  if (used == 0 || factor == 0 || !(value > 0)) {
    throw std::invalid_argument(
        fmt::format("{} {}: expected a time such as 90s, 30m or 2h", option, text));
  }
  return value * factor;
}

int exit_code(const std::vector<Outcome>& outcomes) {
  const auto any = [&](Outcome o) {
    return std::find(outcomes.begin(), outcomes.end(), o) != outcomes.end();
  };
  if (any(Outcome::interrupted)) return kAgain;
  if (any(Outcome::failed) || any(Outcome::timeout)) return kFailed;
  return any(Outcome::busy) ? kAgain : kOk;
}

bool any_result(const std::vector<Outcome>& outcomes) {
  return std::any_of(outcomes.begin(), outcomes.end(),
                     [](Outcome o) { return o != Outcome::skipped; });
}

struct Arguments {
  SuiteArguments suites;
  RunOptions options;
  std::string results = "results";
  std::string data;
  std::string keep = "last";
  std::string timeout;
  std::string save_every = "60s";
};

void run(Arguments& arguments, Exit& exit) {
  RunOptions& options = arguments.options;
  options.results = arguments.results;
  options.data = arguments.data;
  options.keep = value_of<Keep>(arguments.keep);
  if (!arguments.timeout.empty())
    options.timeout_seconds = parse_time("--timeout", arguments.timeout);
  options.save_every_seconds = parse_time("--save-every", arguments.save_every);
  options.version = kVersion;
  options.revision = kRevision;
  options.dirty = kDirty;
  options.compiler = kCompiler;
  options.interrupted = stop_requested;

  // Before anything is planned: LibTorch looks for its CUDA part once, at the first backward pass.
  open_device(options.device);
  stop_on_signals();
  const Plan plan = plan_of(arguments.suites);
  ProgressPrinter printer(plan);
  RunObserver observer = printer.observer();
  std::atomic<bool> began = false;
  observer.started = [&began, inner = observer.started](const PlannedRun& run, bool resumed) {
    began = true;
    inner(run, resumed);
  };
  const std::vector<Outcome> outcomes = run_plan(plan, options, observer);

  std::string counts;
  for (const Outcome outcome :
       {Outcome::done, Outcome::cached, Outcome::mistrusted, Outcome::skipped, Outcome::failed,
        Outcome::timeout, Outcome::interrupted, Outcome::busy}) {
    const auto count = std::count(outcomes.begin(), outcomes.end(), outcome);
    if (count > 0)
      counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, to_text(outcome));
  }
  const bool nothing = !began && std::all_of(outcomes.begin(), outcomes.end(), [](Outcome o) {
    return o == Outcome::cached || o == Outcome::mistrusted;
  });
  fmt::print("{} runs: {}{}\n", plan.runs.size(), counts,
             nothing ? "; nothing to do (--results NEWFOLDER does it again)" : "");
  exit.code = exit_code(outcomes);
  if (exit.code == kAgain) {
    fmt::print("not all is done; the same command goes on\n");
  } else if (any_result(outcomes)) {
    fmt::print("board: ticketbench leaderboard {}\n", arguments.results);
  }
}

}  // namespace

void add_run(CLI::App& app, Exit& exit) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("run", "carry suites out; finished runs are skipped, broken ones go on");
  arguments->suites.add_to(*command);
  command->add_option("--results", arguments->results, "where records and tickets go")
      ->capture_default_str();
  command->add_option("--data", arguments->data, "where datasets lie");
  command->add_option("--device", arguments->options.device, "cpu or cuda")->capture_default_str();
  command->add_option("--jobs", arguments->options.jobs, "runs side by side")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command
      ->add_option("--threads", arguments->options.threads,
                   "threads of each run; 0: the cores, shared by the jobs")
      ->capture_default_str()
      ->check(CLI::Range(0, 1024));
  command->add_option("--keep", arguments->keep, "tickets that stay: last, all or none")
      ->capture_default_str()
      ->check(CLI::IsMember(names_of<Keep>()));
  command->add_option("--save-every", arguments->save_every, "how much work a kill may cost")
      ->capture_default_str()
      ->type_name("TIME");
  command->add_option("--timeout", arguments->timeout, "for each run: 90s, 30m, 2h")
      ->type_name("TIME");
  command->callback([arguments, &exit] { run(*arguments, exit); });
}

}  // namespace ticketbench
