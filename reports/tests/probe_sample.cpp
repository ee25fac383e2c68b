#include "reports/tests/probe_sample.hpp"

namespace ticketbench {

std::vector<double> times_around(double middle, double step) {
  std::vector<double> seconds;
  for (int i = -4; i <= 4; ++i) seconds.push_back(middle * (1 + step * i));
  return seconds;
}

Contender timed(const std::string& name, ContenderRole role, double seconds) {
  return {.probe = name,
          .role = role,
          .dtype = "fp32",
          .layout = "NHWC",
          .seconds = times_around(seconds, 0.001),
          .pack_seconds = std::nullopt,
          .error = 1e-6,
          .problem = ""};
}

ProbeFile network_probe(const std::string& run, int64_t level, double sparse_seconds,
                        const std::string& finished) {
  ProbeFile file;
  file.command = "ticketbench probe --tickets 'results'";
  file.provenance = {{"cpu", "A processor"},
                     {"gpu", nullptr},
                     {"instruction_set", "avx512"},
                     {"finished", finished}};
  file.calibration = {{.threads = 2, .peak_flops = 1e11, .bandwidth_bytes = 1e10}};
  file.ticket =
      ProbedTicket{.file = "t", .sha256 = "", .mask_sha256 = "", .run = run, .level = level};
  file.rows = {{.name = "resnet20",
                .kind = "network",
                .what = "",
                .structure = "unstructured",
                .total = 10,
                .kept = 1,
                .dense_flops = 1e9,
                .kept_flops = 1e8,
                .bytes = 1e6,
                .batch = 100,
                .threads = 2,
                .copies = 1,
                .cache = "warm",
                .contenders = {timed("libtorch", ContenderRole::dense, 0.010),
                               timed("sparse_network", ContenderRole::sparse, sparse_seconds)}}};
  return file;
}

}  // namespace ticketbench
