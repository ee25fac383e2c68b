#include "suites/harness/recipe.hpp"

#include "suites/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

using nlohmann::json;

Recipe parse(const char* text) {
  return parse_recipe(json::parse(text), "mine", "recipes/mine.json");
}

BOOST_AUTO_TEST_SUITE(recipe)

// What isn't written has the default, what is written is read at every depth; the name is the
// file's and not a field.
BOOST_AUTO_TEST_CASE(fields_are_read_at_every_depth) {
  const Recipe r = parse(R"({
    "name": "ignored", "title": "T", "prunable": {"stem": false}, "mean": [0.1], "deviation": [0.2],
    "initialisation": {"convolutions": "kaiming_fan_in", "norms": "uniform"},
    "selection": "best_val", "validation_examples": 10, "last_batch": "keep",
    "phases": {"train": {"length": "2.5ep", "batch_size": 7, "optimizer": {"weight_decay": 0},
                         "schedule": {"kind": "multi_step", "milestones": ["1ep", "0.75"]}},
               "other": {"length": "10it"}}})");
  BOOST_TEST(r.name == "mine");
  BOOST_TEST(!r.prunable.stem);
  BOOST_TEST(r.prunable.shortcuts);
  BOOST_TEST((r.initialisation.convolutions == Initialisation::kaiming_fan_in));
  BOOST_TEST((r.initialisation.norms == NormScale::uniform));
  BOOST_TEST((r.selection == Selection::best_val));
  BOOST_TEST((r.last_batch == LastBatch::keep));
  BOOST_TEST((r.evaluation == EvaluationTime::at_end));
  BOOST_TEST_REQUIRE(r.phases.size() == 2U);
  const Phase& train = r.phases.at("train");
  BOOST_TEST((train.length == Duration{2.5, Duration::Unit::epochs}));
  BOOST_TEST(train.batch_size == 7);
  BOOST_TEST(train.optimizer.weight_decay == 0.0);
  BOOST_TEST(train.optimizer.momentum == 0.9);
  BOOST_TEST_REQUIRE(train.schedule.milestones.size() == 2U);
  BOOST_TEST((train.schedule.milestones[1] == Duration{0.75, Duration::Unit::fraction}));
  BOOST_TEST((r.phases.at("other").length == Duration{10, Duration::Unit::iterations}));
}

// Printed and read again nothing is lost: what is hashed is what is run.
BOOST_AUTO_TEST_CASE(printed_and_read_again_it_is_the_same) {
  Recipe r = toy_recipe();
  r.label_smoothing = 0.1;
  r.mean = {0.1, 0.2, 0.3};
  r.deviation = {0.4, 0.5, 0.6};
  r.phases["train"].schedule = {.kind = RateKind::one_cycle,
                                .milestones = {{0.5, Duration::Unit::fraction}},
                                .warmup = {2, Duration::Unit::epochs}};
  const json printed = to_json(r);
  BOOST_TEST(to_json(parse_recipe(printed, "toy", "r")).dump() == printed.dump());
  // Every member of every part is there.
  BOOST_TEST(printed.at("phases").at("train").at("optimizer").size() == 6U);
  BOOST_TEST(printed.at("phases").at("train").at("schedule").at("warmup") == "2ep");
}

struct Refused {
  const char* text;
  const char* message;  // after "recipes/mine.json: "
};

// Each with file, pointer, what was found and what is allowed.
BOOST_AUTO_TEST_CASE(mistakes_are_named) {
  const Refused cases[] = {
      {R"([])", "a recipe is a JSON object"},
      {R"({"phases": []})", "/phases: an object with at least \"train\" expected"},
      {R"({"phases": {"finetune": {}}})", "/phases: an object with at least \"train\" expected"},
      {R"({"phases": {"train": 3}})", "/phases/train: 3 found, an object expected"},
      {R"({"phases": {"train": {"lenght": "8ep"}}})",
       "/phases/train/lenght: unknown field 'lenght'; did you mean 'length'?"},
      {R"({"phases": {"train": {"length": "0.5"}}})",
       "/phases/train/length: \"0.5\" found, epochs (\"8ep\") or iterations (\"1000it\") expected"},
      {R"({"phases": {"train": {"length": "8 epochs"}}})",
       "/phases/train/length: '8 epochs' is no duration; allowed: epochs as \"5ep\", iterations as "
       "\"1000it\", a fraction of the run in [0, 1] as \"0.5\""},
      {R"({"phases": {"train": {"batch_size": 0}}})",
       "/phases/train/batch_size: 0 found, a number in [1, 65536] expected"},
      {R"({"phases": {"train": {"batch_size": 12.5}}})",
       "/phases/train/batch_size: 12.5 found, an integer in [1, 65536] expected"},
      {R"({"phases": {"train": {"optimizer": {"nesterov": 1}}}})",
       "/phases/train/optimizer/nesterov: 1 found, true or false expected"},
      {R"({"phases": {"train": {"optimizer": {"momentum": 1.5}}}})",
       "/phases/train/optimizer/momentum: 1.5 found, a number in [0, 1] expected"},
      {R"({"phases": {"train": {"schedule": {"kind": "step"}}}})",
       "/phases/train/schedule/kind: \"step\" found, one of constant, multi_step, cosine, "
       "one_cycle expected"},
      {R"({"mean": 0.5, "phases": {"train": {}}})", "/mean: 0.5 found, a list expected"},
      {R"({"mean": [0.5], "phases": {"train": {}}})",
       "/deviation: 0 numbers found, as many as in /mean expected (1)"},
      {R"({"mean": [0.5], "deviation": [0], "phases": {"train": {}}})",
       "/deviation: [0] found, a number in [0.001, 10] expected"},
      {R"({"selection": "best_val", "phases": {"train": {}}})",
       "/selection: \"best_val\" found, but /validation_examples is 0"},
      {R"({"augmentaton": {}, "phases": {"train": {}}})",
       "/augmentaton: unknown field 'augmentaton'; did you mean 'augmentation'?"},
  };
  for (const Refused& c : cases)
    BOOST_TEST(refusal([&] { parse(c.text); }) == std::string("recipes/mine.json: ") + c.message);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
