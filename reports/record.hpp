// A record: what one run (one seed) was, gave and cost, as read from its record.json.
// The format is schema/record.schema.json; what a schema can't say is checked here.
#pragma once

#include "reports/json_schema.hpp"
#include "reports/point.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ticketbench {

enum class Status { ok, failed, skipped, timeout, mistrusted };

std::string_view status_name(Status status);

struct Measure {
  struct Value {
    double at = 0;
    std::optional<double> value;
  };
  std::string name;
  std::string unit;
  std::vector<Value> values;
};

struct Epoch {
  int64_t epoch = 0;
  int64_t iteration = 0;
  double learning_rate = 0;
  std::optional<double> train_loss;
  int64_t train_examples = 0;
  int64_t train_correct = 0;
  std::optional<Evaluation> test;
  std::optional<Evaluation> val;
};

// Iterations [from, to) of one phase of the recipe.
struct Curve {
  std::string phase;
  int64_t from = 0;
  int64_t to = 0;
  std::vector<Epoch> epochs;
};

// The run this one starts from; no level: its last.
struct Source {
  std::string hash;
  std::optional<int64_t> level;
};

struct MethodCard {
  std::string title, paper, place;
  std::vector<std::string> deviations;
};

struct DataFacts {
  std::string name;
  int64_t classes = 0;
  int64_t train = 0;
  int64_t val = 0;
  int64_t test = 0;
  std::string val_source;
  std::vector<int64_t> input;
};

struct Timing {
  std::optional<double> seconds;
  std::optional<double> images_per_second;
  std::optional<double> wait_fraction;
};

struct Provenance {
  std::string ticketbench;
  std::string git;
  bool dirty = false;
  std::string compiler;
  std::optional<std::string> libtorch, device, engine, cpu, gpu, host, started, finished;
  std::optional<int64_t> cores, threads, memory_bytes, peak_memory_bytes;
  int64_t resume_count = 0;
  std::optional<bool> deterministic;
};

struct Record {
  std::string hash;
  std::string name;
  int64_t harness_version = 0;
  std::string dataset;
  std::string model;
  nlohmann::json recipe;
  std::string method;
  int64_t method_version = 0;
  nlohmann::json fields;
  std::optional<Source> source;
  int64_t seed = 0;
  Status status = Status::failed;
  std::string reason;
  std::string division;
  bool selected_on_test = false;
  std::string command;
  std::string file;  // where it was read from, empty for one that wasn't
  std::string suite_title, suite_file;
  MethodCard card;
  std::optional<DataFacts> data;
  std::vector<Point> points;
  std::vector<Measure> measures;
  std::vector<Curve> curves;
  std::optional<Timing> timing;
  std::optional<Provenance> provenance;

  [[nodiscard]] std::string recipe_name() const { return recipe.at("name").get<std::string>(); }
};

// A record of a newer schema version than this program knows.
struct NewerRecord : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

// The JSON Schema of a record, compiled into the program.
const JsonSchema& record_schema();

// Throws std::invalid_argument, in the words of json_schema.hpp, if the document breaks the schema,
// contradicts itself (more kept than there is, sums over layers that differ, ...) or is of a newer
// schema version than this program knows (NewerRecord). `source` names the document.
Record parse_record(const nlohmann::json& document, const std::string& source);

Record load_record(const std::string& path);

struct LoadedRecords {
  std::vector<Record> records;
  std::vector<std::string> errors;  // one sentence for each file that can't be used
};

// The records in these files, and in all files named record.json below these folders, sorted by
// hash; a broken one is named in `errors` and hides no other. A file reached twice counts once.
// Throws std::invalid_argument for a path that doesn't exist.
LoadedRecords load_records(const std::vector<std::string>& paths);

}  // namespace ticketbench
