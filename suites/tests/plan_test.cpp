#include "suites/plan.hpp"

#include "core/method.hpp"
#include "core/sha256.hpp"
#include "suites/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace ticketbench {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// A method with a field of each kind that an axis meets.
struct TestFields {
  static constexpr Card card{
      .name = "test_fields", .title = "Fields", .paper = "none", .place = "none", .version = 3};
  double number = 0.5;
  std::vector<double> list{1, 2};
  Structure structure;
  void fields(Fields& f) {
    f("number", number, {0, 1}, "a number");
    f("list", list, {0, 10}, "a list");
    f("structure", structure, "nested");
  }
  void run(Lab& lab) const {
    const NetPtr net = lab.fresh_net();
    lab.record(*net, MaskSet::ones(*net));
  }
};
TICKETBENCH_REGISTER_METHOD(TestFields);

constexpr const char* kRecipe = R"({
  "title": "words for people", "augmentation": {"padding": 0, "flip": false},
  "phases": {"train": {"length": "12it", "batch_size": 16}, "finetune": {"length": "1ep", "batch_size": 16}}})";

json suite_of(json runs) {
  return {{"title", "A suite"},
          {"harness", {{"dataset", "toy"}, {"model", "resnet8"}, {"recipe", "toy"}}},
          {"seeds", {1}},
          {"runs", std::move(runs)}};
}

// A folder with a suite and the recipes beside it.
struct Folder {
  TemporaryFolder folder;
  fs::path file;
  explicit Folder(const json& suite) : file(folder.write("suite.json", suite.dump(1))) {
    folder.write("recipes/toy.json", kRecipe);
  }
  Plan plan(PlanOptions options = {}) const {
    options.share = folder.path();
    return make_plan({file.string()}, options);
  }
};

Plan plan_of(const json& runs) {
  return Folder(suite_of(runs)).plan();
}

std::vector<std::string> labels(const Plan& plan) {
  std::vector<std::string> result;
  for (const PlannedRun& run : plan.runs) result.push_back(run.label);
  return result;
}

std::string hash_of(const json& suite) {
  return Folder(suite).plan().runs.at(0).hash;
}

const json kChain = json::parse(R"([
  {"name": "shot", "method": "magnitude_one_shot", "source": {"run": "dense"}},
  {"name": "dense", "method": "dense"},
  {"name": "snip", "method": "snip", "density": [0.5, 0.2]},
  {"name": "curve", "method": "imp", "levels": 2},
  {"name": "shuffled", "method": "imp_shuffled", "source": {"run": "curve", "level": [1, "last"]}}])");

BOOST_AUTO_TEST_SUITE(plan)

// A list where a field takes one value is an axis; where it takes a list, a list of lists is one.
// The plan is the product, each member once, with the values in its name.
BOOST_AUTO_TEST_CASE(axes_multiply) {
  const Plan plan = plan_of(json::parse(R"([{"name": "f", "method": "test_fields",
      "number": [0.1, 0.2, 0.3], "list": [[1], [2, 3]], "structure": {"n": [1, 2], "m": 4}}])"));
  BOOST_TEST(plan.runs.size() == 12U);
  std::set<std::string> hashes;
  std::set<std::string> seen;
  for (const PlannedRun& run : plan.runs) {
    hashes.insert(run.hash);
    seen.insert(run.label);
    BOOST_TEST(run.name == "f");
    BOOST_TEST(run.spec.fields.at("structure").at("m") == 4);
    BOOST_TEST(run.spec.fields.at("structure").at("block_rows") == 4);  // a default, written out
  }
  BOOST_TEST(hashes.size() == 12U);
  BOOST_TEST(seen.size() == 12U);
  BOOST_TEST(seen.contains("f list=[2,3] number=0.3 structure.n=2"));

  const Plan one = plan_of(
      json::parse(R"([{"name": "f", "method": "test_fields", "number": 0.1, "list": [4, 5, 6]}])"));
  BOOST_TEST(one.runs.size() == 1U);
  BOOST_TEST(one.runs[0].spec.fields.at("list") == json({4.0, 5.0, 6.0}));
}

