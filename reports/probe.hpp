// What layers and networks cost on one machine, as a probe timed them, and what may be said of it.
// The format is schema/probe.schema.json; Google Benchmark's tools read the same files.

#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ticketbench {

enum class ContenderRole {
  dense,           // computes everything: what a ratio is held against
  sparse,          // leaves out what is pruned
  paper_baseline,  // dense as a paper timed it, shown apart
};
std::string_view role_name(ContenderRole role);

// One way of computing a row.
struct Contender {
  std::string probe;  // registered name
  ContenderRole role = ContenderRole::dense;
  std::string dtype;                   // "fp32", "bf16", ...
  std::string layout;                  // of activations, in the field's words
  std::vector<double> seconds;         // of one call, one for each repetition
  std::optional<double> pack_seconds;  // for mask and weights; absent: nothing to pack
  // Largest difference from the reference over the root mean square of it; absent: not compared.
  std::optional<double> error;
  std::string problem;  // why it wasn't timed; empty: it was

  [[nodiscard]] bool timed() const { return problem.empty() && !seconds.empty(); }
};

// A layer or a whole network with one mask, one batch and one number of threads.
struct ProbeRow {
  std::string name;
  std::string kind;  // layer, network
  std::string what;  // the shape in words
  std::string structure;
  int64_t total = 0;  // weights
  int64_t kept = 0;
  double dense_flops = 0;  // two for each multiply-add, of the whole batch
  double kept_flops = 0;
  double bytes = 0;  // that dense work must move at least: input, weights, output
  int64_t batch = 0;
  int64_t threads = 0;
  int64_t copies = 1;          // layers of the network that look the same
  std::string cache;           // warm, cold
  std::string dtype = "fp32";  // of the contenders that are compared; others stand beside them
  std::vector<Contender> contenders;
};

// What the machine can do at best.
struct Calibration {
  int64_t threads = 0;
  double peak_flops = 0;       // a second, fused multiply-adds of this type
  double bandwidth_bytes = 0;  // a second, from and to memory
  std::string dtype = "fp32";
};

enum class ProbeVerdict { faster, slower, same, ambiguous, mistrusted, none };
std::string_view verdict_name(ProbeVerdict verdict);

// What a row says. A ratio stands only beside a dense baseline that does its work well enough.
struct ProbeJudgement {
  std::optional<std::size_t> best_dense;  // places in `contenders`
  std::optional<std::size_t> best_sparse;
  std::optional<double> speedup;        // median of the best dense over the best sparse
  std::optional<double> speedup_low;    // 10th over 90th percentile
  std::optional<double> speedup_high;   // 90th over 10th
  std::optional<double> paper_speedup;  // of the paper's kind of baseline over the best sparse
  std::optional<double> roof_fraction;  // of the roofline, by the best dense
  std::optional<double> peak_fraction;  // of the machine's peak, kept work of the best sparse
  ProbeVerdict verdict = ProbeVerdict::none;
  std::string reason;  // of none, ambiguous and mistrusted
};

struct ProbeRules {
  double least_roof_fraction = 0.3;  // of min(peak, bandwidth x intensity), by the best dense
  double largest_spread = 0.25;      // (p90 - p10) / median; more is noise
  int64_t least_repetitions = 9;
  double significance = 0.01;     // of the Mann-Whitney test
  double smallest_effect = 0.02;  // ratios nearer to 1 are no difference

  // Of what is timed, against the reference, in its root mean square. Of TF32 ten bits after the
  // point are multiplied, of bf16 seven, and its sums are rounded to them; where most filters are
  // pruned the root mean square of all outputs is a fraction of those that aren't zero.
  [[nodiscard]] double largest_error(std::string_view dtype) const;
};

// Contenders are compared within the row's dtype.
ProbeJudgement judge(const ProbeRow& row, const Calibration& machine, const ProbeRules& rules = {});

struct ProbedTicket {
  std::string file;
  std::string sha256;
  std::string mask_sha256;
  std::optional<std::string> run;  // hash of the run that made it
  int64_t level = 0;
};

// One file.
struct ProbeFile {
  std::string hash;
  nlohmann::json spec;
  std::string command;
  nlohmann::json provenance;
  std::vector<Calibration> calibration;
  std::optional<ProbedTicket> ticket;
  std::vector<ProbeRow> rows;

  // That of a row's number of threads and dtype. Throws std::invalid_argument where there is none.
  [[nodiscard]] const Calibration& calibration_of(const ProbeRow& row) const;
};

// The part of the file that isn't Google Benchmark's, judgements included.
nlohmann::json to_json(const ProbeFile& file);

// The JSON Schema of such a file, compiled into the program.
const nlohmann::json& probe_schema();

// Throws std::invalid_argument, in the words of json_schema.hpp, if the document breaks the schema
// or contradicts itself. `source` names the document. Judgements aren't read but made again.
ProbeFile parse_probe(const nlohmann::json& document, const std::string& source);

struct LoadedProbes {
  std::vector<ProbeFile> files;
  std::vector<std::string> errors;  // one sentence for each file that can't be used
};

// The files named probe-*.json below these folders, and such files themselves, sorted by hash;
// other files are left alone.
LoadedProbes load_probes(const std::vector<std::string>& paths);

}  // namespace ticketbench
