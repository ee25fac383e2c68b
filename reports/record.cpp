#include "reports/record.hpp"

#include "reports/json_schema.hpp"
#include "reports/json_view.hpp"
#include "reports/result_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <future>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>

namespace ticketbench {

// Generated from schema/record.schema.json by this folder's CMakeLists.txt.
extern const char* const kRecordSchemaText;

namespace {

using nlohmann::json;

constexpr int64_t kSchemaVersion = 1;

constexpr std::array<std::pair<Status, std::string_view>, 5> kStatusNames = {{
    {Status::ok, "ok"},
    {Status::failed, "failed"},
    {Status::skipped, "skipped"},
    {Status::timeout, "timeout"},
    {Status::mistrusted, "mistrusted"},
}};

Status parse_status(std::string_view word) {
  const auto found = std::find_if(kStatusNames.begin(), kStatusNames.end(),
                                  [&](const auto& entry) { return entry.second == word; });
  if (found == kStatusNames.end()) {
    throw std::invalid_argument(fmt::format("no status \"{}\"", word));
  }
  return found->first;
}

template <class T, class Value>
std::optional<T> optional(const Value& value) {
  if (value.is_null()) {
    return std::nullopt;
  }
  return value.template get<T>();
}

template <class Value>
Evaluation parse_evaluation(const Value& value) {
  return {.examples = value["examples"],
          .top1_correct = value["top1_correct"],
          .top5_correct = value["top5_correct"],
          .loss = optional<double>(value["loss"])};
}

template <class Value>
std::optional<Evaluation> parse_optional_evaluation(const Value& value) {
  if (value.is_null()) {
    return std::nullopt;
  }
  return parse_evaluation(value);
}

template <class Value>
Layer parse_layer(const Value& value) {
  return {.name = value["name"],
          .shape = value["shape"],
          .total = value["total"],
          .kept = value["kept"],
          .macs = value["macs"],
          .kept_macs = value["kept_macs"],
          .dead_filters = value["dead_filters"]};
}

template <class Value>
Point parse_point(const Value& value) {
  Point point;
  const auto& counts = value["counts"];
  point.level = value["level"];
  point.counts = {.total_params = counts["total_params"],
                  .prunable_params = counts["prunable_params"],
                  .kept_prunable = counts["kept_prunable"],
                  .kept_total = counts["kept_total"],
                  .exact_k_deviation = optional<int64_t>(counts["exact_k_deviation"])};
  for (const auto& layer : value["layers"]) point.layers.push_back(parse_layer(layer));
  point.structure = value["structure"];
  point.dense_macs = value["macs"]["dense"];
  point.kept_macs = value["macs"]["kept"];
  if (value.contains("model")) {
    point.model = ModelSize{.prunable_params = value["model"]["prunable_params"],
                            .macs = value["model"]["macs"]};
  }
  point.layer_collapse = value["layer_collapse"];
  point.test = parse_evaluation(value["test"]);
  point.val = parse_optional_evaluation(value["val"]);
  point.selection = value["selection"];
  point.final_epoch = value["final_epoch"];
  point.selected_epoch = value["selected_epoch"];
  point.train = {.iterations = value["train"]["iterations"],
                 .examples = value["train"]["examples"],
                 .macs = value["train"]["macs"]};
  point.ticket = optional<std::string>(value["ticket"]);
  point.mask_sha256 = value["mask_sha256"];
  point.prediction_sha256 = value["prediction_sha256"];
  return point;
}

template <class Value>
Measure parse_measure(const Value& value) {
  Measure measure{.name = value["name"], .unit = value["unit"], .values = {}};
  for (const auto& one : value["points"]) {
    measure.values.push_back({.at = one["at"], .value = optional<double>(one["value"])});
  }
  return measure;
}

template <class Value>
Curve parse_curve(const Value& value) {
  Curve curve{.phase = value["phase"], .from = value["from"], .to = value["to"], .epochs = {}};
  for (const auto& epoch : value["epochs"]) {
    curve.epochs.push_back({.epoch = epoch["epoch"],
                            .iteration = epoch["iteration"],
                            .learning_rate = epoch["learning_rate"],
                            .train_loss = optional<double>(epoch["train_loss"]),
                            .train_examples = epoch["train_examples"],
                            .train_correct = epoch["train_correct"],
                            .test = parse_optional_evaluation(epoch["test"]),
                            .val = parse_optional_evaluation(epoch["val"])});
  }
  return curve;
}

template <class Value>
DataFacts parse_data(const Value& value) {
  return {.name = value["name"],
          .classes = value["classes"],
          .train = value["train"],
          .val = value["val"],
          .test = value["test"],
          .val_source = value["val_source"],
          .input = value["input"]};
}

template <class Value>
Provenance parse_provenance(const Value& value) {
  return {.ticketbench = value["ticketbench"],
          .git = value["git"],
          .dirty = value["dirty"],
          .compiler = value["compiler"],
          .libtorch = optional<std::string>(value["libtorch"]),
          .device = optional<std::string>(value["device"]),
          .engine = optional<std::string>(value["engine"]),
          .cpu = optional<std::string>(value["cpu"]),
          .gpu = optional<std::string>(value["gpu"]),
          .host = optional<std::string>(value["host"]),
          .started = optional<std::string>(value["started"]),
          .finished = optional<std::string>(value["finished"]),
          .cores = optional<int64_t>(value["cores"]),
          .threads = optional<int64_t>(value["threads"]),
          .memory_bytes = optional<int64_t>(value["memory_bytes"]),
          .peak_memory_bytes = optional<int64_t>(value["peak_memory_bytes"]),
          .resume_count = value["resume_count"],
          .deterministic = optional<bool>(value["deterministic"])};
}

// The rules that tie numbers of one record together.
class Consistency {
 public:
  explicit Consistency(const std::string& source) : source_(source) {}

