#include "reports/published.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace ticketbench {
namespace {

using nlohmann::json;

json document() {
  return json::parse(R"({
    "paper": {"key": "a_paper", "title": "A paper", "venue": "ICML 2022", "arxiv": "2202.04736"},
    "tables": [{
      "key": "table_1", "title": "A table", "provenance": "printed", "suites": ["papers/a/table_1"],
      "common": {"dataset": "cifar10", "model": "resnet18", "metric": "test_accuracy", "unit": "percent"},
      "cells": [
        {"id": "imp/d0.8", "row": "IMP", "method": "imp", "density": 0.8, "density_of": "prunable",
         "level": 1, "value": 94.1, "std": 0.2, "n": 3},
        {"id": "dense/d1", "row": "Dense", "method": "dense", "model": "resnet34", "value": 95.0,
         "not_comparable": "quoted"}
      ]}]})");
}

std::string refusal(const json& changed) {
  try {
    parse_paper(changed, "a.json");
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

BOOST_AUTO_TEST_SUITE(published)

// What the cells share stands once; a cell's own word wins.
BOOST_AUTO_TEST_CASE(common_fields_go_to_every_cell) {
  const Paper paper = parse_paper(document(), "a.json");
  const PublishedTable& table = paper.tables.at(0);
  const Cell& imp = table.cells.at(0);
  BOOST_TEST(imp.model.value() == "resnet18");
  BOOST_TEST(imp.metric == "test_accuracy");
  BOOST_TEST(imp.level.value() == 1);
  BOOST_TEST(imp.value.value() == 94.1);
  BOOST_TEST(imp.comparable());
  BOOST_TEST(imp.variant == json::object());
  BOOST_TEST(table.cells.at(1).model.value() == "resnet34");
  BOOST_TEST(!table.cells.at(1).comparable());
  BOOST_TEST(!table.cells.at(1).std.has_value());
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named_with_its_place) {
  json twice = document();
  twice["tables"][0]["cells"][1]["id"] = "imp/d0.8";
  BOOST_TEST(refusal(twice).find("/tables/0/cells/1/id") != std::string::npos);

  json unknown = document();
  unknown["tables"][0]["cells"][0]["variant"] = {{"colour", "red"}};
  BOOST_TEST(refusal(unknown).find("colour") != std::string::npos);

  json nowhere = document();
  nowhere["tables"][0]["common"].erase("dataset");
  BOOST_TEST(refusal(nowhere).find("/tables/0/cells/0") != std::string::npos);

  json nothing = document();
  nothing["tables"][0]["cells"][0].erase("value");
  BOOST_TEST(refusal(nothing).find("value") != std::string::npos);

  json unanswered = document();
  unanswered["tables"][0].erase("suites");
  BOOST_TEST(refusal(unanswered).find("suites") != std::string::npos);

  json no_metric = document();
  no_metric["tables"][0]["common"].erase("metric");
  BOOST_TEST(refusal(no_metric).find("metric") != std::string::npos);
}

// The four papers' values: how many there are and can be compared, counted apart when they were
// taken down, and a few as their tables print them. A value lost or moved shows.
BOOST_AUTO_TEST_CASE(the_papers_values_are_all_there) {
  struct Expected {
    std::size_t cells, comparable;
    double sum;
  };
  const std::map<std::string, Expected> expected = {{"structure_lth", {149, 110, 9060.35}},
                                                    {"elastic_lth", {98, 64, 5790.26}},
                                                    {"bip", {383, 352, 29351.08}},
                                                    {"granet", {82, 20, 4275.42}}};
  const std::vector<Paper> papers = load_papers(TICKETBENCH_PUBLISHED_FOLDER);
  BOOST_TEST_REQUIRE(papers.size() == 4U);
  for (const Paper& paper : papers) {
    BOOST_TEST_CONTEXT(paper.key) {
      Expected found{};
      for (const PublishedTable& table : paper.tables) {
        for (const Cell& cell : table.cells) {
          ++found.cells;
          found.comparable += cell.comparable() ? 1U : 0U;
          if (cell.unit == "percent") found.sum += cell.value.value_or(0);
        }
      }
      BOOST_TEST(found.cells == expected.at(paper.key).cells);
      BOOST_TEST(found.comparable == expected.at(paper.key).comparable);
      BOOST_TEST(std::abs(found.sum - expected.at(paper.key).sum) < 1e-6);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_reason_has_a_sentence) {
  for (const json& word :
       published_schema()["definitions"]["fields"]["properties"]["not_comparable"]["enum"])
    BOOST_TEST(!why_not_comparable(word.get<std::string>()).empty());
  BOOST_CHECK_THROW(why_not_comparable("because"), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
