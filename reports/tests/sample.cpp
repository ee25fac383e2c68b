#include "reports/tests/sample.hpp"

#include <fmt/format.h>

namespace ticketbench {
namespace {

using nlohmann::json;

const std::string kDigest(64, 'd');

json spec_of(const Sample& sample) {
  const json source = sample.source_hash.empty()
                          ? json()
                          : json{{"hash", sample.source_hash}, {"level", sample.source_level}};
  return {
      {"harness",
       {{"version", 1},
        {"dataset", sample.dataset},
        {"data",
         {{"version", 1}, {"sha256", json::array()}, {"mean", {0.5}}, {"deviation", {0.25}}}},
        {"model", sample.model},
        {"architecture_sha256", kDigest},
        {"recipe", sample.recipe}}},
      {"method", {{"name", sample.method}, {"version", sample.version}, {"fields", sample.fields}}},
      {"source", source},
      {"seed", sample.seed}};
}

json point_of(const SamplePoint& point, bool selected_on_test) {
  // Two layers of 200 and 800 weights, pruned alike.
  const int64_t in_first = point.kept / 5;
  const int64_t in_second = point.kept - in_first;
  const double density = static_cast<double>(point.kept) / 1000;
  return {
      {"level", point.level},
      {"counts",
       {{"total_params", 1010},
        {"prunable_params", 1000},
        {"kept_prunable", point.kept},
        {"kept_total", point.kept + 10},
        {"exact_k_deviation", 0}}},
      {"density",
       {{"prunable", density},
        {"conv_fc", density},
        {"all", static_cast<double>(point.kept + 10) / 1010}}},
      {"layers",
       {{{"name", "conv1.weight"},
         {"shape", {8, 5, 5}},
         {"total", 200},
         {"kept", in_first},
         {"macs", 10000},
         {"kept_macs", in_first * 50},
         {"dead_filters", 0}},
        {{"name", "fc.weight"},
         {"shape", {10, 80}},
         {"total", 800},
         {"kept", in_second},
         {"macs", 40000},
         {"kept_macs", in_second * 50},
         {"dead_filters", 0}}}},
      {"structure", "unstructured"},
      {"macs",
       {{"dense", 50000},
        {"kept", point.kept * 50},
        {"counted", {"conv", "linear"}},
        {"input", {3, 32, 32}}}},
      {"layer_collapse", in_first == 0 || in_second == 0},
      {"test",
       {{"examples", 1000}, {"top1_correct", point.correct}, {"top5_correct", 995}, {"loss", 0.5}}},
      {"val", nullptr},
      {"selection", selected_on_test ? "best_test" : "final"},
      {"final_epoch", 8},
      {"selected_epoch", 8},
      {"train",
       {{"iterations", point.examples / 10},
        {"examples", point.examples},
        {"macs", 3.0 * static_cast<double>(point.kept * 50 * point.examples)}}},
      {"mask_sha256", kDigest},
      {"prediction_sha256", kDigest},
      {"ticket", nullptr},
      {"ticket_sha256", nullptr}};
}

json curves() {
  const json test = {
      {"examples", 1000}, {"top1_correct", 700}, {"top5_correct", 990}, {"loss", 0.9}};
  json epochs = json::array();
  for (int epoch = 1; epoch <= 3; ++epoch) {
    epochs.push_back({{"epoch", epoch},
                      {"iteration", 10 * epoch},
                      {"learning_rate", 0.1 / epoch},
                      {"train_loss", 2.0 / epoch},
                      {"train_examples", 100},
                      {"train_correct", 30 * epoch},
                      {"test", epoch == 2 ? test : json()},
                      {"val", nullptr}});
  }
  return json::array({{{"phase", "train"}, {"from", 0}, {"to", 30}, {"epochs", epochs}}});
}

json provenance(const Sample& sample) {
  return {{"ticketbench", "0.1.0"},
          {"git", "0123456789abcdef0123456789abcdef01234567"},
          {"dirty", false},
          {"tf32", false},
          {"source_tickets", json::array()},
          {"compiler", "GNU 12.2.0"},
          {"libtorch", "2.11.0"},
          {"device", "cpu"},
          {"engine", "eager"},
          {"cpu", sample.cpu},
          {"cores", 2},
          {"threads", 2},
          {"memory_bytes", 8000000000},
          {"peak_memory_bytes", 900000000},
          {"gpu", nullptr},
          {"host", "box"},
          {"started", "2026-11-21T09:00:00Z"},
          {"finished", "2026-11-21T09:10:00Z"},
          {"resume_count", 0},
          {"deterministic", true}};
}

}  // namespace

std::string sample_hash(const Sample& sample) {
  uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a: the same digits everywhere
  for (const char c : spec_of(sample).dump()) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return fmt::format("{0:016x}{0:016x}{0:016x}{0:016x}", hash);
}

json sample_document(const Sample& sample) {
  json points = json::array();
  json timed = json::array();
  double seconds = 0;
  for (const SamplePoint& point : sample.points) {
    points.push_back(point_of(point, sample.selected_on_test));
    timed.push_back(
        {{"level", point.level}, {"seconds", point.seconds}, {"images_per_second", 100.0}});
    seconds += point.seconds;
  }
  return {{"schema", "ticketbench/record"},
          {"schema_version", 1},
          {"hash", sample_hash(sample)},
          {"name", sample.name},
          {"spec", spec_of(sample)},
          {"status", sample.status},
          {"reason", sample.reason},
          {"division", sample.division},
          {"selected_on_test", sample.selected_on_test},
          {"command",
           fmt::format("ticketbench run suites/quick.json --only {:.8}", sample_hash(sample))},
          {"suite", {{"title", "Quick"}, {"file", "suites/quick.json"}}},
          {"method_card",
           {{"title", "Title of " + sample.method},
            {"paper", "arXiv:1912.05671"},
            {"place", "Algorithm 2"},
            {"deviations", {"Trains for 8 epochs."}}}},
          {"data",
           {{"name", sample.dataset},
            {"classes", 10},
            {"files", json::array()},
            {"train", 50000},
            {"val", 0},
            {"test", 1000},
            {"val_source", "none"},
            {"input", {3, 32, 32}},
            {"mean", {0.5, 0.5, 0.5}},
            {"std", {0.25, 0.25, 0.25}},
            {"augmentation", {{"flip", true}}},
            {"last_batch", "kept"}}},
          {"results",
           {{"points", points},
            {"measures",
             {{{"name", "mask_distance"},
               {"unit", "fraction"},
               {"points", {{{"at", 0}, {"value", 0.1}}, {{"at", 1}, {"value", 0.05}}}}}}},
            {"curves", curves()}}},
          {"timing",
           {{"seconds", seconds},
            {"points", timed},
            {"images_per_second", 100.0},
            {"wait_fraction", 0.01}}},
          {"provenance", provenance(sample)}};
}

Record sample_record(const Sample& sample) {
  return parse_record(sample_document(sample), "sample");
}

}  // namespace ticketbench