  template <class Value>
  void check(const Record& record, const Value& document) const {
    std::set<int64_t> levels;
    for (std::size_t i = 0; i < record.points.size(); ++i) {
      const std::string at = fmt::format("/results/points/{}", i);
      const Point& point = record.points[i];
      expect(levels.insert(point.level).second, at + "/level",
             "level {} stands twice, expected one point for each level", point.level);
      check_point(point, at);
      const auto stated =
          document["results"]["points"].at(i)["density"]["prunable"].template get<double>();
      const double density = static_cast<double>(point.counts.kept_prunable) /
                             static_cast<double>(point.counts.prunable_params);
      expect(std::abs(stated - density) < 1e-6, at + "/density/prunable",
             "found {}, expected kept_prunable / prunable_params = {}", stated, density);
      expect(point.selection != "best_test" || record.selected_on_test, at + "/selection",
             "found \"best_test\" in a record that says selected_on_test: false");
    }
    if (record.status == Status::ok) {
      check_all_finite(document["results"]["points"], "/results/points");
      check_believable(record);
    }
    check_timing(record, document["timing"], levels);
  }

 private:
  template <typename... Args>
  void expect(bool good, const std::string& at, fmt::format_string<Args...> words,
              Args&&... args) const {
    if (good) {
      return;
    }
    throw std::invalid_argument(
        located(source_, at, fmt::format(words, std::forward<Args>(args)...)));
  }

  void at_most(int64_t found, int64_t most, const std::string& at, const char* name) const {
    expect(found <= most, at, "found {}, expected at most {} = {}", found, name, most);
  }

  void check_evaluation(const Evaluation& evaluation, const std::string& at) const {
    at_most(evaluation.top1_correct, evaluation.top5_correct, at + "/top1_correct", "top5_correct");
    at_most(evaluation.top5_correct, evaluation.examples, at + "/top5_correct", "examples");
  }

  void check_point(const Point& point, const std::string& at) const {
    const Counts& counts = point.counts;
    at_most(counts.prunable_params, counts.total_params, at + "/counts/prunable_params",
            "total_params");
    at_most(counts.kept_prunable, counts.prunable_params, at + "/counts/kept_prunable",
            "prunable_params");
    at_most(counts.kept_total, counts.total_params, at + "/counts/kept_total", "total_params");
    at_most(counts.kept_prunable, counts.kept_total, at + "/counts/kept_prunable", "kept_total");
    at_most(point.kept_macs, point.dense_macs, at + "/macs/kept", "dense");
    if (point.model) {
      at_most(counts.kept_prunable, point.model->prunable_params, at + "/counts/kept_prunable",
              "prunable_params of the model");
      at_most(point.kept_macs, point.model->macs, at + "/macs/kept", "macs of the model");
    }
    at_most(point.selected_epoch, point.final_epoch, at + "/selected_epoch", "final_epoch");
    check_evaluation(point.test, at + "/test");
    if (point.val) {
      check_evaluation(*point.val, at + "/val");
    }

    int64_t total = 0;
    int64_t kept = 0;
    bool collapsed = false;
    for (std::size_t i = 0; i < point.layers.size(); ++i) {
      const Layer& layer = point.layers[i];
      // Before adding, so that the sum can't overflow.
      const int64_t rest = counts.prunable_params - total;
      // The words are only made for a layer that needs them: a record has many.
      if (layer.kept > layer.total || layer.kept_macs > layer.macs || layer.total > rest) {
        const std::string at_layer = fmt::format("{}/layers/{}", at, i);
        at_most(layer.kept, layer.total, at_layer + "/kept", "total");
        at_most(layer.kept_macs, layer.macs, at_layer + "/kept_macs", "macs");
        at_most(layer.total, rest, at_layer + "/total", "prunable_params less the layers before");
      }
      total += layer.total;
      kept += layer.kept;
      collapsed = collapsed || layer.kept == 0;
    }
    expect(total == counts.prunable_params, at + "/layers",
           "found {} weights in all layers, expected prunable_params = {}", total,
           counts.prunable_params);
    expect(kept == counts.kept_prunable, at + "/layers",
           "found {} kept weights in all layers, expected kept_prunable = {}", kept,
           counts.kept_prunable);
    expect(collapsed == point.layer_collapse, at + "/layer_collapse",
           "found {}, but {} layer has nothing kept", point.layer_collapse, collapsed ? "a" : "no");
  }

