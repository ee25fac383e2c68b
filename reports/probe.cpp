#include "reports/probe.hpp"

#include "reports/json_schema.hpp"
#include "reports/mann_whitney.hpp"
#include "reports/result_files.hpp"
#include "reports/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace ticketbench {

// Generated from schema/probe.schema.json by this folder's CMakeLists.txt.
extern const char* const kProbeSchemaText;

namespace {

using nlohmann::json;

constexpr int64_t kSchemaVersion = 1;

constexpr std::array<std::string_view, 3> kRoles = {"dense", "sparse", "paper_baseline"};
constexpr std::array<std::string_view, 6> kVerdicts = {"faster",    "slower",     "same",
                                                       "ambiguous", "mistrusted", "none"};

double p10(const Contender& c) {
  return quantile(c.seconds, 0.1);
}
double p90(const Contender& c) {
  return quantile(c.seconds, 0.9);
}
double spread_of(const Contender& c) {
  return (p90(c) - p10(c)) / median(c.seconds);
}

// The quickest right one of this role, by its median.
std::optional<std::size_t> best(const ProbeRow& row, ContenderRole role, const ProbeRules& rules) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < row.contenders.size(); ++i) {
    const Contender& c = row.contenders[i];
    const bool fits = c.role == role && c.dtype == row.dtype && c.timed() &&
                      c.error.value_or(0) <= rules.largest_error(c.dtype);
    if (fits && (!found || median(c.seconds) < median(row.contenders[*found].seconds))) found = i;
  }
  return found;
}

// Why nothing of this role counts.
std::string why_none(const ProbeRow& row, ContenderRole role, const ProbeRules& rules) {
  for (const Contender& c : row.contenders) {
    if (c.role != role || c.dtype != row.dtype) continue;
    if (!c.problem.empty()) return fmt::format("{}: {}", c.probe, c.problem);
    if (c.error.value_or(0) > rules.largest_error(c.dtype)) {
      return fmt::format("{} differs from the reference by {:.2g}, at most {:.2g} expected",
                         c.probe, *c.error, rules.largest_error(c.dtype));
    }
  }
  return fmt::format("no {} contender was timed", role_name(role));
}

// Whether two sets of times differ, by order and by size.
ProbeVerdict compare(const Contender& dense, const Contender& sparse, const ProbeJudgement& j,
                     const ProbeRules& rules) {
  const bool differs = mann_whitney(dense.seconds, sparse.seconds).p_two_sided < rules.significance;
  const double low = 1 - rules.smallest_effect;
  const double high = 1 + rules.smallest_effect;
  if (differs && *j.speedup > high) return ProbeVerdict::faster;
  if (differs && *j.speedup < low) return ProbeVerdict::slower;
  if (*j.speedup_low >= low && *j.speedup_high <= high) return ProbeVerdict::same;
  return ProbeVerdict::ambiguous;
}

// Why times of this row aren't to be believed, or nothing.
std::string noise(const Contender& c, const ProbeRules& rules) {
  if (std::ssize(c.seconds) < rules.least_repetitions) {
    return fmt::format("{} was timed {} times, at least {} expected", c.probe, c.seconds.size(),
                       rules.least_repetitions);
  }
  if (spread_of(c) > rules.largest_spread) {
    return fmt::format(
        "noisy machine: times of {} scatter by {:.0f} % (p10 to p90), at most {:.0f} "
        "% expected; close other programs and run again",
        c.probe, 100 * spread_of(c), 100 * rules.largest_spread);
  }
  return "";
}

json contender_json(const Contender& c) {
  const auto optional = [](const std::optional<double>& value) {
    return value ? json(*value) : json(nullptr);
  };
  const bool timed = !c.seconds.empty();
  return {{"probe", c.probe},
          {"role", role_name(c.role)},
          {"dtype", c.dtype},
          {"layout", c.layout},
          {"seconds", c.seconds},
          {"median", timed ? json(median(c.seconds)) : json(nullptr)},
          {"p10", timed ? json(p10(c)) : json(nullptr)},
          {"p90", timed ? json(p90(c)) : json(nullptr)},
          {"pack_seconds", optional(c.pack_seconds)},
          {"error", optional(c.error)},
          {"problem", c.problem}};
}

json judgement_json(const ProbeRow& row, const ProbeJudgement& j) {
  const auto number = [](const std::optional<double>& value) {
    return value ? json(*value) : json(nullptr);
  };
  const auto name = [&](const std::optional<std::size_t>& place) {
    return place ? json(row.contenders[*place].probe) : json(nullptr);
  };
  return {{"best_dense", name(j.best_dense)},
          {"best_sparse", name(j.best_sparse)},
          {"speedup", number(j.speedup)},
          {"speedup_low", number(j.speedup_low)},
          {"speedup_high", number(j.speedup_high)},
          {"paper_speedup", number(j.paper_speedup)},
          {"roof_fraction", number(j.roof_fraction)},
          {"peak_fraction", number(j.peak_fraction)},
          {"verdict", verdict_name(j.verdict)},
          {"reason", j.reason}};
}

