#include "cli/progress.hpp"

#include "cli/cli.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ticketbench {
namespace {

size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

}  // namespace

std::string to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return "ok";
    case Outcome::cached:
      return "done before";
    case Outcome::mistrusted:
      return "mistrusted";
    case Outcome::skipped:
      return "skipped";
    case Outcome::failed:
      return "failed";
    case Outcome::timeout:
      return "timeout";
    case Outcome::interrupted:
      return "interrupted";
    case Outcome::busy:
      return "busy";
  }
  return "";
}

std::string label_of(const PlannedRun& run) {
  return fmt::format("{} (seed {})", run.label, run.spec.seed);
}

ProgressPrinter::ProgressPrinter(const Plan& plan)
    : plan_(plan), terminal_(isatty(STDERR_FILENO) != 0) {}

RunObserver ProgressPrinter::observer() {
  return {.started = [this](const PlannedRun& run, bool resumed) { started(run, resumed); },
          .progress = [this](const PlannedRun& run, const Progress& p,
                             int64_t points) { progress(run, p, points); },
          .finished = [this](const PlannedRun& run, Outcome outcome,
                             const std::string& reason) { finished(run, outcome, reason); }};
}

void ProgressPrinter::started(const PlannedRun& run, bool resumed) {
  start_[run.hash] = std::chrono::steady_clock::now();
  if (resumed)
    print_line(
        fmt::format("{}  {}: goes on where it was stopped", run.hash.substr(0, 8), label_of(run)));
  lines_[run.hash] = label_of(run);
  draw();
}

void ProgressPrinter::progress(const PlannedRun& run, const Progress& p, int64_t points) {
  const double left = static_cast<double>(p.iterations - p.iteration);
  const double batch = static_cast<double>(run.spec.recipe.phases.at(p.phase).batch_size);
  const double seconds_left = p.images_per_second > 0 ? left * batch / p.images_per_second : 0;
  const std::string line = fmt::format(
      "{}  level {}  {} epoch {}/{}  loss {:.3f}  accuracy {:.1f} %  {:.0f} images/s  {} left",
      label_of(run), points, p.phase,
      (p.iteration + p.iterations_per_epoch - 1) / p.iterations_per_epoch,
      (p.iterations + p.iterations_per_epoch - 1) / p.iterations_per_epoch, p.loss,
      100 * p.accuracy, p.images_per_second, duration_text(seconds_left));
  if (terminal_) {
    lines_[run.hash] = line;
    draw();
    return;
  }
  // In a log a line now and then is enough.
  const auto now = std::chrono::steady_clock::now();
  auto& last = last_plain_[run.hash];
  if (now - last < std::chrono::seconds(30)) return;
  last = now;
  fmt::print(stderr, "  {}\n", line);
}

void ProgressPrinter::finished(const PlannedRun& run, Outcome outcome, const std::string& reason) {
  ++done_;
  lines_.erase(run.hash);
  std::string took;
  if (const auto start = start_.find(run.hash); start != start_.end()) {
    took = ", " + duration_text(std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                                              start->second)
                                    .count());
  }
  print_line(fmt::format("[{}/{}] {}  {}: {}{}{}", done_, plan_.runs.size(), run.hash.substr(0, 8),
                         label_of(run), to_text(outcome), took,
                         reason.empty() ? "" : ": " + reason));
}

void ProgressPrinter::print_line(const std::string& line) {
  if (terminal_ && drawn_lines_ > 0) fmt::print(stderr, "\x1b[{}A\x1b[J", drawn_lines_);
  drawn_lines_ = 0;
  fmt::print(stderr, "{}\n", line);
  draw();
}

void ProgressPrinter::draw() {
  if (!terminal_) return;
  if (drawn_lines_ > 0) fmt::print(stderr, "\x1b[{}A\x1b[J", drawn_lines_);
  for (const auto& [hash, line] : lines_)
    fmt::print(stderr, "{}\n", line.substr(0, terminal_width() - 1));
  drawn_lines_ = lines_.size();
  std::fflush(stderr);
}

TransferPrinter::TransferPrinter() : terminal_(isatty(STDERR_FILENO) != 0) {}

void TransferPrinter::progress(const std::string& doing, int64_t bytes, int64_t of) {
  const auto now = Clock::now();
  const bool begins = doing != doing_;
  if (begins) {
    end();
    doing_ = doing;
    first_bytes_ = bytes;
    start_ = now;
  } else if (terminal_ ? bytes < of && now - last_ < std::chrono::milliseconds(200)
                       : now - last_ < std::chrono::seconds(30)) {
    return;
  }
  last_ = now;
  std::string line = doing;
  if (!begins) {
    const double rate = static_cast<double>(bytes - first_bytes_) /
                        std::chrono::duration<double>(now - start_).count();
    line += fmt::format("  {} of {}  {}/s", bytes_text(static_cast<double>(bytes)),
                        bytes_text(static_cast<double>(of)), bytes_text(rate));
    if (rate > 0)
      line += fmt::format("  {} left", duration_text(static_cast<double>(of - bytes) / rate));
  }
  if (terminal_) {
    fmt::print(stderr, "\r\x1b[K{}", line.substr(0, terminal_width() - 1));
    std::fflush(stderr);
    drawn_ = true;
  } else {
    fmt::print(stderr, "{}\n", line);
  }
}

void TransferPrinter::end() {
  if (drawn_) fmt::print(stderr, "\n");
  drawn_ = false;
}

}  // namespace ticketbench