  // What the runner would have called mistrusted is not ok in a record made elsewhere either.
  void check_believable(const Record& record) const {
    for (std::size_t i = 0; i < record.points.size(); ++i) {
      const std::string at = fmt::format("/results/points/{}", i);
      const Point& point = record.points[i];
      expect(!point.layer_collapse, at + "/layer_collapse",
             "found true in a run with status ok, expected status mistrusted");
      const int64_t deviation = point.counts.exact_k_deviation.value_or(0);
      expect(deviation == 0 || point.structure != "unstructured", at + "/counts/exact_k_deviation",
             "found {} in a run with status ok, expected 0", deviation);
      expect(!record.data || point.test.examples == record.data->test, at + "/test/examples",
             "found {}, expected all {} test images", point.test.examples,
             record.data ? record.data->test : 0);
    }
  }

  // In points only "ticket", "ticket_sha256", "val" and "exact_k_deviation" may be null in a
  // run that is ok; any other null stands for a number that was not finite.
  template <class Value>
  void check_all_finite(const Value& value, const std::string& at) const {
    if (value.is_array()) {
      std::size_t i = 0;
      for (const auto& item : value) {
        if (item.is_structured()) check_all_finite(item, fmt::format("{}/{}", at, i));
        ++i;
      }
    }
    if (!value.is_object()) {
      return;
    }
    for (const auto& [key, child] : value.items()) {
      const bool may_be_null =
          key == "ticket" || key == "ticket_sha256" || key == "val" || key == "exact_k_deviation";
      if (child.is_null()) {
        expect(may_be_null, fmt::format("{}/{}", at, key),
               "found null (a number that is not finite) in a run with status ok, expected a "
               "number");
      } else if (child.is_structured()) {
        check_all_finite(child, fmt::format("{}/{}", at, key));
      }
    }
  }

  template <class Value>
  void check_timing(const Record& record, const Value& timing,
                    const std::set<int64_t>& levels) const {
    if (timing.is_null()) {
      return;
    }
    std::set<int64_t> timed;
    for (std::size_t i = 0; i < timing["points"].size(); ++i) {
      const std::string at = fmt::format("/timing/points/{}/level", i);
      const auto level = timing["points"].at(i)["level"].template get<int64_t>();
      expect(levels.contains(level), at, "found {}, expected a level of /results/points", level);
      expect(timed.insert(level).second, at, "level {} stands twice, expected once", level);
    }
    expect(record.status != Status::ok || timed == levels, "/timing/points",
           "found {} levels, expected all {} of /results/points", timed.size(), levels.size());
  }

