#include "reports/compare_render.hpp"
#include "reports/compare_words.hpp"

#include <nlohmann/json.hpp>

namespace ticketbench {
namespace {

using nlohmann::json;

json side_json(const ComparedSide& side) {
  return {{"path", side.path},
          {"runs", side.runs},
          {"probes", side.probes},
          {"machines", side.machines},
          {"revisions", side.revisions}};
}

json values_json(const std::vector<SeedValue>& values, Quantity quantity) {
  json list = json::array();
  for (const SeedValue& one : values) {
    if (quantity == Quantity::accuracy) {
      list.push_back({{"seed", one.seed}, {"top1_percent", one.value}});
    } else {
      list.push_back({{"session", one.seed}, {"speedup", one.value}});
    }
  }
  return list;
}

json evidence_json(const Evidence& evidence) {
  return {{"test", evidence.test},
          {"change", evidence.change},
          {"half_width_95", evidence.half_width ? json(*evidence.half_width) : json()},
          {"p_changed", evidence.p_changed},
          {"p_adjusted", evidence.p_adjusted},
          {"p_equivalent", evidence.p_equivalent}};
}

json cell_json(const ComparedCell& cell) {
  return {{"verdict", verdict_name(cell.verdict)},
          {"suspect", cell.suspect},
          {"quantity", cell.quantity == Quantity::accuracy ? "accuracy" : "speedup"},
          {"label", cell.label},
          {"board", cell.board},
          {"run", cell.run},
          {"method", cell.method},
          {"level", cell.level ? json(*cell.level) : json()},
          {"base", values_json(cell.base, cell.quantity)},
          {"new", values_json(cell.now, cell.quantity)},
          {"evidence", cell.evidence ? evidence_json(*cell.evidence) : json()},
          {"reason", cell.reason},
          {"broken", cell.broken},
          {"notes", cell.notes},
          {"command", cell.command}};
}

}  // namespace

std::string compare_json(const Comparison& comparison) {
  json cells = json::array();
  for (const ComparedCell& cell : comparison.cells) cells.push_back(cell_json(cell));
  json reruns = json::array();
  for (const Rerun& rerun : comparison.reruns) {
    reruns.push_back({{"command", rerun.command},
                      {"runs", rerun.runs},
                      {"first_seed", rerun.first_seed ? json(*rerun.first_seed) : json()},
                      {"last_seed", rerun.last_seed ? json(*rerun.last_seed) : json()}});
  }
  const json document = {{"schema", "ticketbench/comparison"},
                         {"schema_version", 1},
                         {"regressed", comparison.regressed()},
                         {"summary", summary_words(comparison)},
                         {"margin", comparison.gate.margin},
                         {"alpha", comparison.gate.alpha},
                         {"time_margin", comparison.gate.time_margin},
                         {"base", side_json(comparison.base)},
                         {"new", side_json(comparison.now)},
                         {"cells", cells},
                         {"confirm", reruns}};
  return document.dump(2) + "\n";
}

}  // namespace ticketbench
