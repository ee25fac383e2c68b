#include "reports/record.hpp"

#include "reports/json_schema.hpp"
#include "reports/tests/sample.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <unistd.h>

namespace ticketbench {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

std::string refusal(const json& document) {
  try {
    parse_record(document, "r");
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

// The sample after `change`, and the start of the message that it must give.
struct Broken {
  const char* pointer;
  json value;
  const char* message;
};

json changed(json document, const Broken& broken) {
  document[json::json_pointer(broken.pointer)] = broken.value;
  return document;
}

Sample two_levels() {
  return {.name = "curve",
          .method = "imp",
          .fields = {{"rate", 0.2}},
          .seed = 7,
          .points = {{.level = 0, .kept = 1000, .correct = 900, .seconds = 10, .examples = 100},
                     {.level = 1, .kept = 800, .correct = 890, .seconds = 12, .examples = 200}},
          .source_hash = std::string(64, 'a'),
          .source_level = 2};
}

// A folder of its own, removed at the end.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / fmt::format("ticketbench_records_{}", getpid())) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

BOOST_AUTO_TEST_SUITE(record)

// A network of 1000 weights, 800 of them kept, recorded in a suite on a model of 4000: density 0.2
// of the model, and of its multiply-adds a fifth. More than the model has can't be.
BOOST_AUTO_TEST_CASE(a_narrower_network_is_measured_by_the_model) {
  json document = sample_document(two_levels());
  json& point = document["results"]["points"][1];
  BOOST_TEST(parse_record(document, "r").points[1].density() == 0.8);
  BOOST_TEST(parse_record(document, "r").points[1].model_macs() == 50'000);
  point["model"] = {{"prunable_params", 4000}, {"macs", 200'000}};
  const Record record = parse_record(document, "r");
  BOOST_TEST(record.points[1].density() == 0.2);
  BOOST_TEST(record.points[1].model_macs() == 200'000);
  point["model"]["prunable_params"] = 700;
  BOOST_TEST(refusal(document).find("/counts/kept_prunable: found 800") != std::string::npos);
  point["model"] = {{"prunable_params", 4000}, {"macs", 10}};
  BOOST_TEST(refusal(document).find("/macs/kept: found 40000") != std::string::npos);
}

// Every number differs, so that a swapped pair of keys (kept and total, macs and kept_macs, top-1
// and top-5) shows.
BOOST_AUTO_TEST_CASE(every_part_is_read) {
  json document = sample_document(two_levels());
  document["results"]["points"][1]["test"]["loss"] = 0.25;
  const Record record = parse_record(document, "r");
  BOOST_TEST(record.name == "curve");
  BOOST_TEST(record.method == "imp");
  BOOST_TEST(record.fields == json({{"rate", 0.2}}));
  BOOST_TEST(record.seed == 7);
  BOOST_TEST(record.source->hash == std::string(64, 'a'));
  BOOST_TEST(*record.source->level == 2);
  BOOST_TEST((record.status == Status::ok));
  BOOST_TEST(record.recipe_name() == "cifar_short");
  BOOST_TEST(record.card.place == "Algorithm 2");
  BOOST_TEST(record.data->test == 1000);
  BOOST_REQUIRE(record.points.size() == 2U);
  const Point& point = record.points[1];
  BOOST_TEST(point.level == 1);
  BOOST_TEST(point.counts.kept_prunable == 800);
  BOOST_TEST(point.counts.prunable_params == 1000);
  BOOST_TEST(point.counts.kept_total == 810);
  BOOST_TEST(point.counts.total_params == 1010);
  BOOST_TEST(point.density() == 0.8);
  BOOST_TEST(point.layers[1].kept == 640);
  BOOST_TEST(point.layers[1].total == 800);
  BOOST_TEST(point.dense_macs == 50000);
  BOOST_TEST(point.kept_macs == 40000);
  BOOST_TEST(point.test.top1_correct == 890);
  BOOST_TEST(point.test.top5_correct == 995);
  BOOST_TEST(*point.test.loss == 0.25);
  BOOST_TEST(!point.val);
  BOOST_TEST(point.train.examples == 200);
  BOOST_TEST(point.train.macs == 3.0 * 40000 * 200);
  BOOST_TEST(*point.seconds == 12);
  BOOST_TEST(*record.timing->seconds == 22);
  BOOST_TEST(record.measures[0].values[1].value.value() == 0.05);
  BOOST_TEST(record.curves[0].epochs[1].test->top1_correct == 700);
  BOOST_TEST(record.curves[0].epochs[2].train_correct == 90);
  BOOST_TEST(*record.provenance->threads == 2);
  BOOST_TEST(!record.provenance->gpu);
}

// "last" must not become level 0.
BOOST_AUTO_TEST_CASE(the_last_level_of_a_source_is_no_number) {
  Sample sample = two_levels();
  sample.source_level = "last";
  BOOST_TEST(!sample_record(sample).source->level);
  BOOST_TEST(!sample_record({}).source);
}

// Taking away any key of the format, one after the other, must be noticed: a forgotten "required"
// shows here, however deep. Free objects (recipe, fields, augmentation) are left out.
BOOST_AUTO_TEST_CASE(every_key_is_required_and_no_other_is_allowed) {
  const json document = sample_document(two_levels());
  int checked = 0;
  const std::function<void(const json&, const std::string&)> visit = [&](const json& value,
                                                                         const std::string& at) {
    if (at == "/spec/harness/recipe" || at == "/spec/method/fields" || at == "/data/augmentation") {
      return;
    }
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) visit(value[i], fmt::format("{}/{}", at, i));
    }
    if (!value.is_object()) {
      return;
    }
    for (const auto& [key, child] : value.items()) {
      json without = document;
      without[json::json_pointer(at)].erase(key);
      BOOST_TEST(refusal(without) ==
                 fmt::format("r: {}: key \"{}\" is missing", at.empty() ? "/" : at, key));
      visit(child, at + "/" + key);
      ++checked;
    }
    json more = document;
    more[json::json_pointer(at)]["surplus"] = 1;
    BOOST_TEST(refusal(more).find(fmt::format("r: {}/surplus: unknown key", at)) == 0U);
  };
  visit(document, "");
  BOOST_TEST(checked > 150);
}

// Giving each value a wrong type must be noticed: a number for text and null, text for all else.
BOOST_AUTO_TEST_CASE(every_value_has_a_type) {
  const json document = sample_document(two_levels());
  const json flat = document.flatten();
  for (const auto& [at, value] : flat.items()) {
    if (at.find("/recipe/epochs") != std::string::npos || at.find("/method/fields/") == 5U ||
        at.find("/spec/method/fields") == 0U || at.find("/data/augmentation") == 0U) {
      continue;
    }
    json wrong = document;
    wrong[json::json_pointer(at)] =
        value.is_string() || value.is_null() ? json(-1.5) : json("wrong");
    const std::string message = refusal(wrong);
    BOOST_TEST(message.find("r: " + at) == 0U, at << " gave: " << message);
  }
}

// Each rule that is more than a type, broken once.
BOOST_AUTO_TEST_CASE(every_rule_is_enforced) {
  const json document = sample_document(two_levels());
  const Broken cases[] = {
      {"/schema", "other", "r: /schema: found \"other\", expected \"ticketbench/record\""},
      {"/schema_version", 0, "r: /schema_version: found 0, expected 1"},
      {"/hash", std::string(63, 'a'), "r: /hash: found"},
      {"/hash", std::string(64, 'A'), "r: /hash: found"},
      {"/hash", std::string(65, 'a'), "r: /hash: found"},
      {"/name", "", "r: /name: found \"\", expected at least 1 character"},
      {"/status", "good", "r: /status: found \"good\", expected one of \"ok\""},
      {"/division", "open", "r: /division: found \"open\""},
      {"/reason", "because", "r: /reason: found \"because\", expected \"\" (a run that is ok"},
      {"/status", "failed",
       "r: /reason: found \"\", expected at least 1 character (a run that is not"},
      {"/data", nullptr, "r: /data: found null, expected an object (a finished run"},
      {"/timing", nullptr, "r: /timing: found null, expected an object (a finished run"},
      {"/provenance", nullptr, "r: /provenance: found null, expected an object (a finished run"},
      {"/provenance/device", nullptr, "r: /provenance/device: found null, expected a string"},
      {"/provenance/started", "yesterday", "r: /provenance/started: found \"yesterday\""},
      {"/provenance/threads", 0, "r: /provenance/threads: found 0"},
      {"/timing/seconds", nullptr, "r: /timing/seconds: found null"},
      {"/timing/wait_fraction", 1.5, "r: /timing/wait_fraction: found 1.5"},
      {"/results/points", json::array(), "r: /results/points: found [], expected at least 1 item"},
      {"/spec/seed", -1, "r: /spec/seed: found -1"},
      {"/spec/seed", 1.0, "r: /spec/seed: found 1.0, expected an integer"},
      {"/spec/seed", 18446744073709551615U, "r: /spec/seed: found 18446744073709551615"},
      {"/spec/source/level", -1, "r: /spec/source/level: found -1"},
      {"/spec/source/level", "first", "r: /spec/source/level: found \"first\", expected a level"},
      {"/spec/method/version", 0, "r: /spec/method/version: found 0"},
      {"/data/val_source", "test", "r: /data/val_source: found \"test\""},
      {"/data/last_batch", "lost", "r: /data/last_batch: found \"lost\""},
      {"/data/std/0", 0, "r: /data/std/0: found 0, expected a number > 0"},
      {"/data/input", {3, 32}, "r: /data/input: found an array of 2 items"},
      {"/data/files",
       {{{"name", "x"}, {"bytes", -1}, {"sha256", std::string(64, 'a')}}},
       "r: /data/files/0/bytes: found -1"},
      {"/results/points/0/structure", "dots", "r: /results/points/0/structure: found \"dots\""},
      {"/results/points/0/selection", "luck", "r: /results/points/0/selection: found \"luck\""},
      {"/results/points/0/density/all", 1.1, "r: /results/points/0/density/all: found 1.1"},
      {"/results/points/0/test/examples", 0, "r: /results/points/0/test/examples: found 0"},
      {"/results/points/0/layers", json::array(), "r: /results/points/0/layers: found []"},
      {"/results/points/0/ticket", "t", "r: /results/points/0/ticket_sha256: found null, expected"},
      {"/results/points/0/ticket_sha256", std::string(64, 'a'),
       "r: /results/points/0/ticket_sha256: found \"aaa"},
      // What a schema can't say:
      {"/results/points/1/level", 0, "r: /results/points/1/level: level 0 stands twice"},
      {"/results/points/0/counts/prunable_params", 1011,
       "r: /results/points/0/counts/prunable_params: found 1011, expected at most total_params = "
       "1010"},
      {"/results/points/0/counts/kept_prunable", 1001,
       "r: /results/points/0/counts/kept_prunable: found 1001, expected at most prunable_params"},
      {"/results/points/0/counts/kept_total", 1011,
       "r: /results/points/0/counts/kept_total: found 1011"},
      {"/results/points/0/counts/kept_total", 999,
       "r: /results/points/0/counts/kept_prunable: found 1000, expected at most kept_total = 999"},
      {"/results/points/0/counts/kept_prunable", 999,
       "r: /results/points/0/layers: found 1000 kept weights in all layers, expected"},
      {"/results/points/0/layers/0/total", 201,
       "r: /results/points/0/layers/1/total: found 800, expected at most prunable_params less the "
       "layers before = 799"},
      {"/results/points/0/counts/prunable_params", 1001,
       "r: /results/points/0/layers: found 1000 weights in all layers, expected prunable_params"},
      {"/timing/points/0/seconds", 1e300, "r: /timing/points/0/seconds: found 1e+300"},
      {"/provenance/finished", "2026-11-21T09:00:00." + std::string(100000, '1') + "Z",
       "r: /provenance/finished: found \"2026-11-21T09:00:00.11"},
      {"/results/points/0/layers/0/kept", 201,
       "r: /results/points/0/layers/0/kept: found 201, expected at most total = 200"},
      {"/results/points/0/layers/0/kept_macs", 10001,
       "r: /results/points/0/layers/0/kept_macs: found 10001"},
      {"/results/points/0/macs/kept", 50001, "r: /results/points/0/macs/kept: found 50001"},
      {"/results/points/1/density/prunable", 0.81,
       "r: /results/points/1/density/prunable: found 0.81, expected kept_prunable / "
       "prunable_params "
       "= 0.8"},
      {"/results/points/0/layer_collapse", true,
       "r: /results/points/0/layer_collapse: found true, but no layer has nothing kept"},
      {"/results/points/0/test/top1_correct", 996,
       "r: /results/points/0/test/top1_correct: found 996, expected at most top5_correct = 995"},
      {"/results/points/0/test/top5_correct", 1001,
       "r: /results/points/0/test/top5_correct: found 1001, expected at most examples = 1000"},
      {"/results/points/0/selected_epoch", 9, "r: /results/points/0/selected_epoch: found 9"},
      {"/results/points/0/selection", "best_test",
       "r: /results/points/0/selection: found \"best_test\" in a record that says"},
      {"/results/points/0/test/loss", nullptr,
       "r: /results/points/0/test/loss: found null (a number that is not finite)"},
      {"/results/points/0/counts/exact_k_deviation", 1,
       "r: /results/points/0/counts/exact_k_deviation: found 1 in a run with status ok"},
      {"/data/test", 10000,
       "r: /results/points/0/test/examples: found 1000, expected all 10000 test images"},
      {"/timing/points/1/level", 5, "r: /timing/points/1/level: found 5"},
      {"/timing/points/1/level", 0, "r: /timing/points/1/level: level 0 stands twice"},
      {"/timing/points", json::array(), "r: /timing/points: found 0 levels, expected all 2"},
  };
  for (const Broken& broken : cases) {
    const std::string message = refusal(changed(document, broken));
    BOOST_TEST(message.find(broken.message) == 0U,
               broken.pointer << " = " << broken.value << " gave: " << message);
  }
}

// The relaxed form is for runs that did not finish, and for these only.
BOOST_AUTO_TEST_CASE(a_run_that_did_not_finish_may_know_little) {
  for (const char* status : {"failed", "skipped", "timeout"}) {
    json document = sample_document({.status = status, .reason = "no GPU"});
    document["results"]["points"] = json::array();
    document["data"] = nullptr;
    document["timing"] = nullptr;
    document["provenance"]["finished"] = nullptr;
    document["provenance"]["peak_memory_bytes"] = nullptr;
    BOOST_TEST(refusal(document) == "");
    document["provenance"] = nullptr;
    BOOST_TEST(refusal(document) == "");
  }
  json mistrusted = sample_document({.status = "mistrusted", .reason = "the loss is not finite"});
  mistrusted["results"]["points"][0]["test"]["loss"] = nullptr;
  BOOST_TEST(refusal(mistrusted) == "");
  BOOST_TEST(!parse_record(mistrusted, "r").points[0].test.loss);
  mistrusted["data"] = nullptr;
  BOOST_TEST(refusal(mistrusted).find("r: /data: found null") == 0U);
}

// "expected 1" would send the user after a fault in the file.
BOOST_AUTO_TEST_CASE(a_newer_schema_is_said_to_be_newer) {
  json document = sample_document({});
  document["schema_version"] = 2;
  document["news"] = true;
  BOOST_TEST(refusal(document) ==
             "r: /schema_version: found version 2, this program knows records up to version 1; a "
             "newer ticketbench reads it");
}

BOOST_AUTO_TEST_CASE(anything_else_than_a_record_is_refused) {
  for (const json& document : {json(), json(1), json::array(), json::object(), json("record")}) {
    BOOST_TEST(refusal(document).find("r: /: ") == 0U);
  }
}

// Files are found at every depth, files by other names are not taken, one broken file neither ends
// nor hides the others, and the order of the arguments and repetitions change nothing.
BOOST_AUTO_TEST_CASE(folders_are_searched_and_broken_files_reported) {
  const Folder folder;
  const std::string first = sample_document({.seed = 1}).dump();
  const std::string second = sample_document({.seed = 2}).dump();
  folder.write("a/deep/er/record.json", first);
  const std::string direct = folder.write("b/other.json", second);
  folder.write("c/record.json", "{\"a\": ");
  folder.write("d/record.json", "{}");
  folder.write("d/suite.json", "{}");

  const LoadedRecords loaded = load_records({folder.path(), direct});
  BOOST_TEST(loaded.records.size() == 2U);
  BOOST_REQUIRE(loaded.errors.size() == 2U);
  BOOST_TEST(loaded.errors[0].find("c/record.json:1:7: broken JSON") != std::string::npos);
  BOOST_TEST(loaded.errors[1].find("d/record.json: /: key") != std::string::npos);

  const LoadedRecords turned = load_records({direct, folder.path(), folder.path() + "/a", direct});
  BOOST_REQUIRE(turned.records.size() == 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    BOOST_TEST(turned.records[i].hash == loaded.records[i].hash);
  }
  BOOST_TEST(turned.errors == loaded.errors, boost::test_tools::per_element());
  BOOST_TEST(load_records({}).records.empty());
}

BOOST_AUTO_TEST_CASE(a_path_that_does_not_exist_is_refused) {
  BOOST_CHECK_EXCEPTION(load_records({"/nowhere"}), std::invalid_argument, [](const auto& error) {
    return std::string(error.what()).find("/nowhere: no such file or folder") == 0;
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