// Sources come before what starts from them, wherever the suite has them; levels, sources with
// axes, harness lists and seeds multiply too.
BOOST_AUTO_TEST_CASE(sources_come_first) {
  const Plan plan = plan_of(kChain);
  BOOST_TEST(labels(plan) ==
                 std::vector<std::string>({"dense", "shot", "snip density=0.5", "snip density=0.2",
                                           "curve", "shuffled level=1", "shuffled level=last"}),
             boost::test_tools::per_element());
  BOOST_TEST(plan.runs[1].spec.source->hash == plan.runs[0].hash);
  BOOST_TEST(!plan.runs[1].spec.source->level.has_value());
  BOOST_TEST(plan.runs[5].spec.source->level.value() == 1);
  BOOST_TEST((plan.runs[1].source_levels == std::set<std::optional<int64_t>>{std::nullopt}));
  BOOST_TEST((plan.runs[5].source_levels == std::set<std::optional<int64_t>>{1}));
  BOOST_TEST(plan.runs[4].source_levels.empty());
  BOOST_TEST(plan.find(plan.runs[3].hash) == &plan.runs[3]);
  BOOST_TEST(plan.find("none") == nullptr);
}

// Where the source's harness is an axis too, equal goes to equal; a harness that the source hasn't
// starts from all of them. Never from another seed's.
BOOST_AUTO_TEST_CASE(sources_with_axes_multiply) {
  json suite = suite_of(json::parse(R"([
    {"name": "dense", "method": "dense", "harness": {"model": ["resnet8", "resnet8s"]}},
    {"name": "shot", "method": "magnitude_one_shot", "density": [0.5, 0.1], "source": {"run": "dense"},
     "harness": {"model": ["resnet8", "resnet8s"]}},
    {"name": "deeper", "method": "magnitude_one_shot", "source": {"run": "dense"},
     "harness": {"model": "resnet14"}}])"));
  suite["seeds"] = {3, 4};
  const Plan plan = Folder(suite).plan();
  BOOST_TEST(plan.runs.size() == 2U * (2 + 2 * 2 + 2));
  int64_t third = 0;
  for (const PlannedRun& run : plan.runs) {
    third += run.spec.seed == 3 ? 1 : 0;
    if (!run.spec.source) continue;
    const PlannedRun* source = plan.find(run.spec.source->hash);
    BOOST_TEST_REQUIRE(source != nullptr);
    BOOST_TEST(source->spec.seed == run.spec.seed);
    if (run.name == "shot") BOOST_TEST(source->spec.model == run.spec.model);
  }
  BOOST_TEST(third == 8);
  BOOST_TEST(labels(plan)[0] == "dense resnet8");
  BOOST_TEST(labels(plan)[2] == "shot density=0.5 resnet8");
  BOOST_TEST(labels(plan)[7] == "deeper from dense resnet8s");
  const PlanOptions seeds{.seeds = {7}};
  BOOST_TEST(Folder(suite).plan(seeds).runs.size() == 8U);
  BOOST_TEST(Folder(suite).plan(seeds).runs[0].spec.seed == 7U);
}

