#include "reports/reproduce.hpp"

#include "reports/reproduce_render.hpp"
#include "reports/tests/golden.hpp"
#include "reports/tests/sample.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>
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

constexpr std::array kFormats = {Format::text, Format::markdown, Format::html,
                                 Format::csv,  Format::json,     Format::latex};

// A plan of four runs, one of which is among the records.
Surroundings surroundings() {
  Surroundings around;
  around.recipes["papers/bip_cifar10"] = {
      .title = "BiP on CIFAR-10: the best epoch on the test images",
      .content = {{"name", "papers/bip_cifar10"}}};
  around.recipes["papers/bip_cifar10_printed"] = {
      .title = "BiP on CIFAR-10 with the lower rate that the paper prints",
      .content = {{"name", "papers/bip_cifar10_printed"}}};
  around.deviations = {{"synflow", {"Scores are those of a net in evaluation mode."}},
                       {"granet", {"Answers no cell."}}};
  const auto work = [](const std::string& hash) {
    return PlannedWork{
        .hash = hash, .recipe = "papers/bip_cifar10", .iterations = 78200, .macs = 1.2e15};
  };
  around.plans["papers/bip/table_9"] = {work(records().front().hash), work("b")};
  around.plans["papers/bip/fig_9"] = {work("b"), work("c"), work("d")};
  around.macs_per_second = 60e9;
  around.rate = "2 cores x 30 G";
  return around;
}

// One paper more, with nothing run and nothing that could be.
std::vector<Paper> papers() {
  return {paper(), parse_paper(json::parse(R"({
    "paper": {"key": "granet", "title": "Sparse Training", "venue": "NeurIPS 2021", "arxiv": "2106.10404"},
    "tables": [
      {"key": "table_2", "title": "Accuracy", "provenance": "second_hand", "suites": ["papers/bip/fig_9"],
       "cells": [{"id": "a", "row": "GraNet", "method": "granet", "model": "vgg19", "dataset": "cifar10",
                  "metric": "test_accuracy", "unit": "percent", "value": 93.5}]},
      {"key": "prose", "title": "Hours", "provenance": "prose",
       "cells": [{"id": "a", "row": "GraNet", "method": "granet", "metric": "wall_clock", "unit": "hours", "value": 3,
                  "not_comparable": "hardware"}]}]})"),
                               "made up")};
}

const char* ending(Format format) {
  constexpr std::array endings = {"txt", "md", "html", "csv", "json", "tex"};
  return endings[static_cast<std::size_t>(format)];
}

void check_all(const std::string& name, const Reproduction& r) {
  for (const Format format : kFormats) {
    check_golden(fmt::format("{}.{}", name, ending(format)), render(r, format));
  }
}

const ReproducedCell& cell_of(const Reproduction& r, const std::string& id) {
  return *std::find_if(r.cells.begin(), r.cells.end(),
                       [&](const ReproducedCell& entry) { return entry.cell.id == id; });
}

std::string word_of(const Reproduction& r, const std::string& id) {
  return std::string(claim_verdict_word(cell_of(r, id).judgement.verdict));
}

BOOST_AUTO_TEST_SUITE(reproduction)

BOOST_AUTO_TEST_CASE(every_kind_of_cell) {
  const std::vector<Record> all = records();
  const Reproduction r = reproduce(paper(), "table_9", all, surroundings());
  BOOST_TEST(r.counts.comparable == 5U);
  BOOST_TEST(r.counts.run() == 3U);
  check_all("reproduction", r);
}

BOOST_AUTO_TEST_CASE(all_tables_on_one_page) {
  const std::vector<Record> all = records();
  const Overview overview = reproduce_all(papers(), all, surroundings());
  // The two suites share a run, which is planned once; one of the four is done.
  BOOST_TEST_REQUIRE(overview.remaining.has_value());
  BOOST_TEST(overview.remaining->planned == 4U);
  BOOST_TEST(overview.remaining->runs == 3U);
  BOOST_TEST(overview.remaining->iterations == 3 * 78200);
  for (const Format format :
       {Format::text, Format::markdown, Format::html, Format::csv, Format::json}) {
    check_golden(fmt::format("reproductions.{}", ending(format)), render(overview, format));
  }
  BOOST_CHECK_THROW(render(overview, Format::latex), std::invalid_argument);
  // Every link of the page leads somewhere on it.
  const std::string html = render(overview, Format::html);
  for (std::size_t at = html.find("href=\"#"); at != std::string::npos;
       at = html.find("href=\"#", at + 1)) {
    const std::size_t begin = at + 7;
    const std::string id = html.substr(begin, html.find('"', begin) - begin);
    BOOST_TEST(html.find(fmt::format("id=\"{}\"", id)) != std::string::npos, id);
  }
}