template <typename T>
std::optional<T> optional(const json& value) {
  return value.is_null() ? std::nullopt : std::optional<T>(value.get<T>());
}

Contender parse_contender(const json& value) {
  const auto role = std::find(kRoles.begin(), kRoles.end(), value["role"].get<std::string>());
  return {.probe = value["probe"],
          .role = static_cast<ContenderRole>(role - kRoles.begin()),
          .dtype = value["dtype"],
          .layout = value["layout"],
          .seconds = value["seconds"],
          .pack_seconds = optional<double>(value["pack_seconds"]),
          .error = optional<double>(value["error"]),
          .problem = value["problem"]};
}

ProbeRow parse_row(const json& value) {
  ProbeRow row{.name = value["name"],
               .kind = value["kind"],
               .what = value["what"],
               .structure = value["structure"],
               .total = value["total"],
               .kept = value["kept"],
               .dense_flops = value["dense_flops"],
               .kept_flops = value["kept_flops"],
               .bytes = value["bytes"],
               .batch = value["batch"],
               .threads = value["threads"],
               .copies = value["copies"],
               .cache = value["cache"],
               .dtype = value.value("dtype", "fp32"),
               .contenders = {}};
  for (const json& one : value["contenders"]) row.contenders.push_back(parse_contender(one));
  return row;
}

json row_json(const ProbeRow& row, const Calibration& machine) {
  json contenders = json::array();
  for (const Contender& one : row.contenders) contenders.push_back(contender_json(one));
  return {{"name", row.name},
          {"kind", row.kind},
          {"what", row.what},
          {"structure", row.structure},
          {"total", row.total},
          {"kept", row.kept},
          {"dense_flops", row.dense_flops},
          {"kept_flops", row.kept_flops},
          {"bytes", row.bytes},
          {"batch", row.batch},
          {"threads", row.threads},
          {"copies", row.copies},
          {"cache", row.cache},
          {"dtype", row.dtype},
          {"contenders", contenders},
          {"judgement", judgement_json(row, judge(row, machine))}};
}

}  // namespace

std::string_view role_name(ContenderRole role) {
  return kRoles[static_cast<std::size_t>(role)];
}

std::string_view verdict_name(ProbeVerdict verdict) {
  return kVerdicts[static_cast<std::size_t>(verdict)];
}

double ProbeRules::largest_error(std::string_view dtype) const {
  if (dtype == "bf16") return 0.1;
  return dtype == "tf32" ? 0.03 : 1e-3;
}

ProbeJudgement judge(const ProbeRow& row, const Calibration& machine, const ProbeRules& rules) {
  ProbeJudgement j;
  j.best_dense = best(row, ContenderRole::dense, rules);
  j.best_sparse = best(row, ContenderRole::sparse, rules);
  if (j.best_dense) {
    const double roof =
        std::min(machine.peak_flops, machine.bandwidth_bytes * row.dense_flops / row.bytes);
    j.roof_fraction = row.dense_flops / median(row.contenders[*j.best_dense].seconds) / roof;
  }
  if (j.best_sparse && row.kept_flops > 0) {
    j.peak_fraction =
        row.kept_flops / median(row.contenders[*j.best_sparse].seconds) / machine.peak_flops;
  }
  if (!j.best_dense) {
    j.reason = why_none(row, ContenderRole::dense, rules);
    return j;
  }
  if (!j.best_sparse) {
    j.reason = why_none(row, ContenderRole::sparse, rules);
    return j;
  }
  const Contender& dense = row.contenders[*j.best_dense];
  const Contender& sparse = row.contenders[*j.best_sparse];
  if (*j.roof_fraction < rules.least_roof_fraction) {
    j.reason = fmt::format(
        "the dense baseline {} reaches {:.0f} % of its roofline, at least {:.0f} % expected: a "
        "ratio would flatter",
        dense.probe, 100 * *j.roof_fraction, 100 * rules.least_roof_fraction);
    return j;
  }
  j.speedup = median(dense.seconds) / median(sparse.seconds);
  j.speedup_low = p10(dense) / p90(sparse);
  j.speedup_high = p90(dense) / p10(sparse);
  if (const auto paper = best(row, ContenderRole::paper_baseline, rules)) {
    j.paper_speedup = median(row.contenders[*paper].seconds) / median(sparse.seconds);
  }
  for (const Contender* one : {&dense, &sparse}) {
    if (const std::string why = noise(*one, rules); !why.empty() && j.reason.empty()) {
      j.reason = why;
    }
  }
  if (!j.reason.empty()) {
    j.verdict = ProbeVerdict::mistrusted;
    return j;
  }
  j.verdict = compare(dense, sparse, j, rules);
  if (j.verdict == ProbeVerdict::ambiguous) {
    j.reason =
        fmt::format("between {:.2f} and {:.2f} times as fast", *j.speedup_low, *j.speedup_high);
  }
  return j;
}