// A hash names what is run: the same whatever it is called, wherever it stands, in whatever order
// its fields are written, with defaults written out or not; another for everything that can change
// a result.
BOOST_AUTO_TEST_CASE(a_hash_names_what_is_run) {
  const json run = {{"name", "a"}, {"method", "snip"}, {"density", 0.1}};
  const json suite = suite_of({run});
  const std::string hash = hash_of(suite);
  BOOST_TEST(hash.size() == 64U);
  const auto changed = [&](const char* pointer, const json& value) {
    json other = suite;
    other[json::json_pointer(pointer)] = value;
    return hash_of(other);
  };
  BOOST_TEST(changed("/runs/0/name", "b") == hash);
  BOOST_TEST(changed("/title", "Another") == hash);
  BOOST_TEST(changed("/claim", "Much") == hash);
  BOOST_TEST(changed("/requires", {{"device", "cuda"}}) == hash);
  BOOST_TEST(changed("/runs/0/num_batches", 1) == hash);
  BOOST_TEST(changed("/runs/0/density", json::parse("1e-1")) == hash);

  std::set<std::string> others{hash,
                               changed("/seeds", {2}),
                               changed("/runs/0/density", 0.2),
                               changed("/runs/0/num_batches", 2),
                               changed("/runs/0/harness", {{"model", "resnet14"}}),
                               changed("/runs/0/harness", {{"dataset", "synthetic"}}),
                               changed("/runs/0", {{"name", "a"}, {"method", "random_pruning"}})};
  BOOST_TEST(others.size() == 7U);

  // The recipe's content counts, its words for people don't.
  const auto with_recipe = [&](json recipe, const char* pointer, const json& value) {
    const Folder folder(suite);
    recipe[json::json_pointer(pointer)] = value;
    folder.folder.write("recipes/toy.json", recipe.dump());
    return folder.plan().runs.at(0).hash;
  };
  const json recipe = json::parse(kRecipe);
  BOOST_TEST(with_recipe(recipe, "/title", "other words") == hash);
  BOOST_TEST(with_recipe(recipe, "/label_smoothing", 0) == hash);
  BOOST_TEST(with_recipe(recipe, "/label_smoothing", 0.1) != hash);
  BOOST_TEST(with_recipe(recipe, "/phases/finetune/length", "2ep") != hash);
}

// By its source a run's hash holds the whole chain behind it.
BOOST_AUTO_TEST_CASE(a_hash_holds_the_chain_behind_it) {
  const auto last = [](double rate, const json& level) {
    const Plan plan =
        plan_of({{{"name", "curve"}, {"method", "imp"}, {"levels", 2}, {"rate", rate}},
                 {{"name", "s"},
                  {"method", "imp_shuffled"},
                  {"source", {{"run", "curve"}, {"level", level}}}}});
    return plan.runs.at(1).hash;
  };
  BOOST_TEST(last(0.2, 1) == last(0.2, 1));
  BOOST_TEST(last(0.2, 1) != last(0.3, 1));
  BOOST_TEST(last(0.2, 1) != last(0.2, 2));
  BOOST_TEST(last(0.2, "last") != last(0.2, 2));
}

// The document is what is hashed, complete and with the method's version: raising that makes other
// runs. The literal is there so that a change that renames every run ever made is noticed; if it is
// meant, put the new one in.
BOOST_AUTO_TEST_CASE(the_document_is_complete) {
  const Plan plan = plan_of(json::parse(R"([{"name": "f", "method": "test_fields"}])"));
  const RunSpec& spec = plan.runs.at(0).spec;
  const json document = spec.document();
  BOOST_TEST(document.at("method").at("version") == 3);
  BOOST_TEST(document.at("method").at("fields").at("structure").at("kind") == "unstructured");
  BOOST_TEST(document.at("harness").at("version") == kHarnessVersion);
  BOOST_TEST(
      document.at("harness").at("recipe").at("phases").at("train").at("optimizer").at("momentum") ==
      0.9);
  BOOST_TEST(document.at("source").is_null());
  BOOST_TEST(spec.hash() == sha256(document.dump()));
  BOOST_TEST(spec.hash() == "cb299f8b2c9ffe9179969cc4832075cd306a78e8d969fdd5272c456feac0ffe9");
}