// A run under another recipe must neither answer the cell nor vanish. Its dense network counts too:
// level 1 of the ResNet-18 is compared with it.
BOOST_AUTO_TEST_CASE(another_protocol_gets_no_verdict) {
  std::vector<Record> all;
  const auto add = [&](Sample s, const std::string& recipe) {
    s.recipe = {{"name", recipe}};
    all.push_back(sample_record(s));
  };
  Sample on_test = run("synflow", {{"density", 0.1}}, 1, {{.kept = 100, .correct = 853}});
  on_test.selected_on_test = true;
  add(on_test, "cifar_short");
  add(run("bip", {{"density", 0.512}}, 1, {{.kept = 512, .correct = 917}}),
      "papers/bip_cifar10_printed");
  add(run("bip", {{"density", 0.512}}, 1, {{.kept = 512, .correct = 600}}), "cifar_short");
  for (const char* recipe : {"cifar_short", "cifar_methods"})
    add(run("imp", {{"rate", 0.2}}, 1, {{.level = 2, .kept = 640}}), recipe);
  const Reproduction r = reproduce(paper(), "table_9", all, surroundings());
  BOOST_TEST(r.counts.run() == 0U);
  BOOST_TEST(r.counts[ClaimVerdict::protocol_differs] == 3U);
  // Of the paper's own recipes before any other.
  BOOST_TEST(word_of(r, "a") == "protocol differs");
  BOOST_TEST(cell_of(r, "a").measured.value.value() == 91.7);
  BOOST_TEST(cell_of(r, "a").judgement.reason ==
             "run under papers/bip_cifar10_printed, not the paper's own recipe");
  // Of several others none.
  BOOST_TEST(word_of(r, "b") == "protocol differs");
  BOOST_TEST(!cell_of(r, "b").measured.value);
  BOOST_TEST(
      cell_of(r, "c").judgement.reason ==
      "run under cifar_short, not the paper's own recipe; the epoch was selected on the test "
      "images");
  BOOST_TEST(cell_of(r, "c").judgement.difference.value() == 85.3 - 85.25);
  BOOST_TEST(!cell_of(r, "c").judgement.provisional);
  BOOST_TEST(word_of(r, "d") == "not run");
}

// The name alone would pass a recipe off as the paper's whose epochs somebody has cut.
BOOST_AUTO_TEST_CASE(a_recipe_of_the_same_name_with_other_content) {
  std::vector<Record> all = records();
  Surroundings around = surroundings();
  around.recipes["papers/bip_cifar10"].content["epochs"] = 200;
  const Reproduction r = reproduce(paper(), "table_9", all, around);
  BOOST_TEST(r.counts.run() == 0U);
  BOOST_TEST(r.counts[ClaimVerdict::protocol_differs] == 3U);
  BOOST_TEST(cell_of(r, "a").judgement.reason.starts_with(
      "run under papers/bip_cifar10 with other content"));
}

// The reading error of the figure, 0.03, widens the margin of 0.3: 91.17 is just inside, 91.16 not.
BOOST_AUTO_TEST_CASE(the_reading_error_reaches_the_verdict) {
  const std::vector<Record> all = records();
  const Reproduction r = reproduce(paper(), "table_9", all);
  BOOST_TEST(cell_of(r, "a").judgement.margin.value() == 0.33, boost::test_tools::tolerance(1e-12));
}

// Ten cells, each tested at 5 %: one that differs by chance is to be expected, and the page says
// so. Five seeds scatter by sqrt(0.025), so one more run by sqrt(0.025 x 6/5) = 0.1732 around their
// mean: p of -0.6 / 0.1732 with 4 degrees of freedom is 0.026, ten times as much after Holm; of -4
// / 0.1732 it is below 0.0001.
BOOST_AUTO_TEST_CASE(alarms_are_counted_after_holm) {
  json document = json::parse(R"({
    "paper": {"key": "bip", "title": "T", "venue": "V", "arxiv": "2210.04092"},
    "tables": [{"key": "t", "title": "T", "provenance": "printed", "suites": ["s"],
      "common": {"dataset": "cifar10", "model": "resnet20s", "method": "imp", "metric": "test_accuracy",
                 "unit": "percent"},
      "cells": []}]})");
  std::vector<Record> all;
  const std::vector<int64_t> offsets = {-2, -1, 0, 1,
                                        2};  // deviation sqrt(2.5) tenths of a percent
  for (std::size_t seed = 0; seed < offsets.size(); ++seed) {
    std::vector<SamplePoint> points;
    for (int64_t level = 0; level <= 10; ++level)
      points.push_back({.level = level, .kept = 1000 - 90 * level, .correct = 900 + offsets[seed]});
    all.push_back(sample_record(
        run("imp", {{"rate", 0.2}}, static_cast<int64_t>(seed) + 1, std::move(points))));
  }
  for (int level = 1; level <= 10; ++level) {
    const double value = level == 1 ? 94 : level == 2 ? 90.6 : 90;
    document["tables"][0]["cells"].push_back(
        {{"id", std::to_string(level)}, {"row", "IMP"}, {"level", level}, {"value", value}});
  }
  const Reproduction r = reproduce(parse_paper(document, "made up"), "t", all);
  BOOST_TEST(r.tested == 10U);
  BOOST_TEST(r.alarms == 2U);
  BOOST_TEST(r.alarms_after_holm == 1U);
  BOOST_TEST(word_of(r, "1") == "not reproduced");
  BOOST_TEST(word_of(r, "2") == "not reproduced");
  BOOST_TEST(word_of(r, "3") == "reproduced");
}

