#include "reports/leaderboard_words.hpp"

#include "reports/numbers.hpp"
#include "reports/performance_profile.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>

namespace ticketbench {

std::string budget_name(Budget budget) {
  return budget == Budget::parameters ? "parameters" : "MACs";
}

std::string board_title(const Board& board) {
  std::string title = fmt::format("{} · {} · {} · {} · fixed {}", board.dataset, board.model,
                                  board.recipe, board.division, budget_name(board.budget));
  if (!board.variant.empty()) {
    title += fmt::format(" ({})", board.variant);
  }
  return title;
}

std::string place_words(const Row& row) {
  if (!row.place) {
    return "";
  }
  return row.settled() ? fmt::format("{}", *row.place) : fmt::format("({})", *row.place);
}

std::string macs_ratio(const Row& row) {
  const double ratio = row.kept_macs.mean / static_cast<double>(row.dense_macs);
  // Two decimals say nothing below a tenth.
  return fmt::format("{:.{}f}×", ratio, ratio < 0.095 ? 3 : 2);
}

std::string interval_words(const Row& row) {
  return row.top1.t_half_width ? fmt::format("± {:.2f}", *row.top1.t_half_width) : "";
}

std::string measured_words(const Row& row) {
  std::vector<std::string> words;
  for (const MeasuredTime& time : row.measured) {
    std::string one = short_time(time.seconds_per_image);
    if (time.speedup) one += fmt::format(" ({:.2f}×)", *time.speedup);
    words.push_back(std::move(one));
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

bool any_measured(const Board& board) {
  return std::any_of(board.rows.begin(), board.rows.end(),
                     [](const Row& row) { return !row.measured.empty(); });
}

std::vector<std::vector<std::string>> measured_table(const Board& board) {
  std::map<std::string, std::vector<std::vector<std::string>>> by_device;
  for (const Row& row : board.rows) {
    for (const MeasuredTime& time : row.measured) {
      by_device[time.device].push_back(
          {time.device, row.label, fmt::format("{:.4f}", row.density.mean),
           short_time(time.seconds_per_image),
           time.speedup ? fmt::format("{:.2f}×", *time.speedup) : "", fmt::format("{}", time.n)});
    }
  }
  std::vector<std::vector<std::string>> table = {
      {"measured on", "run", "density", "one image", "speed-up", "n"}};
  for (auto& [_, lines] : by_device) {
    // A single device stands in the remark above; once more in every line it would only widen them.
    if (by_device.size() == 1) {
      for (std::vector<std::string>& line : lines) line.front().clear();
    }
    std::move(lines.begin(), lines.end(), std::back_inserter(table));
  }
  return table;
}

std::string front_words(const Row& row) {
  if (row.on_density_front && row.on_macs_front) {
    return "density, MACs";
  }
  return row.on_density_front ? "density" : row.on_macs_front ? "MACs" : "";
}

std::string pruned_words(const Row& row) {
  return fmt::format("{:.2f} %", 100 * (1 - row.density.mean));
}

std::vector<RowNote> row_notes(const Row& row) {
  std::vector<RowNote> notes;
  if (row.provisional()) {
    notes.push_back(
        {'p', "provisional", fmt::format("provisional: fewer than {} seeds", kSeedsToShow)});
  }
  if (row.selected_on_test) {
    notes.push_back({'t', "selected on test", "selected on the test set, so too good"});
  }
  if (row.superseded) {
    notes.push_back({'v', fmt::format("version {}, not the newest", row.version),
                     "of an older version of the method, not ranked"});
  }
  if (row.vs_dense && row.vs_dense->n < row.top1.n) {
    notes.push_back({'d', fmt::format("vs dense over {} of {} seeds", row.vs_dense->n, row.top1.n),
                     "vs dense over fewer seeds than n: dense lacks the others"});
  }
  if (row.sources_missing) {
    notes.push_back(
        {'s', "cost without its sources", "cost without its sources: their records are not here"});
  }
  return notes;
}

std::vector<RowNote> front_notes(const Row& row) {
  std::vector<RowNote> notes;
  if (row.on_density_front) {
    notes.push_back(
        {'D', "on the front of density", "on the Pareto front of density and accuracy"});
  }
  if (row.on_macs_front) {
    notes.push_back({'M', "on the front of MACs", "on the Pareto front of MACs and accuracy"});
  }
  return notes;
}

std::string row_note_words(const Row& row) {
  std::vector<std::string> words;
  for (const RowNote& note : row_notes(row)) words.push_back(note.words);
  return fmt::format("{}", fmt::join(words, "; "));
}

std::vector<std::string> board_remarks(const Board& board) {
  std::vector<std::string> remarks;
  const auto provisional = std::count_if(board.rows.begin(), board.rows.end(),
                                         [](const Row& row) { return row.provisional(); });
  if (provisional > 0) {
    remarks.push_back(fmt::format("Provisional: {} of {} rows rest on fewer than {} seeds.",
                                  provisional, board.rows.size(), kSeedsToShow));
  }
  if (std::any_of(board.rows.begin(), board.rows.end(),
                  [](const Row& row) { return row.place && !row.settled(); })) {
    remarks.push_back(
        fmt::format("A place in brackets goes by the mean alone; it is settled from {} seeds on.",
                    kSeedsToRank));
  }
  if (std::any_of(board.rows.begin(), board.rows.end(),
                  [](const Row& row) { return row.place && row.settled(); })) {
    remarks.emplace_back(
        "A place without brackets counts the settled rows whose 95 % interval lies wholly above: "
        "rows whose intervals overlap can share it.");
  }
  if (!board.rows.empty()) {
    const Row& first = board.rows.front();
    const int64_t examples = first.results.front().examples;
    const bool alike = std::all_of(board.rows.begin(), board.rows.end(), [&](const Row& row) {
      return row.dense_macs == first.dense_macs && row.results.front().examples == examples;
    });
    if (alike) {
      remarks.push_back(fmt::format("The dense net takes {} MACs for one image; {} images test it.",
                                    with_prefix(static_cast<double>(first.dense_macs)),
                                    grouped(examples)));
    }
  }
  if (!board.missing.empty()) {
    remarks.push_back(fmt::format("Missing here: {}. A board without {} says little.",
                                  fmt::join(board.missing, ", "),
                                  board.missing.size() > 1 ? "them" : "it"));
  }
  if (board.machines.size() == 1) {
    remarks.push_back(fmt::format("Measured on {}.", board.machines[0]));
  } else if (board.machines.size() > 1) {
    remarks.push_back(fmt::format("Measured on {} kinds of machine, so times don't compare: {}.",
                                  board.machines.size(), fmt::join(board.machines, "; ")));
  }
  if (board.runs_of_changed_sources > 0) {
    remarks.push_back(fmt::format("{} of {} runs come from a build with uncommitted changes.",
                                  board.runs_of_changed_sources, board.runs));
  }
  std::set<std::string> devices;
  for (const Row& row : board.rows) {
    for (const MeasuredTime& time : row.measured) devices.insert(time.device);
  }
  if (!devices.empty()) {
    remarks.push_back(fmt::format(
        "measured: inference of one image by the quickest way that a probe found for the ticket "
        "(times as fast as the best dense way), on {}.",
        fmt::join(devices, "; on ")));
  }
  return remarks;
}

std::vector<std::vector<std::string>> profile_table(const PerformanceProfile& profile) {
  constexpr std::array<double, 5> ratios = {1, 1.1, 1.25, 1.5, 2};
  std::vector<std::vector<std::string>> table(1, {"method", "rows"});
  for (const double ratio : ratios) table[0].push_back(fmt::format("≤ {}×", ratio));
  table[0].emplace_back("area");
  for (const ProfileCurve& curve : profile.curves) {
    std::vector<std::string>& line = table.emplace_back();
    line = {curve.method, fmt::format("{}", curve.ratios.size())};
    for (const double ratio : ratios) {
      line.push_back(fmt::format("{:.2f}", profile.share(curve, ratio)));
    }
    line.push_back(fmt::format("{:.3f}", curve.area));
  }
  return table;
}

std::string profile_title(const PerformanceProfile& profile) {
  return fmt::format("Across boards · fixed {}", budget_name(profile.budget));
}

std::vector<std::string> profile_remarks(const PerformanceProfile& profile) {
  std::vector<std::string> remarks = {
      fmt::format(
          "Performance profile (Dolan and Moré 2002): the share of {} problems in which a method's "
          "errors are at most so many times the least ones. area: under it from 1 to {}, at most "
          "1.",
          profile.problems, kProfileEnd),
      "A problem is a group of rows that keep about as much, where at least two methods compete; a "
      "method counts by its best row, and where it has none it never gets there. rows: the "
      "problems where it has one."};
  if (profile.provisional) {
    remarks.push_back(
        fmt::format("Provisional: some of the rows rest on fewer than {} seeds.", kSeedsToRank));
  }
  return remarks;
}

std::vector<std::string> column_words(const Leaderboard& leaderboard) {
  if (std::all_of(leaderboard.boards.begin(), leaderboard.boards.end(),
                  [](const Board& board) { return board.rows.empty(); })) {
    return {};
  }
  return {
      "density: kept / prunable weights. MACs: kept / dense, of convolutions and linear layers, "
      "for one image. Rows that keep about as much of what the board holds fixed stand together.",
      "top-1: percent of the test images, mean ± sample standard deviation over n seeds. 95 %: "
      "half "
      "of the Student t interval of that mean. vs dense: percentage points, paired by seed.",
      "Pareto front: no row that keeps less, or about as much, is better by its mean.",
      "train MACs, train images, time: all that was spent to get there, sources included."};
}

std::vector<std::string> leaderboard_remarks(const Leaderboard& leaderboard) {
  std::vector<std::string> remarks;
  if (leaderboard.boards.empty()) {
    remarks.emplace_back("No records: nothing to rank.");
  }
  if (leaderboard.duplicates > 0) {
    remarks.push_back(fmt::format("{} {} left out: the same run is there in a newer record.",
                                  leaderboard.duplicates,
                                  leaderboard.duplicates == 1 ? "record was" : "records were"));
  }
  return remarks;
}

}  // namespace ticketbench
