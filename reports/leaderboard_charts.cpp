#include "reports/leaderboard_charts.hpp"

#include "reports/escape.hpp"
#include "reports/leaderboard_words.hpp"
#include "reports/numbers.hpp"
#include "reports/performance_profile.hpp"
#include "reports/ranking.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace ticketbench {
namespace {

using nlohmann::json;

// Readable on white and on black.
constexpr std::array<std::string_view, 10> kColours = {"#2f7ec2", "#d9772b", "#3f9b4f", "#d1495b",
                                                       "#8e6bbf", "#96694c", "#d16ba5", "#8f8f2a",
                                                       "#2a9d9d", "#7f8790"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kShapes = {
    {{"circle", "●"}, {"rectRot", "◆"}, {"triangle", "▲"}, {"rect", "■"}}};

json axis(const std::string& title, const std::string& type) {
  return {{"type", type},
          {"title", {{"display", true}, {"text", title}}},
          {"ticks", {{"maxRotation", 0}, {"autoSkip", true}}}};
}

json config(json datasets, json x, json y) {
  return {{"type", "scatter"},
          {"data", {{"datasets", std::move(datasets)}}},
          {"options",
           {{"animation", false},
            {"locale", "en"},
            {"maintainAspectRatio", false},
            {"plugins", {{"legend", {{"display", false}}}}},
            {"scales", {{"x", std::move(x)}, {"y", std::move(y)}}}}}};
}

struct PlacedRow {
  const Row* row = nullptr;
  std::string id;
  double x = 0;
};

// One for each operating point with an x, from small to large x.
template <typename Position>
std::vector<PlacedRow> placed(const Board& board, std::size_t number, const Position& x_of) {
  std::vector<PlacedRow> points;
  for (std::size_t i = 0; i < board.rows.size(); ++i) {
    const Row& row = board.rows[i];
    const std::optional<double> x = x_of(row);
    // A logarithmic axis has no place for zero.
    if (x && *x > 0 && !row.superseded) {
      points.push_back({&row, row_id(number, i + 1), *x});
    }
  }
  std::stable_sort(points.begin(), points.end(),
                   [](const PlacedRow& a, const PlacedRow& b) { return a.x < b.x; });
  return points;
}

std::string point_words(const Row& row) {
  const std::string interval = interval_words(row);
  return fmt::format("{}: {:.2f} %{} (n = {})", printable(row.label), row.top1.mean,
                     interval.empty() ? "" : " " + interval, row.top1.n);
}

using RunName = std::pair<std::string, std::string>;  // method, run

std::map<RunName, std::vector<PlacedRow>> by_run(const std::vector<PlacedRow>& points) {
  std::map<RunName, std::vector<PlacedRow>> result;
  for (const PlacedRow& point : points) {
    result[{point.row->method, point.row->run}].push_back(point);
  }
  return result;
}

json points_dataset(const RunName& run, const Marker& marker, const json& points) {
  return {{"label", printable(run.second)},
          {"method", run.first},
          {"data", points},
          {"showLine", true},
          {"borderColor", marker.colour},
          {"backgroundColor", marker.colour},
          {"borderWidth", 1.5},
          {"pointStyle", marker.shape},
          {"pointRadius", 5},
          {"pointHoverRadius", 7}};
}

// A line that no row stands behind.
json dashed_dataset(const std::string& label, const json& points) {
  return {{"label", label},       {"data", points},   {"showLine", true},    {"borderWidth", 1},
          {"borderDash", {5, 4}}, {"pointRadius", 0}, {"pointHitRadius", 0}, {"order", 1}};
}

// The points of each run of a method, joined by a line, and their intervals: Chart.js has no error
// bars, so these are a second line with a gap after each bar.
json accuracy_datasets(const std::vector<PlacedRow>& points,
                       const std::map<std::string, Marker>& markers) {
  json means = json::array();
  json intervals = json::array();
  for (const auto& [run, of_run] : by_run(points)) {
    const Marker& marker = markers.at(run.first);
    json mean = json::array();
    json interval = json::array();
    for (const auto& [row, id, x] : of_run) {
      mean.push_back({{"x", x}, {"y", row->top1.mean}, {"row", id}, {"words", point_words(*row)}});
      if (const double half = row->top1.t_half_width.value_or(0); half > 0) {
        interval.push_back({{"x", x}, {"y", row->top1.mean - half}, {"row", id}});
        interval.push_back({{"x", x}, {"y", row->top1.mean + half}, {"row", id}});
        interval.push_back({{"x", x}, {"y", nullptr}, {"row", id}});
      }
    }
    means.push_back(points_dataset(run, marker, mean));
    intervals.push_back({{"label", "95 % interval"},
                         {"method", run.first},
                         {"data", interval},
                         {"showLine", true},
                         {"borderColor", marker.colour},
                         {"borderWidth", 1.5},
                         {"pointRadius", 0},
                         {"pointHitRadius", 0}});
  }
  means.insert(means.end(), intervals.begin(), intervals.end());
  return means;
}

// A step for each row of the front: the best accuracy for at most so much.
json front_dataset(const std::vector<PlacedRow>& points, bool Row::*on_front) {
  json steps = json::array();
  for (const PlacedRow& point : points) {
    if (point.row->*on_front) {
      steps.push_back({{"x", point.x}, {"y", point.row->top1.mean}});
    }
  }
  json front = dashed_dataset("Pareto front", steps);
  front["stepped"] = "before";
  return front;
}

const std::string kAccuracy = "top-1 %";

Chart budget_chart(const Board& board, std::size_t number,
                   const std::map<std::string, Marker>& markers) {
  const bool density = board.budget == Budget::parameters;
  const std::vector<PlacedRow> points = placed(board, number, [&](const Row& row) {
    return std::optional(kept_fraction(row, board.budget));
  });
  json datasets = accuracy_datasets(points, markers);
  datasets.push_back(front_dataset(points, density ? &Row::on_density_front : &Row::on_macs_front));
  return {.id = fmt::format("chart-{}-{}", number, density ? "density" : "macs"),
          .title = fmt::format("Accuracy over {}, 95 % intervals, Pareto front dashed",
                               density ? "density" : "MACs"),
          .config = config(std::move(datasets),
                           axis(density ? "kept / prunable weights" : "kept / dense multiply-adds",
                                "logarithmic"),
                           axis(kAccuracy, "linear"))};
}

Chart macs_cost_chart(const Board& board, std::size_t number,
                      const std::map<std::string, Marker>& markers) {
  double most = 0;
  for (const Row& row : board.rows) most = std::max(most, row.total.macs);
  const auto [prefix, macs] = most < 1e9    ? std::pair("M", 1e6)
                              : most < 1e12 ? std::pair("G", 1e9)
                              : most < 1e15 ? std::pair("T", 1e12)
                                            : std::pair("P", 1e15);
  const std::vector<PlacedRow> points = placed(
      board, number, [per = macs](const Row& row) { return std::optional(row.total.macs / per); });
  json x = axis(fmt::format("{} multiply-adds of all training, sources included", prefix),
                "logarithmic");
  return {.id = fmt::format("chart-{}-train-macs", number),
          .title = "Accuracy over training MACs",
          .config =
              config(accuracy_datasets(points, markers), std::move(x), axis(kAccuracy, "linear"))};
}

Chart time_chart(const Board& board, std::size_t number,
                 const std::map<std::string, Marker>& markers) {
  double longest = 0;
  for (const Row& row : board.rows) longest = std::max(longest, row.total.seconds.value_or(0));
  const auto [unit, seconds] = longest < 120    ? std::pair("seconds", 1.0)
                               : longest < 7200 ? std::pair("minutes", 60.0)
                                                : std::pair("hours", 3600.0);
  const std::vector<PlacedRow> points =
      placed(board, number, [&, per = seconds](const Row& row) -> std::optional<double> {
        if (!row.total.seconds) {
          return std::nullopt;
        }
        return *row.total.seconds / per;
      });
  return {.id = fmt::format("chart-{}-time", number),
          .title = "Accuracy over time spent",
          .config =
              config(accuracy_datasets(points, markers),
                     axis(fmt::format("{} of all training, sources included", unit), "logarithmic"),
                     axis(kAccuracy, "linear"))};
}

const MeasuredTime* time_on(const Row& row, const std::string& device) {
  const auto found = std::find_if(row.measured.begin(), row.measured.end(),
                                  [&](const MeasuredTime& one) { return one.device == device; });
  return found == row.measured.end() ? nullptr : &*found;
}

Chart ticket_time_chart(const Board& board, std::size_t number, const std::string& device,
                        std::size_t device_number, const std::map<std::string, Marker>& markers) {
  double longest = 0;
  for (const Row& row : board.rows) {
    if (const MeasuredTime* time = time_on(row, device)) {
      longest = std::max(longest, time->seconds_per_image);
    }
  }
  const auto [unit, seconds] = longest < 1e-3 ? std::pair("µs", 1e-6) : std::pair("ms", 1e-3);
  const std::vector<PlacedRow> points =
      placed(board, number, [&, per = seconds](const Row& row) -> std::optional<double> {
        const MeasuredTime* time = time_on(row, device);
        return time == nullptr ? std::nullopt : std::optional(time->seconds_per_image / per);
      });
  return {.id = fmt::format("chart-{}-ticket-time-{}", number, device_number),
          .title = fmt::format("Accuracy over measured time of the ticket: {}", device),
          .config = config(
              accuracy_datasets(points, markers),
              axis(fmt::format("{} for one image, by the quickest way", unit), "logarithmic"),
              axis(kAccuracy, "linear"))};
}

// For a device on which some row that is drawn has a speed-up.
Chart speedup_chart(const Board& board, std::size_t number, const std::string& device,
                    std::size_t device_number, const std::map<std::string, Marker>& markers) {
  const std::vector<PlacedRow> points =
      placed(board, number, [&](const Row& row) -> std::optional<double> {
        const MeasuredTime* time = time_on(row, device);
        return time == nullptr || !time->speedup ? std::nullopt : std::optional(row.density.mean);
      });
  json datasets = json::array();
  for (const auto& [run, of_run] : by_run(points)) {
    json data = json::array();
    for (const auto& [row, id, x] : of_run) {
      const double speedup = *time_on(*row, device)->speedup;
      data.push_back(
          {{"x", x},
           {"y", speedup},
           {"row", id},
           {"words", fmt::format("{}: {:.2f} times as fast", printable(row->label), speedup)}});
    }
    datasets.push_back(points_dataset(run, markers.at(run.first), data));
  }
  datasets.push_back(dashed_dataset(
      "break-even", {{{"x", points.front().x}, {"y", 1}}, {{"x", points.back().x}, {"y", 1}}}));
  return {.id = fmt::format("chart-{}-speedup-{}", number, device_number),
          .title = fmt::format("Speed-up over density, break-even dashed: {}", device),
          .config = config(std::move(datasets), axis("kept / prunable weights", "logarithmic"),
                           axis("times as fast as the best dense way", "linear"))};
}

Chart curves_chart(const Board& board, std::size_t number,
                   const std::map<std::string, Marker>& markers) {
  std::map<std::string, json> rows_of;
  for (std::size_t i = 0; i < board.rows.size(); ++i) {
    rows_of[board.rows[i].results.front().hash].push_back(row_id(number, i + 1));
  }
  json datasets = json::array();
  for (const TrainingCurve& curve : board.curves) {
    const std::string words = fmt::format("{}, seed {}{}", printable(curve.label), curve.seed,
                                          curve.on_test ? "" : ", training images");
    json data = json::array();
    for (const auto& [epoch, percent] : curve.values) {
      data.push_back({{"x", epoch},
                      {"y", percent},
                      {"words", fmt::format("{}, epoch {}: {:.2f} %", words, epoch, percent)}});
    }
    const Marker& marker = markers.at(curve.method);
    datasets.push_back({{"label", words},
                        {"method", curve.method},
                        {"rows", rows_of.at(curve.hash)},
                        {"data", data},
                        {"showLine", true},
                        {"borderColor", marker.colour},
                        {"backgroundColor", marker.colour},
                        {"borderWidth", 1.5},
                        {"pointStyle", marker.shape},
                        {"pointRadius", 2}});
  }
  json x = axis("epochs, all levels and phases", "linear");
  x["ticks"]["precision"] = 0;
  const std::string left_out =
      board.curves_left_out == 0
          ? ""
          : fmt::format("; {} runs of the last rows are left out", board.curves_left_out);
  return {.id = fmt::format("chart-{}-curves", number),
          .title = fmt::format("Training of each run's first seed{}", left_out),
          .config = config(std::move(datasets), std::move(x), axis(kAccuracy, "linear"))};
}

}  // namespace

std::map<std::string, Marker> markers(const Leaderboard& leaderboard) {
  std::set<std::string> methods;
  for (const Board& board : leaderboard.boards) {
    for (const Row& row : board.rows) methods.insert(row.method);
  }
  std::map<std::string, Marker> result;
  std::size_t i = 0;
  for (const std::string& method : methods) {
    const auto [shape, glyph] = kShapes[i / kColours.size() % kShapes.size()];
    result[method] = {kColours[i % kColours.size()], shape, glyph};
    ++i;
  }
  return result;
}

std::string row_id(std::size_t board, std::size_t row) {
  return fmt::format("row-{}-{}", board, row);
}

std::vector<Chart> board_charts(const Board& board, std::size_t number,
                                const std::map<std::string, Marker>& markers) {
  if (board.rows.empty()) {
    return {};
  }
  std::vector<Chart> charts = {budget_chart(board, number, markers)};
  if (board.budget == Budget::macs) {
    return charts;
  }
  charts.push_back(macs_cost_chart(board, number, markers));
  if (std::any_of(board.rows.begin(), board.rows.end(),
                  [](const Row& row) { return row.total.seconds.has_value(); })) {
    charts.push_back(time_chart(board, number, markers));
  }
  std::set<std::string> devices;
  for (const Row& row : board.rows) {
    for (const MeasuredTime& time : row.measured) devices.insert(time.device);
  }
  std::size_t device_number = 0;
  for (const std::string& device : devices) {
    ++device_number;
    charts.push_back(ticket_time_chart(board, number, device, device_number, markers));
    const bool compared = std::any_of(board.rows.begin(), board.rows.end(), [&](const Row& row) {
      const MeasuredTime* time = time_on(row, device);
      return time != nullptr && time->speedup && !row.superseded && row.density.mean > 0;
    });
    if (compared) {
      charts.push_back(speedup_chart(board, number, device, device_number, markers));
    }
  }
  if (!board.curves.empty()) {
    charts.push_back(curves_chart(board, number, markers));
  }
  return charts;
}

Chart profile_chart(const PerformanceProfile& profile, std::size_t number,
                    const std::map<std::string, Marker>& markers) {
  json datasets = json::array();
  for (const ProfileCurve& curve : profile.curves) {
    const Marker& marker = markers.at(curve.method);
    std::set<double> ratios = {1, kProfileEnd};
    for (const double ratio : curve.ratios) ratios.insert(std::min(ratio, kProfileEnd));
    json data = json::array();
    for (const double ratio : ratios) {
      const double share = profile.share(curve, ratio);
      data.push_back({{"x", ratio},
                      {"y", share},
                      {"words", fmt::format("{}: within {:.2f}x in {:.2f} of the problems",
                                            printable(curve.method), ratio, share)}});
    }
    datasets.push_back({{"label", printable(curve.method)},
                        {"method", curve.method},
                        {"data", data},
                        {"showLine", true},
                        {"stepped", "before"},
                        {"borderColor", marker.colour},
                        {"backgroundColor", marker.colour},
                        {"borderWidth", 1.5},
                        {"pointStyle", marker.shape},
                        {"pointRadius", 3}});
  }
  json y = axis("share of the problems", "linear");
  y["min"] = 0;
  y["max"] = 1;
  return {
      .id = fmt::format("chart-profile-{}", number),
      .title = "How often a method's errors are within a ratio of the best ones",
      .config = config(std::move(datasets), axis("errors / least errors", "linear"), std::move(y))};
}

}  // namespace ticketbench