// 10^9 steps of 96 images for which integers of 64 bits have no room: the multiply-adds are neither
// negative nor cut off. The same for a curve of tickets of a large network on ImageNet.
BOOST_AUTO_TEST_CASE(costs_beyond_integers) {
  json suite = suite_of(json::parse(R"([{"name": "dense", "method": "dense"}])"));
  suite["harness"]["model"] = "resnet50";
  const Folder folder(suite);
  folder.folder.write("recipes/toy.json", R"({
    "title": "long", "augmentation": {"padding": 0, "flip": false},
    "phases": {"train": {"length": "1000000000it", "batch_size": 96}}})");
  const Plan plan = folder.plan();
  const auto macs = static_cast<double>(mac_count(plan.runs.at(0).spec.architecture()));
  BOOST_TEST(3 * 96e9 * macs > 0x1p63);
  BOOST_TEST(plan.runs.at(0).cost.macs == macs * (3 * 96e9 + 100),
             boost::test_tools::tolerance(1e-15));
}

// By hand, for resnet8 on 8x8 images (lab_test.cpp): 779,776 multiply-adds, 77,652 parameters,
// 76,720 of them prunable. dense: 12 steps of 16 images, 100 test images. imp, rewinding to epoch 1
// of 2: 6 + 6 steps, then 6 for each of two levels; three evaluations.
BOOST_AUTO_TEST_CASE(costs_are_those_of_the_calls) {
  const auto macs = static_cast<double>(mac_count(toy_architecture()));
  BOOST_TEST(macs ==
             64 * (432 + 2 * 2304) + 16 * (4608 + 9216 + 512) + 4 * (18432 + 36864 + 2048) + 256);
  const int64_t parameters = 76720 + 672 + 260;
  const Plan plan = plan_of(json::parse(R"([
    {"name": "dense", "method": "dense"},
    {"name": "imp", "method": "imp", "levels": 2, "rewind": "1ep"},
    {"name": "shot", "method": "magnitude_one_shot", "source": {"run": "dense"}}])"));
  const RunCost& dense = plan.runs.at(0).cost;
  BOOST_TEST(dense.iterations == 12);
  BOOST_TEST(dense.train_examples == 192);
  BOOST_TEST(dense.test_examples == 100);
  BOOST_TEST(dense.macs == macs * (3 * 192 + 100));
  BOOST_TEST(dense.levels() == std::vector<int64_t>({0}), boost::test_tools::per_element());
  BOOST_TEST(dense.ticket_bytes == 76720 + 2 * 4 * parameters);

  const RunCost& imp = plan.runs.at(1).cost;
  BOOST_TEST(imp.iterations == 24);
  BOOST_TEST(imp.train_examples == 384);
  BOOST_TEST(imp.test_examples == 300);
  BOOST_TEST(imp.macs == macs * (3 * 384 + 300));
  BOOST_TEST(imp.levels() == std::vector<int64_t>({0, 1, 2}), boost::test_tools::per_element());

  BOOST_TEST(plan.runs.at(2).cost.iterations == 6);  // fine-tuning: one epoch of its own phase
}

