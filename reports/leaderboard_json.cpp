#include "reports/leaderboard_render.hpp"
#include "reports/leaderboard_words.hpp"
#include "reports/performance_profile.hpp"

namespace ticketbench {
namespace {

using nlohmann::json;

template <typename T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json();
}

json spread_json(const Spread& spread) {
  return {{"mean", spread.mean},
          {"sample_std", or_null(spread.sample_std)},
          {"t_half_width_95", or_null(spread.t_half_width)},
          {"n", spread.n}};
}

json cost_json(const Cost& cost) {
  return {{"examples", cost.examples}, {"macs", cost.macs}, {"seconds", or_null(cost.seconds)}};
}

json row_json(const Row& row) {
  json seeds = json::array();
  for (const SeedResult& one : row.results) {
    seeds.push_back({{"seed", one.seed},
                     {"hash", one.hash},
                     {"examples", one.examples},
                     {"top1_correct", one.top1_correct},
                     {"top1_percent", one.percent()}});
  }
  json measured = json::array();
  for (const MeasuredTime& time : row.measured) {
    measured.push_back({{"device", time.device},
                        {"seconds_per_image", time.seconds_per_image},
                        {"speedup", or_null(time.speedup)},
                        {"n", time.n}});
  }
  const double ratio = row.kept_macs.mean / static_cast<double>(row.dense_macs);
  return {
      {"label", row.label},
      {"run", row.run},
      {"method", row.method},
      {"title", row.title},
      {"paper", row.paper},
      {"version", row.version},
      {"fields", row.fields},
      {"level", row.level},
      {"source", row.source},
      {"structure", row.structure},
      {"seeds", seeds},
      {"top1_percent", spread_json(row.top1)},
      {"density_prunable", spread_json(row.density)},
      {"macs", {{"dense", row.dense_macs}, {"kept", spread_json(row.kept_macs)}, {"ratio", ratio}}},
      {"vs_dense", row.vs_dense ? spread_json(*row.vs_dense) : json()},
      {"train", {{"own", cost_json(row.own)}, {"with_sources", cost_json(row.total)}}},
      {"measured", measured},
      {"sources_missing", row.sources_missing},
      {"reference", row.reference},
      {"selected_on_test", row.selected_on_test},
      {"superseded", row.superseded},
      {"provisional", row.provisional()},
      {"settled", row.settled()},
      {"on_density_front", row.on_density_front},
      {"on_macs_front", row.on_macs_front},
      {"group", or_null(row.group)},
      {"place", or_null(row.place)}};
}

json unranked_json(const UnrankedRun& run) {
  return {{"label", run.label},   {"method", run.method},
          {"seed", run.seed},     {"status", status_name(run.status)},
          {"reason", run.reason}, {"command", run.command},
          {"hash", run.hash}};
}

json board_json(const Board& board) {
  json rows = json::array();
  for (const Row& row : board.rows) rows.push_back(row_json(row));
  json unranked = json::array();
  for (const UnrankedRun& run : board.unranked) unranked.push_back(unranked_json(run));
  return {{"dataset", board.dataset},
          {"model", board.model},
          {"recipe", board.recipe},
          {"division", board.division},
          {"variant", board.variant},
          {"budget", budget_name(board.budget)},
          {"provisional", board.provisional()},
          {"rows", rows},
          {"unranked", unranked},
          {"missing", board.missing},
          {"machines", board.machines},
          {"runs", board.runs},
          {"runs_of_changed_sources", board.runs_of_changed_sources}};
}

json profile_json(const PerformanceProfile& profile) {
  json curves = json::array();
  for (const ProfileCurve& curve : profile.curves) {
    curves.push_back({{"method", curve.method},
                      {"title", curve.title},
                      {"error_ratios", curve.ratios},
                      {"area", curve.area}});
  }
  return {{"budget", budget_name(profile.budget)},
          {"problems", profile.problems},
          {"area_until_ratio", kProfileEnd},
          {"provisional", profile.provisional},
          {"curves", curves}};
}

}  // namespace

std::string leaderboard_json(const Leaderboard& leaderboard) {
  json boards = json::array();
  for (const Board& board : leaderboard.boards) boards.push_back(board_json(board));
  json profiles = json::array();
  for (const PerformanceProfile& profile : leaderboard.profiles) {
    profiles.push_back(profile_json(profile));
  }
  const json document = {{"schema", "ticketbench/leaderboard"},
                         {"schema_version", 2},
                         {"duplicates", leaderboard.duplicates},
                         {"boards", boards},
                         {"performance_profiles", profiles}};
  return document.dump(2) + "\n";
}

}  // namespace ticketbench
