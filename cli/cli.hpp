// What the subcommands share: one function each adds itself to the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ticketbench {

/// Exit codes of the program.
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;    ///< a run failed, or a gate found a regression
inline constexpr int kBadInput = 2;  ///< said before anything runs
inline constexpr int kAgain = 75;    ///< stopped after saving, or somebody else is at it: run again

/// Set by a subcommand's callback; what the program exits with.
struct Exit {
  int code = kOk;
};

void add_compare(CLI::App& app, Exit& exit);
void add_data(CLI::App& app, Exit& exit);
void add_describe(CLI::App& app, Exit& exit);
void add_history(CLI::App& app, Exit& exit);
void add_leaderboard(CLI::App& app, Exit& exit);
void add_list(CLI::App& app, Exit& exit);
void add_plan(CLI::App& app, Exit& exit);
void add_probe(CLI::App& app, Exit& exit);
void add_report(CLI::App& app, Exit& exit);
void add_reproduce(CLI::App& app, Exit& exit);
void add_run(CLI::App& app, Exit& exit);
void add_status(CLI::App& app, Exit& exit);
void add_collect(CLI::App& app, Exit& exit);
void add_clean(CLI::App& app, Exit& exit);
void add_ticket(CLI::App& app, Exit& exit);

/// For CLI::IsMember: the names of an enumeration (core/fields.hpp).
template <class E>
std::vector<std::string> names_of() {
  const auto names = enum_names(E{});
  return {names.begin(), names.end()};
}
/// The value of one of them.
template <class E>
E value_of(const std::string& name) {
  const auto names = enum_names(E{});
  return static_cast<E>(std::find(names.begin(), names.end(), name) - names.begin());
}

/// What every command on suites takes.
struct SuiteArguments {
  const CLI::App* program = nullptr;  ///< knows the plugins
  std::vector<std::string> suites;
  std::vector<std::string> set;
  std::string seeds;
  std::vector<std::string> only;
  std::string shard;
  void add_to(CLI::App& command);
};
struct Plan;
/// The plan these arguments ask for. Throws std::invalid_argument.
Plan plan_of(const SuiteArguments& arguments);

/// Opens shared libraries whose methods then register themselves. Throws std::invalid_argument with
/// the loader's reason.
void open_plugins(const std::vector<std::string>& plugins);

/// From here on SIGINT and SIGTERM only ask the process to stop.
void stop_on_signals();
/// Whether one came.
bool stop_requested();

/// "1..5", "1,2,7" or "3". Throws std::invalid_argument.
std::vector<uint64_t> parse_seeds(const std::string& text);

/// The folder that holds suites/: beside the program, in the build tree as after an installation.
std::filesystem::path share_folder();

/// The folder of the papers' published values, below share_folder().
std::filesystem::path published_folder();

/// To standard output, or atomically to a file where `path` isn't empty.
void emit(const std::string& text, const std::string& path);

/// Calls `write`; where it fails throws std::invalid_argument that names the option and the file.
void to_file(std::string_view option, const std::string& path, const std::function<void()>& write);

/// Multiply-adds a second of one core on dense training of CIFAR ResNets with LibTorch 2.11:
/// measured were 25 to 38 on shared machines with AVX-512.
inline constexpr double kMacsPerCoreSecond = 30e9;

/// "1 h 05 min", "3 min 20 s", "4.2 s".
std::string duration_text(double seconds);
/// "2.1 GB".
std::string bytes_text(double bytes);

}  // namespace ticketbench
