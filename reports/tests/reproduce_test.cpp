#include "reports/reproduce.hpp"

#include "reports/tests/golden.hpp"
#include "reports/tests/sample.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace ticketbench {
namespace {

using nlohmann::json;

// A table with a cell of every kind: run twice, run once, not run, run without its dense network,
// no winning ticket on either side, not comparable.
Paper paper() {
  return parse_paper(json::parse(R"({
    "paper": {"key": "bip", "title": "Advancing Model Pruning", "venue": "NeurIPS 2022", "arxiv": "2210.04092"},
    "tables": [{
      "key": "table_9", "title": "A bit of everything", "provenance": "digitised", "uncertainty": 0.03,
      "note": "Measured on a poster.", "suites": ["papers/bip/table_9", "papers/bip/fig_9"],
      "common": {"dataset": "cifar10"},
      "cells": [
        {"id": "a", "row": "BiP", "method": "bip", "model": "resnet20s", "density": 0.512, "density_of": "prunable",
         "metric": "test_accuracy", "unit": "percent", "value": 91.5, "std": 0.11, "n": 3},
        {"id": "b", "row": "IMP", "method": "imp", "model": "resnet20s", "density": 0.64, "density_of": "prunable",
         "level": 2, "metric": "test_accuracy", "unit": "percent", "value": 91.0, "note": "Printed twice."},
        {"id": "c", "row": "SynFlow", "method": "synflow", "model": "resnet20s", "density": 0.1,
         "density_of": "unknown", "metric": "test_accuracy", "unit": "percent", "value": 85.25},
        {"id": "d", "row": "IMP", "method": "imp", "model": "resnet18", "level": 1,
         "metric": "accuracy_change", "unit": "percentage_points", "value": -0.4},
        {"id": "e", "row": "IMP", "method": "imp", "model": "resnet20s", "metric": "sparsest_winning_density",
         "unit": "percent_pruned"},
        {"id": "f", "row": "BiP", "method": "bip", "model": "resnet18", "metric": "wall_clock", "unit": "minutes",
         "value": 86, "not_comparable": "hardware"}
      ]}]})"),
                     "made up");
}

Sample run(const std::string& method, const json& fields, int64_t seed,
           std::vector<SamplePoint> points, const std::string& model = "resnet20s") {
  Sample s;
  s.name = method;
  s.method = method;
  s.fields = fields;
  s.seed = seed;
  s.points = std::move(points);
  s.model = model;
  s.recipe = {{"name", "papers/bip_cifar10"}};
  s.division = "paper-protocol";
  return s;
}

std::vector<Record> records() {
  const json curve = {{"rate", 0.2}};
  const json bip = {{"density", 0.5120}};
  std::vector<Record> all;
  for (const Sample& s :
       {run("dense", json::object(), 1, {{.correct = 950}}),
        run("bip", bip, 1, {{.kept = 512, .correct = 917}}),
        run("bip", bip, 2, {{.kept = 512, .correct = 913}}),
        run("imp", curve, 1, {{}, {.level = 1, .kept = 800}, {.level = 2, .kept = 640}}),
        run("imp", curve, 1, {{}, {.level = 1, .kept = 800}}, "resnet18")})
    all.push_back(sample_record(s));
  return all;
}

BOOST_AUTO_TEST_SUITE(reproduction)

BOOST_AUTO_TEST_CASE(every_kind_of_cell) {
  const std::vector<Record> all = records();
  const Reproduction r = reproduce(paper(), "table_9", all);
  BOOST_TEST(r.comparable == 5U);
  BOOST_TEST(r.run == 3U);
  check_golden("reproduction.txt", render(r, Format::text));
  check_golden("reproduction.md", render(r, Format::markdown));
  check_golden("reproduction.json", render(r, Format::json));
  BOOST_CHECK_THROW(render(r, Format::csv), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(an_unknown_table_is_refused_with_those_there_are) {
  const std::vector<Record> none;
  try {
    reproduce(paper(), "table_8", none);
    BOOST_ERROR("nothing thrown");
  } catch (const std::invalid_argument& error) {
    const std::string message = error.what();
    BOOST_TEST(message.find("'table_8'") != std::string::npos);
    BOOST_TEST(message.find("table_9") != std::string::npos);
  }
}

// Every published table can be shown with nothing run.
BOOST_AUTO_TEST_CASE(published_tables_render_without_records) {
  const std::vector<Record> none;
  for (const Paper& one : load_papers(TICKETBENCH_PUBLISHED_FOLDER)) {
    for (const PublishedTable& table : one.tables) {
      const Reproduction r = reproduce(one, table.key, none);
      BOOST_TEST(r.run == 0U);
      for (const Format format : {Format::text, Format::markdown, Format::json})
        BOOST_TEST(!render(r, format).empty());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