const Calibration& ProbeFile::calibration_of(const ProbeRow& row) const {
  const auto found = std::find_if(
      calibration.begin(), calibration.end(),
      [&](const Calibration& one) { return one.threads == row.threads && one.dtype == row.dtype; });
  if (found == calibration.end()) {
    throw std::invalid_argument(
        fmt::format("{}: timed on {} threads in {}, for which the machine wasn't calibrated",
                    row.name, row.threads, row.dtype));
  }
  return *found;
}

json to_json(const ProbeFile& file) {
  json calibration = json::array();
  for (const Calibration& one : file.calibration) {
    calibration.push_back({{"threads", one.threads},
                           {"dtype", one.dtype},
                           {"peak_flops", one.peak_flops},
                           {"bandwidth_bytes", one.bandwidth_bytes}});
  }
  json ticket = nullptr;
  if (file.ticket) {
    ticket = {{"file", file.ticket->file},
              {"sha256", file.ticket->sha256},
              {"mask_sha256", file.ticket->mask_sha256},
              {"run", file.ticket->run ? json(*file.ticket->run) : json(nullptr)},
              {"level", file.ticket->level}};
  }
  json rows = json::array();
  for (const ProbeRow& row : file.rows) rows.push_back(row_json(row, file.calibration_of(row)));
  return {{"schema", "ticketbench/probe"},
          {"schema_version", kSchemaVersion},
          {"hash", file.hash},
          {"spec", file.spec},
          {"command", file.command},
          {"provenance", file.provenance},
          {"calibration", calibration},
          {"ticket", ticket},
          {"rows", rows}};
}

const json& probe_schema() {
  static const json schema = json::parse(kProbeSchemaText);
  return schema;
}

ProbeFile parse_probe(const json& document, const std::string& source) {
  const json::json_pointer version("/ticketbench/schema_version");
  if (document.is_object() && document.contains(version) && document[version].is_number_integer() &&
      document[version] > kSchemaVersion) {
    throw std::invalid_argument(
        located(source, version.to_string(),
                fmt::format("version {} found, this program knows versions up to {}",
                            document[version].get<int64_t>(), kSchemaVersion)));
  }
  validate(document, probe_schema(), source);
  const json& ours = document["ticketbench"];
  ProbeFile file{.hash = ours["hash"],
                 .spec = ours["spec"],
                 .command = ours["command"],
                 .provenance = ours["provenance"],
                 .calibration = {},
                 .ticket = std::nullopt,
                 .rows = {}};
  for (const json& one : ours["calibration"]) {
    file.calibration.push_back({.threads = one["threads"],
                                .peak_flops = one["peak_flops"],
                                .bandwidth_bytes = one["bandwidth_bytes"],
                                .dtype = one.value("dtype", "fp32")});
  }
  if (const json& from = ours["ticket"]; !from.is_null()) {
    file.ticket = ProbedTicket{.file = from["file"],
                               .sha256 = from["sha256"],
                               .mask_sha256 = from["mask_sha256"],
                               .run = optional<std::string>(from["run"]),
                               .level = from["level"]};
  }
  for (std::size_t i = 0; i < ours["rows"].size(); ++i) {
    file.rows.push_back(parse_row(ours["rows"][i]));
    const ProbeRow& row = file.rows.back();
    const std::string pointer = fmt::format("/ticketbench/rows/{}", i);
    if (row.kept > row.total) {
      throw std::invalid_argument(
          located(source, pointer + "/kept",
                  fmt::format("{} found, at most total, {}", row.kept, row.total)));
    }
    try {
      (void)file.calibration_of(row);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(located(source, pointer + "/threads", error.what()));
    }
  }
  return file;
}

LoadedProbes load_probes(const std::vector<std::string>& paths) {
  LoadedProbes loaded;
  const auto wanted = [](std::string_view name) {
    return name.starts_with("probe-") && name.ends_with(".json");
  };
  for (const std::string& path :
       result_files(paths, wanted, /*any_name=*/false, "a probe-*.json or a folder of results",
                    loaded.errors)) {
    try {
      loaded.files.push_back(parse_probe(parse_json_file(path), path));
    } catch (const std::invalid_argument& error) {
      loaded.errors.emplace_back(error.what());
    }
  }
  std::stable_sort(loaded.files.begin(), loaded.files.end(),
                   [](const ProbeFile& a, const ProbeFile& b) { return a.hash < b.hash; });
  std::sort(loaded.errors.begin(), loaded.errors.end());
  return loaded;
}

}  // namespace ticketbench
