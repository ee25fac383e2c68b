#include "cli/cli.hpp"
#include "core/files.hpp"
#include "suites/plan.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <dlfcn.h>
#include <stdexcept>

namespace ticketbench {
namespace {

std::atomic<bool> signal_came = false;
static_assert(std::atomic<bool>::is_always_lock_free,
              "a signal handler may only touch lock-free atomics");

extern "C" void note_signal(int) {
  signal_came = true;
}

}  // namespace

void SuiteArguments::add_to(CLI::App& command) {
  program = command.get_parent();
  command.add_option("suites", suites, "suite files, or names of the suites that come along")
      ->required();
  command.add_option("--set", set, "change a value of the suite: /runs/snip/density=0.05")
      ->type_name("POINTER=VALUE")
      ->allow_extra_args(false);
  command.add_option("--seeds", seeds, "instead of the suite's: 1..5 or 1,2,7");
  command
      .add_option("--only", only, "runs whose hash begins so, or of this name, and their sources")
      ->type_name("HASH|NAME")
      ->allow_extra_args(false);
  command.add_option("--shard", shard, "part I of N, in whole chains of sources")->type_name("I/N");
}

Plan plan_of(const SuiteArguments& arguments) {
  PlanOptions options{.seeds = {},
                      .set = arguments.set,
                      .plugins = arguments.program->get_option("--plugin")->results(),
                      .share = share_folder()};
  if (!arguments.seeds.empty()) options.seeds = parse_seeds(arguments.seeds);
  Plan plan = make_plan(arguments.suites, options);
  if (!arguments.only.empty()) plan = select_runs(plan, arguments.only);
  if (!arguments.shard.empty()) {
    int64_t index = 0;
    int64_t count = 0;
    char rest = 0;
    if (std::sscanf(arguments.shard.c_str(), "%ld/%ld%c", &index, &count, &rest) != 2) {
      throw std::invalid_argument(
          fmt::format("--shard {}: expected I/N, such as 1/4", arguments.shard));
    }
    plan = shard(plan, index, count);
  }
  return plan;
}

void open_plugins(const std::vector<std::string>& plugins) {
  for (const std::string& plugin : plugins) {
    if (dlopen(std::filesystem::absolute(plugin).c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
      throw std::invalid_argument(fmt::format("--plugin {}: {}", plugin, dlerror()));
    }
  }
}

std::vector<uint64_t> parse_seeds(const std::string& text) {
  const auto refuse = [&] {
    throw std::invalid_argument(fmt::format("--seeds {}: expected 1..5 or 1,2,7", text));
  };
  const auto number = [&](const std::string& part) {
    if (part.empty() || part.size() > 15 ||
        part.find_first_not_of("0123456789") != std::string::npos)
      refuse();
    return static_cast<uint64_t>(std::stoull(part));
  };
  std::vector<uint64_t> seeds;
  if (const size_t dots = text.find(".."); dots != std::string::npos) {
    const uint64_t first = number(text.substr(0, dots));
    const uint64_t last = number(text.substr(dots + 2));
    if (last < first || last - first > 9999) refuse();
    for (uint64_t seed = first; seed <= last; ++seed) seeds.push_back(seed);
    return seeds;
  }
  for (size_t at = 0; at <= text.size();) {
    const size_t comma = std::min(text.find(',', at), text.size());
    seeds.push_back(number(text.substr(at, comma - at)));
    at = comma + 1;
  }
  return seeds;
}

void stop_on_signals() {
  std::signal(SIGTERM, note_signal);
  std::signal(SIGINT, note_signal);
}

bool stop_requested() {
  return signal_came;
}

std::filesystem::path share_folder() {
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe");
  return program.parent_path().parent_path() / "share" / "ticketbench";
}

std::filesystem::path published_folder() {
  return share_folder() / "reports" / "published";
}

void emit(const std::string& text, const std::string& path) {
  if (path.empty()) {
    fmt::print("{}", text);
    return;
  }
  to_file("--output", path, [&] {
    if (const auto folder = std::filesystem::path(path).parent_path(); !folder.empty())
      std::filesystem::create_directories(folder);
    write_atomically(path, text);
  });
}

void to_file(std::string_view option, const std::string& path, const std::function<void()>& write) {
  try {
    write();
  } catch (const std::runtime_error& error) {  // also std::filesystem::filesystem_error
    throw std::invalid_argument(
        fmt::format("{} {}: can't write there: {}", option, path, error.what()));
  }
}

std::string duration_text(double seconds) {
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string bytes_text(double bytes) {
  for (const char* unit : {"B", "kB", "MB", "GB"}) {
    if (bytes < 1000) return fmt::format("{:.3g} {}", bytes, unit);
    bytes /= 1000;
  }
  return fmt::format("{:.3g} TB", bytes);
}

}  // namespace ticketbench