// Sorting by place in the input would show here, and the first record's card winning.
BOOST_AUTO_TEST_CASE(the_order_of_records_changes_nothing) {
  std::vector<Record> all = records();
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i].card.deviations = {fmt::format("Deviation {}.", i)};
  // A longer curve of the same experiment, whose first points are the shorter one's.
  Sample longer = run("imp", {{"rate", 0.2}, {"levels", 9}}, 1,
                      {{}, {.level = 1, .kept = 800}, {.level = 2, .kept = 640}});
  all.push_back(sample_record(longer));
  for (const Format format : kFormats) {
    const std::string expected = render(reproduce(paper(), "table_9", all, surroundings()), format);
    for (int i = 0; i < 8; ++i) {
      std::rotate(all.begin(), all.begin() + 2, all.end());
      std::swap(all[0], all[3]);
      BOOST_TEST(render(reproduce(paper(), "table_9", all, surroundings()), format) == expected);
    }
  }
}

// What a stranger could write into a record or a table to take over a page, a sheet, a terminal or
// a document.
BOOST_AUTO_TEST_CASE(hostile_strings_do_no_harm) {
  const std::string evil =
      "<script>alert(1)</script>|`x`*b*\x1b[2J\u202Eend\nnew line \\input{x} %$ \u4e16";
  json document = json::parse(R"({
    "paper": {"key": "bip", "title": "", "venue": "", "arxiv": "2210.04092"},
    "tables": [{"key": "t", "title": "", "provenance": "printed", "suites": [""], "note": "",
      "common": {"dataset": "cifar10", "model": "resnet20s", "metric": "test_accuracy", "unit": "percent",
                 "density": 0.5, "density_of": "prunable", "value": 1e300, "std": 1e300, "n": 3},
      "cells": [{"id": "", "row": "", "method": "bip", "note": ""},
                {"id": "b", "row": "=cmd|'/C calc'!A0", "method": "synflow"}]}]})");
  document["paper"]["title"] = document["paper"]["venue"] = evil;
  json& table = document["tables"][0];
  table["title"] = table["note"] = table["suites"][0] = evil;
  for (const char* key : {"id", "row", "note"}) table["cells"][0][key] = evil;
  std::vector<Record> all;
  Sample foreign = run("bip", {{"density", 0.5}}, 1, {{.kept = 500}});
  foreign.recipe = {{"name", evil}};
  json record = sample_document(foreign);
  record["method_card"]["deviations"] = {evil, std::string(300, 'x')};
  all.push_back(parse_record(record, "made up"));
  all.push_back(sample_record(run("synflow", {{"density", 0.5}}, 1, {{.kept = 500}})));
  const Paper odd = parse_paper(document, "made up");
  const Reproduction r = reproduce(odd, "t", all);
  BOOST_TEST(word_of(r, "b") == "within noise");
  check_all("reproduction_hostile", r);
  const Overview overview = reproduce_all({odd}, all);
  std::vector<std::string> written;
  for (const Format format : kFormats) written.push_back(render(r, format));
  for (const Format format : {Format::text, Format::markdown, Format::html, Format::csv})
    written.push_back(render(overview, format));
  for (const std::string& text : written) {
    BOOST_TEST(text.find('\x1b') == std::string::npos);
    for (const char* number : {" nan", ",nan", "inf "})
      BOOST_TEST(text.find(number) == std::string::npos);
  }
  for (const std::string& html : {render(r, Format::html), render(overview, Format::html)})
    BOOST_TEST(html.find("<script") == std::string::npos);
  BOOST_TEST(render(r, Format::csv).find("\n=") == std::string::npos);
  BOOST_TEST(render(r, Format::csv).find(",=") == std::string::npos);
  // In LaTeX only comments hold what isn't escaped.
  std::istringstream latex(render(r, Format::latex));
  for (std::string line; std::getline(latex, line);)
    BOOST_TEST((line.starts_with('%') || line.find("\\input") == std::string::npos), line);
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

// A float of more rows would run off the page.
BOOST_AUTO_TEST_CASE(long_tables_are_broken_over_pages_in_latex) {
  const std::vector<Record> none;
  for (const Paper& one : load_papers(TICKETBENCH_PUBLISHED_FOLDER)) {
    for (const PublishedTable& table : one.tables) {
      const std::string latex = render(reproduce(one, table.key, none), Format::latex);
      const bool longtable = latex.find("\\begin{longtable}") != std::string::npos;
      BOOST_TEST(longtable == (table.cells.size() > 30), table.key);
    }
  }
}

// Every published table can be shown with nothing run.
BOOST_AUTO_TEST_CASE(published_tables_render_without_records) {
  const std::vector<Record> none;
  for (const Paper& one : load_papers(TICKETBENCH_PUBLISHED_FOLDER)) {
    for (const PublishedTable& table : one.tables) {
      const Reproduction r = reproduce(one, table.key, none);
      BOOST_TEST(r.counts.run() == 0U);
      for (const Format format : kFormats) BOOST_TEST(!render(r, format).empty());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
