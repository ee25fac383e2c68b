#include "reports/escape.hpp"
#include "reports/reproduce_render.hpp"
#include "reports/reproduce_words.hpp"

#include <fmt/format.h>

#include <type_traits>

namespace ticketbench {
namespace {

constexpr std::string_view kHeader =
    "table,id,row,method,dataset,model,density,level,metric,unit,provenance,reading_error,"
    "published,published_std,published_n,ours,ours_std,ours_t_half_width,ours_n,difference,margin,"
    "p_equivalent,p_different,verdict,provisional,reason,assumed,note\n";

template <typename T>
std::string field(const std::optional<T>& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    return value ? escape_csv(*value) : "";
  } else {
    return value ? fmt::format("{}", *value) : "";
  }
}

std::string lines_of(const Reproduction& r) {
  std::string out;
  for (const ReproducedCell& entry : r.cells) {
    const auto& [cell, measured, judgement] = entry;
    const std::vector<std::string> fields = {
        escape_csv(name_of(r)),
        escape_csv(cell.id),
        escape_csv(cell.row),
        escape_csv(cell.method),
        field(cell.dataset),
        field(cell.model),
        field(cell.density),
        field(cell.level),
        escape_csv(cell.metric),
        escape_csv(cell.unit),
        escape_csv(r.table.provenance),
        field(r.table.uncertainty),
        field(cell.value),
        field(cell.std),
        field(cell.n),
        field(measured.value),
        field(measured.std),
        field(half_width(measured)),
        measured.n > 0 ? fmt::format("{}", measured.n) : "",
        field(judgement.difference),
        field(judgement.margin),
        field(judgement.p_equivalent),
        field(judgement.p_different),
        escape_csv(cell.comparable() && judgement.verdict != ClaimVerdict::not_run
                       ? claim_verdict_word(judgement.verdict)
                       : verdict_words(entry)),
        judgement.provisional ? "true" : "false",
        escape_csv(judgement.reason),
        escape_csv(judgement.assumed),
        escape_csv(cell.note)};
    for (std::size_t i = 0; i < fields.size(); ++i) out += (i == 0 ? "" : ",") + fields[i];
    out += "\n";
  }
  return out;
}

}  // namespace

std::string reproduction_csv(const Reproduction& reproduction) {
  return std::string(kHeader) + lines_of(reproduction);
}

std::string reproduction_csv(const Overview& overview) {
  std::string out(kHeader);
  for (const Reproduction& r : overview.tables) out += lines_of(r);
  return out;
}

}  // namespace ticketbench
