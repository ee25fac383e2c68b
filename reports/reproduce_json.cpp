#include "reports/reproduce_render.hpp"
#include "reports/reproduce_words.hpp"

#include <nlohmann/json.hpp>

namespace ticketbench {
namespace {

using nlohmann::json;

template <typename T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json();
}

json or_null(const std::string& text) {
  return text.empty() ? json() : json(text);
}

json cell_json(const ReproducedCell& entry) {
  const auto& [cell, measured, judgement] = entry;
  return {{"id", cell.id},
          {"row", cell.row},
          {"method", cell.method},
          {"variant", cell.variant},
          {"dataset", or_null(cell.dataset)},
          {"model", or_null(cell.model)},
          {"density", or_null(cell.density)},
          {"level", or_null(cell.level)},
          {"metric", cell.metric},
          {"unit", cell.unit},
          {"published",
           {{"value", or_null(cell.value)}, {"std", or_null(cell.std)}, {"n", or_null(cell.n)}}},
          {"not_comparable", or_null(cell.not_comparable)},
          {"ours",
           {{"value", or_null(measured.value)},
            {"std", or_null(measured.std)},
            {"t_half_width", or_null(half_width(measured))},
            {"n", measured.n}}},
          {"problem", or_null(measured.problem)},
          {"records", measured.records},
          {"dense_records", measured.dense},
          {"verdict", cell.comparable() ? json(claim_verdict_word(judgement.verdict)) : json()},
          {"provisional", judgement.provisional},
          {"difference", or_null(judgement.difference)},
          {"margin", or_null(judgement.margin)},
          {"p_equivalent", or_null(judgement.p_equivalent)},
          {"p_different", or_null(judgement.p_different)},
          {"reason", or_null(judgement.reason)},
          {"assumed", or_null(judgement.assumed)},
          {"note", or_null(cell.note)}};
}

json counts_json(const VerdictCounts& counts) {
  json verdicts = json::object();
  for (const ClaimVerdict verdict : kClaimVerdicts) {
    verdicts[std::string(claim_verdict_word(verdict))] = counts[verdict];
  }
  return {{"cells", counts.cells},
          {"comparable", counts.comparable},
          {"run", counts.run()},
          {"verdicts", verdicts}};
}

json described_json(const std::vector<Described>& all) {
  json object = json::object();
  for (const Described& one : all) object[one.name] = one.sentences;
  return object;
}

json remaining_json(const std::optional<Remaining>& remaining) {
  if (!remaining) {
    return nullptr;
  }
  return {{"planned", remaining->planned},
          {"runs", remaining->runs},
          {"iterations", remaining->iterations},
          {"macs", remaining->macs},
          {"macs_per_second",
           remaining->macs_per_second > 0 ? json(remaining->macs_per_second) : json()}};
}

json document_of(const Reproduction& r) {
  json cells = json::array();
  for (const ReproducedCell& entry : r.cells) cells.push_back(cell_json(entry));
  json document = counts_json(r.counts);
  document.update({{"schema", "ticketbench/reproduction"},
                   {"schema_version", 1},
                   {"paper",
                    {{"key", r.paper.key},
                     {"title", r.paper.title},
                     {"venue", r.paper.venue},
                     {"arxiv", r.paper.arxiv}}},
                   {"table",
                    {{"key", r.table.key},
                     {"title", r.table.title},
                     {"provenance", r.table.provenance},
                     {"note", or_null(r.table.note)},
                     {"uncertainty", or_null(r.table.uncertainty)}}},
                   {"suites", r.table.suites},
                   {"tested", r.tested},
                   {"alarms", r.alarms},
                   {"alarms_after_holm", r.alarms_after_holm},
                   {"margins", r.margins},
                   {"cells", cells},
                   {"recipes", described_json(r.recipes)},
                   {"other_readings", described_json(r.readings)},
                   {"deviations", described_json(r.deviations)},
                   {"remaining", remaining_json(r.remaining)}});
  return document;
}

// Bytes of a record that aren't UTF-8 are replaced: JSON has no others.
std::string written(const json& document) {
  return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string reproduction_json(const Reproduction& reproduction) {
  return written(document_of(reproduction));
}

std::string reproduction_json(const Overview& overview) {
  json tables = json::array();
  VerdictCounts all;
  for (const Reproduction& r : overview.tables) {
    tables.push_back(document_of(r));
    all.add(r.counts);
  }
  json document = counts_json(all);
  document.update({{"schema", "ticketbench/reproductions"},
                   {"schema_version", 1},
                   {"tables", tables},
                   {"remaining", remaining_json(overview.remaining)}});
  return written(document);
}

}  // namespace ticketbench
