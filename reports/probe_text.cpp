#include "reports/probe_text.hpp"

#include "reports/escape.hpp"
#include "reports/statistics.hpp"
#include "reports/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace ticketbench {
namespace {

using nlohmann::json;

constexpr std::size_t kWidth = 100;

std::string milliseconds(double seconds) {
  const double ms = seconds * 1e3;
  return ms >= 100 ? fmt::format("{:.0f}", ms)
         : ms >= 1 ? fmt::format("{:.2f}", ms)
                   : fmt::format("{:.4f}", ms);
}

std::string density_words(const ProbeRow& row) {
  return fmt::format("{:.4f}", static_cast<double>(row.kept) / static_cast<double>(row.total));
}

// The cells of a row, not yet escaped.
struct Cells {
  std::string name, what, density, threads, dense, dense_by, sparse, sparse_by, speedup, peak,
      verdict;
};

Cells cells_of(const ProbeRow& row, const ProbeJudgement& j) {
  const std::string type = row.dtype == "fp32" ? "" : ", " + row.dtype;
  Cells cells{
      .name = (row.copies > 1 ? fmt::format("{} (x{})", row.name, row.copies) : row.name) + type,
      .what = row.what,
      .density = density_words(row),
      .threads = fmt::format("{}", row.threads)};
  if (j.best_dense) {
    cells.dense = milliseconds(median(row.contenders[*j.best_dense].seconds));
    cells.dense_by = row.contenders[*j.best_dense].probe;
  }
  if (j.best_sparse) {
    cells.sparse = milliseconds(median(row.contenders[*j.best_sparse].seconds));
    cells.sparse_by = row.contenders[*j.best_sparse].probe;
  }
  cells.speedup = j.speedup ? fmt::format("{:.2f}x", *j.speedup) : "null";
  cells.peak = j.peak_fraction ? fmt::format("{:.0f}", 100 * *j.peak_fraction) : "";
  cells.verdict = verdict_name(j.verdict);
  return cells;
}

// "2 threads", "1 thread in tf32".
std::string threads_words(const Calibration& machine) {
  return fmt::format("{} thread{}{}", machine.threads, machine.threads == 1 ? "" : "s",
                     machine.dtype == "fp32" ? "" : " in " + machine.dtype);
}

// Dense and sparse time of all layers on so many threads, each as often as the network has it;
// nothing where a layer has no ratio that may be told.
std::string sum_words(const ProbeFile& file, const Calibration& machine) {
  double dense = 0;
  double sparse = 0;
  for (const ProbeRow& row : file.rows) {
    if (row.kind != "layer" || row.threads != machine.threads || row.dtype != machine.dtype) {
      continue;
    }
    const ProbeJudgement j = judge(row, file.calibration_of(row));
    if (!j.speedup) return "";
    const auto copies = static_cast<double>(row.copies);
    dense += copies * median(row.contenders[*j.best_dense].seconds);
    sparse += copies * median(row.contenders[*j.best_sparse].seconds);
  }
  if (dense == 0) return "";
  return fmt::format("The layers above add up to {} ms dense and {} ms sparse on {}: {:.2f}x.",
                     milliseconds(dense), milliseconds(sparse), threads_words(machine),
                     dense / sparse);
}

// What else was timed: other types, the paper's kind of baseline, and what could not be.
std::vector<std::string> remarks(const ProbeFile& file) {
  std::vector<std::string> lines;
  std::set<std::string> reasons;
  for (const ProbeRow& row : file.rows) {
    const ProbeJudgement j = judge(row, file.calibration_of(row));
    if (!j.reason.empty()) reasons.insert(fmt::format("{}: {}", row.name, j.reason));
    if (row.kind != "network") continue;
    for (const Contender& c : row.contenders) {
      if (!c.timed()) continue;
      lines.push_back(fmt::format("{} by {} ({}) on {} thread{}: {} ms, {:.0f} images a second.",
                                  row.name, c.probe, c.dtype, row.threads,
                                  row.threads == 1 ? "" : "s", milliseconds(median(c.seconds)),
                                  static_cast<double>(row.batch) / median(c.seconds)));
    }
  }
  lines.insert(lines.end(), reasons.begin(), reasons.end());
  const json& gpu = file.provenance.at("gpu");
  for (const Calibration& one : file.calibration) {
    const std::string sum = sum_words(file, one);
    if (!sum.empty()) lines.push_back(sum);
    lines.push_back(fmt::format("{} on {}: {:.1f} GFLOP/s of multiply-adds at most, {:.1f} GB/s.",
                                gpu.is_null() ? "This machine" : "The GPU", threads_words(one),
                                one.peak_flops / 1e9, one.bandwidth_bytes / 1e9));
  }
  lines.push_back(fmt::format("Timed on {}{}, {}; load {:.2f} before, {:.2f} after.",
                              gpu.is_null() ? "" : gpu.get<std::string>() + " beside ",
                              file.provenance.at("cpu").get<std::string>(),
                              file.provenance.at("instruction_set").get<std::string>(),
                              file.provenance.at("load").at("before").get<double>(),
                              file.provenance.at("load").at("after").get<double>()));
  lines.emplace_back(
      "Times in ms for the whole batch, medians. Speed-up: the best dense way over the best sparse "
      "one, both in float32 where nothing else is said; null: see the reason. peak: kept work of "
      "the sparse one, percent of the machine's.");
  return lines;
}

std::string text(const ProbeFile& file) {
  // Without the shapes, which the Markdown form has: they would be wrapped to slivers.
  TextTable table({{.header = "layer", .shrinks = true},
                   {.header = "density", .right = true},
                   {.header = "threads", .right = true},
                   {.header = "dense", .right = true},
                   {.header = "by"},
                   {.header = "sparse", .right = true},
                   {.header = "by"},
                   {.header = "speed-up", .right = true},
                   {.header = "peak", .right = true},
                   {.header = "verdict"}});
  for (const ProbeRow& row : file.rows) {
    const Cells c = cells_of(row, judge(row, file.calibration_of(row)));
    table.add_row({printable(c.name), c.density, c.threads, c.dense, printable(c.dense_by),
                   c.sparse, printable(c.sparse_by), c.speedup, c.peak, c.verdict});
  }
  std::string result = table.render(kWidth) + "\n";
  for (const std::string& line : remarks(file)) {
    for (const std::string& part : wrap(printable(line), kWidth)) result += part + "\n";
  }
  return result;
}

std::string markdown(const ProbeFile& file) {
  std::string result =
      "| layer | shape | density | threads | dense, ms | by | sparse, ms | by | speed-up | peak, % "
      "| "
      "verdict |\n| --- | --- | ---: | ---: | ---: | --- | ---: | --- | ---: | ---: | --- |\n";
  for (const ProbeRow& row : file.rows) {
    const Cells c = cells_of(row, judge(row, file.calibration_of(row)));
    result += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
                          escape_markdown(c.name), escape_markdown(c.what), c.density, c.threads,
                          c.dense, escape_markdown(c.dense_by), c.sparse,
                          escape_markdown(c.sparse_by), c.speedup, c.peak, c.verdict);
  }
  result += "\n";
  for (const std::string& line : remarks(file)) result += "- " + escape_markdown(line) + "\n";
  return result;
}

}  // namespace

std::string tickets_text(const std::vector<ProbeFile>& files) {
  TextTable table({{.header = "run"},
                   {.header = "level", .right = true},
                   {.header = "network", .shrinks = true},
                   {.header = "density", .right = true},
                   {.header = "threads", .right = true},
                   {.header = "dense, ms", .right = true},
                   {.header = "sparse, ms", .right = true},
                   {.header = "speed-up", .right = true},
                   {.header = "verdict"}});
  for (const ProbeFile& file : files) {
    for (const ProbeRow& row : file.rows) {
      if (row.kind != "network") continue;
      const Cells c = cells_of(row, judge(row, file.calibration_of(row)));
      table.add_row({file.ticket && file.ticket->run ? file.ticket->run->substr(0, 8) : "",
                     file.ticket ? fmt::format("{}", file.ticket->level) : "", printable(c.name),
                     c.density, c.threads, c.dense, c.sparse, c.speedup, c.verdict});
    }
  }
  return table.render(kWidth);
}

std::string render(const ProbeFile& file, Format format) {
  if (format == Format::text) return text(file);
  if (format == Format::markdown) return markdown(file);
  throw std::invalid_argument("a probe is written as text or md");
}

}  // namespace ticketbench