// Evaluated each epoch: two epochs of test and validation images, and once more at the record. A
// span that begins within an epoch still ends two.
BOOST_AUTO_TEST_CASE(costs_count_evaluations_during_training) {
  const Folder folder(suite_of(json::parse(R"([{"name": "dense", "method": "dense"},
      {"name": "imp", "method": "imp", "levels": 1, "rewind": "4it"}])")));
  json recipe = json::parse(kRecipe);
  recipe["evaluation"] = "each_epoch";
  recipe["validation_examples"] = 16;  // 80 images: 5 iterations an epoch, 12 are 2.4 epochs
  folder.folder.write("recipes/toy.json", recipe.dump());
  const Plan plan = folder.plan();
  BOOST_TEST(plan.runs.at(0).cost.test_examples == 4 * 116);
  // [0, 4) ends no epoch, [4, 12) ends at 5, 10 and 12; twice; two records.
  BOOST_TEST(plan.runs.at(1).cost.test_examples == (3 + 3 + 2) * 116);
}

// What two suites name is planned once; what they name differently keeps its first name.
BOOST_AUTO_TEST_CASE(a_run_of_two_suites_is_planned_once) {
  const Folder folder(suite_of(kChain));
  const fs::path second = folder.folder.write(
      "second.json", suite_of(json::parse(R"([{"name": "baseline", "method": "dense"},
                                              {"name": "set", "method": "snip", "density": 0.3}])"))
                         .dump());
  const Plan plan = make_plan({folder.file.string(), second.string()}, {});
  BOOST_TEST(plan.runs.size() == 8U);
  BOOST_TEST(plan.runs[0].name == "dense");
  BOOST_TEST(plan.runs[7].name == "set");
  BOOST_TEST(plan.runs[7].suite_file == second.string());
}

// A suite may be named as it lies below the share, with or without folder and ending.
BOOST_AUTO_TEST_CASE(suites_are_found_by_name) {
  const TemporaryFolder share;
  share.write("suites/little.json", suite_of(kChain).dump());
  share.write("suites/recipes/toy.json", kRecipe);
  const PlanOptions options{.share = share.path()};
  for (const char* name : {"little", "little.json", "suites/little.json"})
    BOOST_TEST(make_plan({name}, options).runs.size() == 7U);
  BOOST_TEST(refusal([&] { make_plan({"litle"}, options); }) ==
             "litle: no such file, and unknown suite 'litle'; did you mean 'little'?");
}

// A recipe is taken from the nearest folder `recipes` above the suite, then from the share.
BOOST_AUTO_TEST_CASE(recipes_are_found_from_near_to_far) {
  const TemporaryFolder folder;
  const auto recipe = [](int steps) {
    return fmt::format(R"({{"phases": {{"train": {{"length": "{}it"}}}}}})", steps);
  };
  const auto found = [&](const char* name) {
    return find_recipe(name, folder.path() / "suites/papers/x/s.json", folder.path() / "share")
        .phases.at("train")
        .length.value;
  };
  folder.write("share/suites/recipes/a.json", recipe(1));
  folder.write("share/suites/recipes/papers/b.json", recipe(2));
  BOOST_TEST(found("a") == 1);
  BOOST_TEST(found("papers/b") == 2);
  folder.write("suites/recipes/a.json", recipe(3));
  BOOST_TEST(found("a") == 3);
  folder.write("suites/papers/x/recipes/a.json", recipe(4));
  BOOST_TEST(found("a") == 4);
  BOOST_TEST(refusal([&] {
               found("papers/c");
             }).starts_with("unknown recipe 'papers/c'; did you mean 'papers/b'?"));
}

struct Refused {
  const char* pointer;  // in a suite with the chain of runs
  const char* value;
  const char* message;  // after the file and ": "
};

// A suite's mistakes: with file, pointer, what was found, what is allowed, and the nearest name.
BOOST_AUTO_TEST_CASE(mistakes_in_a_suite_are_named) {
  const Refused cases[] = {
      {"/runs/2/method", R"("snipp")",
       "/runs/2/method: unknown method 'snipp'; did you mean 'snip'?"},
      {"/runs/2/densty", "0.5", "/runs/2/densty: unknown field 'densty'; did you mean 'density'?"},
      {"/runs/2/density", "1.5", "/runs/2/density: 1.5 found, a number in [0, 1] expected"},
      {"/runs/2/density", "[0.5, -1]", "/runs/2/density: -1 found, a number in [0, 1] expected"},
      {"/runs/2/density", "[]", "/runs/2/density: [] found, a value or a list of values expected"},
      {"/runs/2/density", R"("0.5")",
       "/runs/2/density: \"0.5\" found, a number in [0, 1] expected"},
      {"/runs/2/num_batches", "1.5",
       "/runs/2/num_batches: 1.5 found, an integer in [1, 1000] expected"},
      {"/runs/3/scope", R"("layer")",
       "/runs/3/scope: \"layer\" found, one of global, per_layer expected"},
      {"/runs/3/rewind", R"("2 epochs")",
       "/runs/3/rewind: '2 epochs' is no duration; allowed: epochs as \"5ep\", iterations as "
       "\"1000it\", a fraction of the run in [0, 1] as \"0.5\""},
      {"/runs/3/rewind", R"("13it")",
       "/runs/3: imp: iterations [0, 13) of phase train were asked for; it has 12"},
      {"/runs/1/name", R"("snip")", "/runs/2/name: 'snip' names two runs"},
      {"/runs/0/source/run", R"("dens")",
       "/runs/0/source/run: unknown run 'dens'; did you mean 'dense'?"},
      {"/runs/4/source/level", "5",
       "/runs/4/source/level: 5 found; run 'curve' records the levels 0, 1, 2"},
      {"/runs/0/source", R"({"run": "curve"})",
       "/runs/0/source: magnitude_one_shot starts from a dense ticket; that of level 2 of run "
       "'curve' has density 0.64; choose another with \"level\""},
      {"/runs/4/source", R"({"run": "dense", "level": 1})",
       "/runs/4/source/level: 1 found; run 'dense' records the levels 0"},
      {"/runs/4/source", R"({"run": "dense"})",
       "/runs/4/source/run: imp_shuffled starts from a sparse ticket; run 'dense' records only "
       "dense ones"},
      {"/runs/2/source", R"({"run": "dense"})",
       "/runs/2/source: snip starts from nothing and takes no source"},
      {"/runs/0/source/run", R"("shot")", "/runs/0/source/run: sources form a cycle: shot -> shot"},
      {"/harness/dataset", R"("toyy")",
       "/harness/dataset: unknown dataset 'toyy'; did you mean 'toy'?"},
      {"/harness/model", R"("resnet9")",
       "/harness/model: unknown model 'resnet9'; did you mean 'resnet8'?"},
      {"/harness/recipe", R"("tay")", "/harness/recipe: unknown recipe 'tay'; did you mean 'toy'?"},
      {"/runs/1/harness", R"({"dataset": "toyy"})",
       "/runs/1/harness/dataset: unknown dataset 'toyy'; did you mean 'toy'?"},
      {"/runs/1/harness", R"({"model": "resnet9"})",
       "/runs/1/harness/model: unknown model 'resnet9'; did you mean 'resnet8'?"},
      {"/runs/1/harness", R"({"recipe": "tay"})",
       "/runs/1/harness/recipe: unknown recipe 'tay'; did you mean 'toy'?"},
  };
  for (const Refused& c : cases) {
    json suite = suite_of(kChain);
    suite[json::json_pointer(c.pointer)] = json::parse(c.value);
    const Folder folder(suite);
    BOOST_TEST(refusal([&] { folder.plan(); }) == folder.file.string() + ": " + c.message);
  }
}

// What the schema says: only where it stands and with what is allowed; the words are its own.
BOOST_AUTO_TEST_CASE(mistakes_of_form_are_named) {
  const Refused cases[] = {
      {"/seeds", "[]", "/seeds: "},
      {"/seeds", "[1, 1]", "/seeds: "},
      {"/seeds", "[1.5]", "/seeds/0: "},
      {"/seedz", "[1]", "/seedz"},
      {"/harness/modell", R"("resnet8")", "/harness/modell"},
      {"/runs", "[]", "/runs: "},
      {"/runs/1", R"({"name": "dense"})", "/runs/1"},
      {"/runs/1/name", R"("a b")", "/runs/1/name: "},
      {"/runs/1/method", "3", "/runs/1/method: "},
      {"/runs/0/source/level", "-1", "/runs/0/source/level: "},
      {"/requires", R"({"device": "tpu"})", "/requires/device: "},
  };
  for (const Refused& c : cases) {
    json suite = suite_of(kChain);
    suite[json::json_pointer(c.pointer)] = json::parse(c.value);
    const Folder folder(suite);
    const std::string message = refusal([&] { folder.plan(); });
    BOOST_TEST(message.starts_with(folder.file.string() + ": "), message);
    BOOST_TEST(message.find(c.message) != std::string::npos, message << " lacks " << c.message);
  }
}

BOOST_AUTO_TEST_CASE(longer_cycles_are_named_in_order) {
  const Folder folder(suite_of(json::parse(R"([
    {"name": "c", "method": "imp_shuffled", "source": {"run": "a"}},
    {"name": "a", "method": "imp_shuffled", "source": {"run": "b"}},
    {"name": "b", "method": "imp_reinit", "source": {"run": "a"}}])")));
  BOOST_TEST(refusal([&] { folder.plan(); }) ==
             folder.file.string() + ": /runs/1/source/run: sources form a cycle: a -> b -> a");
}

BOOST_AUTO_TEST_CASE(a_missing_source_is_named) {
  const Folder folder(suite_of(json::parse(R"([{"name": "d", "method": "dense"},
      {"name": "shot", "method": "magnitude_one_shot"},
      {"name": "shuffled", "method": "imp_shuffled", "source": {"run": "d"}}])")));
  BOOST_TEST(refusal([&] { folder.plan(); }) ==
             folder.file.string() +
                 ": /runs/1: magnitude_one_shot starts from a dense run; add \"source\": "
                 "{\"run\": NAME} (there is: d, shuffled)");
}

BOOST_AUTO_TEST_CASE(broken_json_is_named_by_line_and_column) {
  const Folder folder(suite_of(kChain));
  folder.folder.write("suite.json", "{\n  \"title\": \"A\",\n  \"seeds\": [1,]\n}");
  BOOST_TEST(refusal([&] { folder.plan(); }).starts_with(folder.file.string() + ":3:15: "));
  const Folder other(suite_of(kChain));
  const fs::path recipe = other.folder.write("recipes/toy.json", R"({"phases": {"train": 3}})");
  BOOST_TEST(refusal([&] { other.plan(); }) ==
             recipe.string() + ": /phases/train: 3 found, an object expected");
}

// --set: runs by name and not by place, values as JSON or else as text, also whole axes; the
// file's own values elsewhere stay.
BOOST_AUTO_TEST_CASE(set_changes_values) {
  const auto with = [](const std::vector<std::string>& set) {
    return Folder(suite_of(kChain)).plan({.set = set});
  };
  BOOST_TEST(with({"/runs/snip/density=0.05"}).runs.at(2).spec.fields.at("density") == 0.05);
  BOOST_TEST(with({"/runs/snip/density=[0.1, 0.2, 0.3]"}).runs.size() == 8U);
  BOOST_TEST(with({"/runs/curve/scope=per_layer"}).runs.at(4).spec.fields.at("scope") ==
             "per_layer");
  BOOST_TEST(with({"/runs/shuffled/source/level=2"}).runs.at(5).spec.source->level.value() == 2);
  BOOST_TEST(with({"/harness/model=resnet14"}).runs.at(0).spec.model == "resnet14");
  BOOST_TEST(with({"/seeds=[1, 2]", "/runs/snip/density=0.5"}).runs.size() == 12U);
  BOOST_TEST(with({"/runs/snip/num_batches=2"}).runs.at(2).hash != with({}).runs.at(2).hash);
}

BOOST_AUTO_TEST_CASE(mistakes_in_set_are_named) {
  const Folder folder(suite_of(kChain));
  const auto refused = [&](const std::string& set) {
    return refusal([&] { folder.plan({.set = {set}}); });
  };
  const std::string form = ": expected POINTER=VALUE, such as /runs/snip/density=0.05";
  BOOST_TEST(refused("/runs/snip/density") == "--set /runs/snip/density" + form);
  BOOST_TEST(refused("runs/snip/density=1") == "--set runs/snip/density=1" + form);
  BOOST_TEST(refused("/runs/snib/density=1") ==
             "--set /runs/snib/density=1: unknown run 'snib'; did you mean 'snip'?");
  BOOST_TEST(refused("/harnes/model=resnet8") ==
             "--set /harnes/model=resnet8: the suite has no such place; runs are set as "
             "/runs/NAME/FIELD=VALUE");
  // A misspelt field is what any misspelt field is.
  BOOST_TEST(refused("/runs/snip/densty=1") ==
             folder.file.string() +
                 ": /runs/2/densty: unknown field 'densty'; did you mean 'density'?");
  BOOST_TEST(refused("/runs/snip/density=2") ==
             folder.file.string() + ": /runs/2/density: 2 found, a number in [0, 1] expected");
}

// A suite that is broken is named as such, also where --set would look into it first.
BOOST_AUTO_TEST_CASE(set_in_a_broken_suite) {
  for (const char* runs : {R"([1])", R"({"a": 1})", R"([{"name": 3, "method": "dense"}])"}) {
    const Folder folder(suite_of(json::parse(runs)));
    const std::string message = refusal([&] { folder.plan({.set = {"/runs/snip/density=0.5"}}); });
    BOOST_TEST(message.starts_with(folder.file.string() + ": /runs"), message);
  }
}

// Chosen by the beginning of a hash, with all it starts from, and nothing else.
BOOST_AUTO_TEST_CASE(selected_runs_bring_their_sources) {
  const Plan plan = plan_of(kChain);
  const Plan shot = select_runs(plan, {plan.runs[1].hash.substr(0, 12)});
  BOOST_TEST(labels(shot) == std::vector<std::string>({"dense", "shot"}),
             boost::test_tools::per_element());
  const Plan two = select_runs(plan, {plan.runs[6].hash, plan.runs[2].hash});
  BOOST_TEST(
      labels(two) == std::vector<std::string>({"snip density=0.5", "curve", "shuffled level=last"}),
      boost::test_tools::per_element());
  // By name too, and then all that have it; half a name is none.
  BOOST_TEST(labels(select_runs(plan, {"shot"})) == labels(shot), boost::test_tools::per_element());
  BOOST_TEST(refusal([&] { select_runs(plan, {"sho"}); }) ==
             "--only sho: no run of these suites has such a hash or name; see 'ticketbench plan'");
}

// Each run in exactly one part, a source with everything that starts from it, for any number of
// parts; work spread: of two parts none is empty and none holds all of the large chains.
BOOST_AUTO_TEST_CASE(shards_are_a_partition_into_whole_chains) {
  json suite = suite_of(kChain);
  suite["seeds"] = {1, 2};
  const Plan plan = Folder(suite).plan();
  for (int64_t count = 1; count <= 10; ++count) {
    std::map<std::string, int64_t> part_of;
    for (int64_t index = 1; index <= count; ++index) {
      for (const PlannedRun& run : shard(plan, index, count).runs)
        BOOST_TEST(part_of.emplace(run.hash, index).second);
    }
    BOOST_TEST(part_of.size() == plan.runs.size());
    for (const PlannedRun& run : plan.runs) {
      if (run.spec.source) BOOST_TEST(part_of[run.hash] == part_of[run.spec.source->hash]);
    }
  }
  std::vector<double> work;
  for (int64_t index = 1; index <= 2; ++index) {
    work.push_back(0);
    for (const PlannedRun& run : shard(plan, index, 2).runs) work.back() += run.cost.macs;
  }
  BOOST_TEST(work[0] == work[1]);  // two seeds, so two equal halves
  for (const auto& [index, count] : {std::pair{0, 2}, {3, 2}, {1, 0}}) {
    BOOST_TEST(refusal([&] { shard(plan, index, count); }) ==
               fmt::format("--shard {}/{}: expected I/N with 1 <= I <= N", index, count));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
