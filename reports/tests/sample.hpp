// Records for tests: a net of 1,000 prunable weights (1,010 in all, 50,000 MACs) on a test set of
// 1,000 images, so that kept weights and correct answers are densities and percents by eye.

#pragma once

#include "reports/record.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ticketbench {

struct SamplePoint {
  int64_t level = 0;
  int64_t kept = 1000;     // of 1,000 prunable weights
  int64_t correct = 900;   // of 1,000 test images
  double seconds = 10;     // since the point before
  int64_t examples = 100;  // trained on, since the run's start
};

struct Sample {
  std::string name = "dense";
  std::string method = "dense";
  int64_t version = 1;
  nlohmann::json fields = nlohmann::json::object();
  int64_t seed = 1;
  std::vector<SamplePoint> points = {{}};
  std::string source_hash;  // empty: none
  nlohmann::json source_level = "last";
  std::string dataset = "cifar10";
  std::string model = "resnet20s";
  nlohmann::json recipe = {{"name", "cifar_short"}, {"epochs", 8}};
  std::string division = "suite-protocol";
  std::string status = "ok";
  std::string reason;
  bool selected_on_test = false;
  std::string cpu = "Test CPU";
};

// A document that obeys the schema. Its hash is made from the spec, but is no SHA-256.
nlohmann::json sample_document(const Sample& sample);

Record sample_record(const Sample& sample);

// The hash that sample_document gives to it.
std::string sample_hash(const Sample& sample);

}  // namespace ticketbench
