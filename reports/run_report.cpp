#include "reports/run_report.hpp"

#include "reports/escape.hpp"
#include "reports/numbers.hpp"
#include "reports/text_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace ticketbench {
namespace {

using nlohmann::json;

constexpr std::size_t kWidth = 100;
constexpr std::size_t kNameWidth = 12;

// A part of the page, as plain words; text and Markdown only differ in how they set it.
struct Section {
  std::string title;
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<TextTable::Column> columns;
  std::vector<std::vector<std::string>> rows;
};

double percent(int64_t correct, int64_t examples) {
  return examples == 0 ? 0 : 100 * static_cast<double>(correct) / static_cast<double>(examples);
}

std::string percent_words(const Evaluation& evaluation) {
  return fmt::format("{:.2f}", percent(evaluation.top1_correct, evaluation.examples));
}

template <typename T>
std::string known(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : "unknown";
}

std::string bytes(const std::optional<int64_t>& count) {
  return count ? with_prefix(static_cast<double>(*count)) + "B" : "unknown";
}

std::string fields_words(const json& fields) {
  std::vector<std::string> words;
  for (const auto& [name, value] : fields.items()) {
    words.push_back(
        fmt::format("{}={}", name, value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return fmt::format("{}", fmt::join(words, " "));
}

// Facts without a value are left out.
void add_fact(Section& section, const std::string& name, const std::string& value) {
  if (!value.empty()) {
    section.facts.emplace_back(name, value);
  }
}

Section what_it_was(const Record& record) {
  Section section{.title = fmt::format("{}, seed {}: {}", record.name, record.seed,
                                       status_name(record.status))};
  add_fact(section, "reason", record.reason);
  add_fact(
      section, "method",
      fmt::format("{} ({} version {})", record.card.title, record.method, record.method_version));
  add_fact(section, "paper",
           record.card.paper.empty() || record.card.place.empty()
               ? record.card.paper
               : record.card.paper + ", " + record.card.place);
  for (const std::string& sentence : record.card.deviations) {
    add_fact(section, "deviation", sentence);
  }
  add_fact(section, "fields", fields_words(record.fields));
  if (record.source) {
    add_fact(section, "source",
             fmt::format("{} of run {}",
                         record.source->level ? fmt::format("level {}", *record.source->level)
                                              : "the last level",
                         record.source->hash));
  }
  add_fact(section, "harness",
           fmt::format("{}, {}, recipe {}, {}, version {}", record.dataset, record.model,
                       record.recipe_name(), record.division, record.harness_version));
  if (const auto& data = record.data) {
    add_fact(section, "images",
             fmt::format("{} train, {} val, {} test; {} classes; {}", grouped(data->train),
                         grouped(data->val), grouped(data->test), data->classes,
                         fmt::join(data->input, " × ")));
  }
  add_fact(section, "suite", fmt::format("{} ({})", record.suite_title, record.suite_file));
  if (record.selected_on_test) {
    add_fact(section, "selection", "on the test set, so the accuracy is too good");
  }
  add_fact(section, "hash", record.hash);
  add_fact(section, "again by", record.command);
  return section;
}

Section points(const Record& record) {
  Section section{.title = "Points",
                  .columns = {{.header = "level", .right = true},
                              {.header = "density", .right = true},
                              {.header = "kept", .right = true},
                              {.header = "MACs", .right = true},
                              {.header = "top-1 %", .right = true},
                              {.header = "top-5 %", .right = true},
                              {.header = "loss", .right = true},
                              {.header = "val %", .right = true},
                              {.header = "epoch", .right = true},
                              {.header = "train MACs", .right = true},
                              {.header = "time", .right = true},
                              {.header = "structure"}}};
  for (const Point& point : record.points) {
    section.rows.push_back(
        {std::to_string(point.level), fmt::format("{:.4f}", point.density()),
         grouped(point.counts.kept_prunable), with_prefix(static_cast<double>(point.kept_macs)),
         percent_words(point.test),
         fmt::format("{:.2f}", percent(point.test.top5_correct, point.test.examples)),
         point.test.loss ? fmt::format("{:.4f}", *point.test.loss) : "not finite",
         point.val ? percent_words(*point.val) : "",
         fmt::format("{} of {}", point.selected_epoch, point.final_epoch),
         with_prefix(point.train.macs), point.seconds ? duration(*point.seconds) : "",
         point.structure + (point.layer_collapse ? ", a layer is empty" : "")});
  }
  if (!record.points.empty()) {
    const Point& point = record.points.front();
    section.facts.emplace_back(
        "dense net",
        fmt::format("{} weights, {} of them prunable, {} MACs for one image",
                    grouped(point.counts.total_params), grouped(point.counts.prunable_params),
                    with_prefix(static_cast<double>(point.dense_macs))));
    section.facts.emplace_back("selection", point.selection);
  }
  return section;
}

// "2.000 to 0.667 ▁▂▃" of a series, `number` being fmt's form of one; empty without a series.
std::string series_words(const std::vector<double>& values, std::string_view number) {
  if (values.empty()) {
    return "";
  }
  return fmt::format("{} to {} {}", fmt::format(fmt::runtime(number), values.front()),
                     fmt::format(fmt::runtime(number), values.back()), sparkline(values));
}

Section curves(const Record& record) {
  Section section{.title = "Curves, first to last epoch",
                  .columns = {{.header = "phase"},
                              {.header = "iterations", .right = true},
                              {.header = "epochs", .right = true},
                              {.header = "train loss"},
                              {.header = "train %"},
                              {.header = "test %"},
                              {.header = "val %"}}};
  for (const Curve& curve : record.curves) {
    std::vector<double> loss;
    std::vector<double> train;
    std::vector<double> test;
    std::vector<double> val;
    for (const Epoch& epoch : curve.epochs) {
      if (epoch.train_loss) {
        loss.push_back(*epoch.train_loss);
      }
      train.push_back(percent(epoch.train_correct, epoch.train_examples));
      if (epoch.test) {
        test.push_back(percent(epoch.test->top1_correct, epoch.test->examples));
      }
      if (epoch.val) {
        val.push_back(percent(epoch.val->top1_correct, epoch.val->examples));
      }
    }
    section.rows.push_back({curve.phase, fmt::format("{} to {}", curve.from, curve.to),
                            std::to_string(curve.epochs.size()), series_words(loss, "{:.3f}"),
                            series_words(train, "{:.2f}"), series_words(test, "{:.2f}"),
                            series_words(val, "{:.2f}")});
  }
  return section;
}

Section measures(const Record& record) {
  Section section{.title = "Measures, first to last",
                  .columns = {{.header = "name"},
                              {.header = "unit"},
                              {.header = "values", .right = true},
                              {.header = "series"}}};
  for (const Measure& measure : record.measures) {
    std::vector<double> values;
    for (const Measure::Value& one : measure.values) {
      if (one.value) {
        values.push_back(*one.value);
      }
    }
    section.rows.push_back({measure.name, measure.unit, std::to_string(measure.values.size()),
                            series_words(values, "{:.4g}")});
  }
  return section;
}

Section where_and_when(const Record& record) {
  Section section{.title = "Where and when"};
  if (const auto& timing = record.timing) {
    add_fact(
        section, "time",
        fmt::format("{}, {} images/s, {:.1f} % spent waiting for data",
                    timing->seconds ? duration(*timing->seconds) : "unknown",
                    timing->images_per_second ? with_prefix(*timing->images_per_second) : "unknown",
                    100 * timing->wait_fraction.value_or(0)));
  }
  if (const auto& by = record.provenance) {
    add_fact(section, "program",
             fmt::format("ticketbench {}, git {}{}, {}", by->ticketbench, by->git,
                         by->dirty ? " with uncommitted changes" : "", by->compiler));
    add_fact(
        section, "engine",
        fmt::format("{} on {}, LibTorch {}{}", known(by->engine), known(by->device),
                    known(by->libtorch), by->deterministic == false ? ", not deterministic" : ""));
    add_fact(section, "machine",
             fmt::format("{}: {}, {} of {} cores used, {} memory, {} at most taken",
                         known(by->host), by->gpu ? *by->gpu : known(by->cpu), known(by->threads),
                         known(by->cores), bytes(by->memory_bytes), bytes(by->peak_memory_bytes)));
    add_fact(section, "when",
             fmt::format("{} to {}, resumed {} times", known(by->started), known(by->finished),
                         by->resume_count));
  }
  return section;
}

std::vector<Section> sections(const Record& record) {
  std::vector<Section> all = {what_it_was(record), points(record), curves(record), measures(record),
                              where_and_when(record)};
  std::erase_if(all, [](const Section& s) { return s.facts.empty() && s.rows.empty(); });
  return all;
}

std::string text_report(const Record& record) {
  std::string text;
  for (const Section& section : sections(record)) {
    text += fmt::format("{}{}\n", text.empty() ? "" : "\n", printable(section.title));
    for (const auto& [name, value] : section.facts) {
      text += fmt::format("  {:<{}}{}\n", name, kNameWidth,
                          fmt::join(wrap(printable(value), kWidth - kNameWidth - 2),
                                    "\n" + std::string(kNameWidth + 2, ' ')));
    }
    if (section.rows.empty()) {
      continue;
    }
    TextTable table(section.columns);
    for (std::vector<std::string> row : section.rows) {
      for (std::string& cell : row) cell = printable(cell);
      table.add_row(row);
    }
    text += "\n" + table.render(kWidth);
  }
  return text;
}

std::string markdown_report(const Record& record) {
  std::string text;
  for (const Section& section : sections(record)) {
    text += fmt::format("{} {}\n\n", text.empty() ? "#" : "\n##", escape_markdown(section.title));
    for (const auto& [name, value] : section.facts) {
      text += fmt::format("- {}: {}\n", name, escape_markdown(value));
    }
    if (section.rows.empty()) {
      continue;
    }
    text += section.facts.empty() ? "|" : "\n|";
    for (const auto& column : section.columns) text += fmt::format(" {} |", column.header);
    text += "\n|";
    for (const auto& column : section.columns) text += column.right ? " ---: |" : " --- |";
    for (const auto& row : section.rows) {
      text += "\n|";
      for (const std::string& cell : row) text += fmt::format(" {} |", escape_markdown(cell));
    }
    text += "\n";
  }
  return text;
}

json point_json(const Point& point) {
  return {{"level", point.level},
          {"density_prunable", point.density()},
          {"kept_prunable", point.counts.kept_prunable},
          {"prunable_params", point.counts.prunable_params},
          {"structure", point.structure},
          {"layer_collapse", point.layer_collapse},
          {"macs", {{"dense", point.dense_macs}, {"kept", point.kept_macs}}},
          {"top1_percent", percent(point.test.top1_correct, point.test.examples)},
          {"top5_percent", percent(point.test.top5_correct, point.test.examples)},
          {"loss", point.test.loss ? json(*point.test.loss) : json()},
          {"selection", point.selection},
          {"selected_epoch", point.selected_epoch},
          {"final_epoch", point.final_epoch},
          {"train",
           {{"iterations", point.train.iterations},
            {"examples", point.train.examples},
            {"macs", point.train.macs}}},
          {"seconds", point.seconds ? json(*point.seconds) : json()}};
}

std::string json_report(const Record& record) {
  json all = json::array();
  for (const Point& point : record.points) all.push_back(point_json(point));
  const json document = {{"schema", "ticketbench/report"},
                         {"schema_version", 1},
                         {"hash", record.hash},
                         {"name", record.name},
                         {"method",
                          {{"name", record.method},
                           {"version", record.method_version},
                           {"fields", record.fields},
                           {"title", record.card.title},
                           {"paper", record.card.paper},
                           {"place", record.card.place},
                           {"deviations", record.card.deviations}}},
                         {"dataset", record.dataset},
                         {"model", record.model},
                         {"recipe", record.recipe_name()},
                         {"division", record.division},
                         {"seed", record.seed},
                         {"status", status_name(record.status)},
                         {"reason", record.reason},
                         {"selected_on_test", record.selected_on_test},
                         {"command", record.command},
                         {"points", all}};
  return document.dump(2) + "\n";
}

}  // namespace

std::string run_report(const Record& record, Format format) {
  switch (format) {
    case Format::text:
      return text_report(record);
    case Format::markdown:
      return markdown_report(record);
    case Format::json:
      return json_report(record);
    case Format::html:
    case Format::csv:
    case Format::latex:
      break;
  }
  throw std::invalid_argument("the report of one run comes as text, md or json");
}

}  // namespace ticketbench