  const std::string& source_;
};

// Says what is known of the version before the schema speaks: it would only say "expected 1".
void check_version(const json& document, const std::string& source) {
  if (!document.is_object() || document.value("schema", json()) != "ticketbench/record") {
    return;
  }
  const json version = document.value("schema_version", json());
  if (version.is_number_integer() && version > kSchemaVersion) {
    throw NewerRecord(located(
        source, "/schema_version",
        fmt::format("found version {}, this program knows records up to version {}; a newer "
                    "ticketbench reads it",
                    version.dump(), kSchemaVersion)));
  }
}

template <class Value>
Timing parse_timing(const Value& value, std::vector<Point>& points) {
  for (const auto& timed : value["points"]) {
    for (Point& point : points) {
      if (timed["level"] == point.level) {
        point.seconds = timed["seconds"].template get<double>();
      }
    }
  }
  return {.seconds = optional<double>(value["seconds"]),
          .images_per_second = optional<double>(value["images_per_second"]),
          .wait_fraction = optional<double>(value["wait_fraction"])};
}

// Of a document that obeys the schema.
template <class Value>
Record record_of(const Value& document, const std::string& source) {
  Record record;
  record.hash = document["hash"];
  record.name = document["name"];
  const auto& spec = document["spec"];
  record.harness_version = spec["harness"]["version"];
  record.dataset = spec["harness"]["dataset"];
  record.model = spec["harness"]["model"];
  record.recipe = spec["harness"]["recipe"].template get<json>();
  record.method = spec["method"]["name"];
  record.method_version = spec["method"]["version"];
  record.fields = spec["method"]["fields"].template get<json>();
  if (const auto& from = spec["source"]; !from.is_null()) {
    record.source = Source{.hash = from["hash"], .level = std::nullopt};
    if (from["level"].is_number()) {
      record.source->level = from["level"].template get<int64_t>();
    }
  }
  record.seed = spec["seed"];
  record.status = parse_status(document["status"].template get<std::string>());
  record.reason = document["reason"];
  record.division = document["division"];
  record.selected_on_test = document["selected_on_test"];
  record.command = document["command"];
  record.suite_title = document["suite"]["title"];
  record.suite_file = document["suite"]["file"];
  const auto& card = document["method_card"];
  record.card = {.title = card["title"],
                 .paper = card["paper"],
                 .place = card["place"],
                 .deviations = card["deviations"]};
  if (!document["data"].is_null()) {
    record.data = parse_data(document["data"]);
  }
  const auto& results = document["results"];
  for (const auto& point : results["points"]) record.points.push_back(parse_point(point));
  for (const auto& measure : results["measures"]) record.measures.push_back(parse_measure(measure));
  for (const auto& curve : results["curves"]) record.curves.push_back(parse_curve(curve));
  if (const auto& timing = document["timing"]; !timing.is_null()) {
    record.timing = parse_timing(timing, record.points);
  }
  if (const auto& provenance = document["provenance"]; !provenance.is_null()) {
    record.provenance = parse_provenance(provenance);
  }
  Consistency(source).check(record, document);
  return record;
}

// Nothing where a quick look doesn't find everything right.
std::optional<Record> quick_record(std::string_view text, const std::string& path) {
  thread_local ViewParser parser;
  if (!parser.parse(text) || !record_schema().surely_obeyed_by(parser.root())) return std::nullopt;
  try {
    return record_of(parser.root(), path);
  } catch (const NotPlain&) {
    return std::nullopt;
  }
}

// What became of one file.
struct Outcome {
  std::optional<Record> record;
  std::string error;
};

// In the order of the files, read by as many threads as there are cores.
std::vector<Outcome> load_side_by_side(const std::vector<std::string>& files) {
  constexpr std::size_t worth_a_thread = 16;  // files
  std::vector<Outcome> outcomes(files.size());
  std::atomic<std::size_t> next = 0;
  const auto load = [&] {
    for (std::size_t i = next++; i < files.size(); i = next++) {
      try {
        outcomes[i].record = load_record(files[i]);
      } catch (const std::invalid_argument& error) {
        outcomes[i].error = error.what();
      }
    }
  };
  const std::size_t cores = std::max(std::thread::hardware_concurrency(), 1U);
  std::vector<std::future<void>> others;
  for (std::size_t k = 1; k < std::min(cores, files.size() / worth_a_thread); ++k) {
    others.push_back(std::async(std::launch::async, load));
  }
  load();
  for (std::future<void>& other : others) other.get();
  return outcomes;
}

}  // namespace

std::string_view status_name(Status status) {
  return std::find_if(kStatusNames.begin(), kStatusNames.end(),
                      [&](const auto& entry) { return entry.first == status; })
      ->second;
}

double Point::density() const {
  return static_cast<double>(counts.kept_prunable) /
         static_cast<double>(model ? model->prunable_params : counts.prunable_params);
}

const JsonSchema& record_schema() {
  static const JsonSchema schema(json::parse(kRecordSchemaText));
  return schema;
}

Record parse_record(const json& document, const std::string& source) {
  check_version(document, source);
  record_schema().validate(document, source);
  return record_of(document, source);
}

Record load_record(const std::string& path) {
  const std::string text = read_text_file(path);
  std::optional<Record> record = quick_record(text, path);
  if (!record) record = parse_record(parse_json(text, path), path);
  record->file = path;
  return *std::move(record);
}

LoadedRecords load_records(const std::vector<std::string>& paths) {
  LoadedRecords loaded;
  const std::vector<std::string> files = result_files(
      paths, [](std::string_view name) { return name == "record.json"; }, /*any_name=*/true,
      "a record.json or a folder of results", loaded.errors);
  for (Outcome& outcome : load_side_by_side(files)) {
    if (outcome.record) {
      loaded.records.push_back(*std::move(outcome.record));
    } else {
      loaded.errors.push_back(std::move(outcome.error));
    }
  }
  std::stable_sort(loaded.records.begin(), loaded.records.end(),
                   [](const Record& a, const Record& b) { return a.hash < b.hash; });
  std::sort(loaded.errors.begin(), loaded.errors.end());
  return loaded;
}

}  // namespace ticketbench
