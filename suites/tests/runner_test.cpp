#include "suites/runner.hpp"

#include "core/files.hpp"
#include "core/method.hpp"
#include "reports/json_schema.hpp"
#include "reports/record.hpp"
#include "suites/machine.hpp"
#include "suites/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace ticketbench {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Methods that behave badly, each in its own way.

struct TestThrows {
  static constexpr Card card{
      .name = "test_throws", .title = "Throws", .paper = "none", .place = "none"};
  void fields(Fields&) {}
  // Not while it is planned: there no hook is called.
  void run(Lab& lab) const {
    const NetPtr net = lab.fresh_net();
    MaskSet mask = MaskSet::ones(*net);
    lab.train(*net, mask, {}, {.after_step = [](TrainStep&) {
      throw std::runtime_error("the sky fell\nframe #0: a stack trace");
    }});
    lab.record(*net, mask);
  }
};
TICKETBENCH_REGISTER_METHOD(TestThrows);

struct TestSilent {
  static constexpr Card card{
      .name = "test_silent", .title = "Records nothing", .paper = "none", .place = "none"};
  void fields(Fields&) {}
  void run(Lab& lab) const { static_cast<void>(lab.fresh_net()); }
};
TICKETBENCH_REGISTER_METHOD(TestSilent);

struct TestUntrained {
  static constexpr Card card{
      .name = "test_untrained", .title = "At chance", .paper = "none", .place = "none"};
  void fields(Fields&) {}
  void run(Lab& lab) const {
    const NetPtr net = lab.fresh_net();
    {
      const torch::NoGradGuard no_grad;
      torch::Tensor(net->parameters().at("fc.weight")).zero_();
    }
    lab.record(*net, MaskSet::ones(*net));
  }
};
TICKETBENCH_REGISTER_METHOD(TestUntrained);

// Well trained, then a whole layer pruned.
struct TestCollapsed {
  static constexpr Card card{
      .name = "test_collapsed", .title = "An empty layer", .paper = "none", .place = "none"};
  void fields(Fields&) {}
  void run(Lab& lab) const {
    const NetPtr net = lab.fresh_net();
    MaskSet mask = MaskSet::ones(*net);
    lab.train(*net, mask, {});
    mask["layer3.0.downsample.0.weight"].zero_();
    lab.record(*net, mask, 0);
  }
};
TICKETBENCH_REGISTER_METHOD(TestCollapsed);

// Dense training that throws while the test says so.
std::atomic<bool> moody = false;
struct TestMoody {
  static constexpr Card card{
      .name = "test_moody", .title = "Moody", .paper = "none", .place = "none"};
  void fields(Fields&) {}
  void run(Lab& lab) const {
    const NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    MaskSet mask = MaskSet::ones(*net);
    lab.train(*net, mask, {});
    if (moody) throw std::runtime_error("not today");
    lab.record(*net, mask, 0, {.rewind_to = initial});
  }
};
TICKETBENCH_REGISTER_METHOD(TestMoody);

// Stays in the middle of its work for as long as the test wants.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  bool inside = false;
  bool open = true;
};
Gate gate;
struct TestWaits {
  static constexpr Card card{
      .name = "test_waits", .title = "Waits", .paper = "none", .place = "none"};
  void fields(Fields&) {}
  void run(Lab& lab) const {
    const NetPtr net = lab.fresh_net();
    MaskSet mask = MaskSet::ones(*net);
    lab.train(*net, mask, {});
    std::unique_lock lock(gate.mutex);
    gate.inside = true;
    gate.changed.notify_all();
    gate.changed.wait(lock, [] { return gate.open; });
    lab.record(*net, mask);
  }
};
TICKETBENCH_REGISTER_METHOD(TestWaits);

// One loss that isn't finite on the way, and a series that has no value: the weights that count are
// sound.
struct TestStumbles {
  static constexpr Card card{
      .name = "test_stumbles", .title = "Stumbles", .paper = "none", .place = "none"};
  void fields(Fields&) {}
  void run(Lab& lab) const {
    const NetPtr net = lab.fresh_net();
    MaskSet mask = MaskSet::ones(*net);
    lab.train(*net, mask, {});
    lab.record(*net, mask);
    lab.measure("distance", std::nan(""), "none", 0);
    const NetPtr other = lab.fresh_net("other");
    lab.train(*other, mask, {.phase = "finetune"},
              {.effective_weight = [](const std::string& name, const torch::Tensor& w) {
                return name == "fc.weight" ? w * std::nanf("") : w;
              }});
  }
};
TICKETBENCH_REGISTER_METHOD(TestStumbles);

// A suite on the toy set in a folder of its own, and its results.
struct Bench {
  TemporaryFolder folder;
  Plan plan;
  RunOptions options;
  std::vector<std::string> reasons;
  std::vector<bool> resumed;

  explicit Bench(const char* runs, const char* dataset = "toy")
      : Bench(json{{"title", "Suite"},
                   {"harness", {{"dataset", dataset}, {"model", "resnet8"}, {"recipe", "toy"}}},
                   {"seeds", {1}},
                   {"runs", json::parse(runs)}}) {}

  explicit Bench(const json& suite) {
    folder.write("recipes/toy.json", R"({
      "augmentation": {"padding": 0, "flip": false}, "prunable": {"classifier": false},
      "phases": {"train": {"length": "18it", "batch_size": 16, "schedule": {"kind": "constant"}},
                 "finetune": {"length": "6it", "batch_size": 16, "schedule": {"kind": "constant"}}}})");
    plan = make_plan({folder.write("suite.json", suite.dump()).string()}, {});
    options = {.results = folder.path() / "results",
               .threads = 1,
               .revision = "none",
               .version = "test",
               .compiler = "test"};
  }

  std::vector<Outcome> run() {
    reasons.assign(plan.runs.size(), "");
    resumed.clear();
    return run_plan(plan, options,
                    {.started = [&](const PlannedRun&, bool again) { resumed.push_back(again); },
                     .progress = {},
                     .finished =
                         [&](const PlannedRun& run, Outcome, const std::string& reason) {
                           reasons[static_cast<size_t>(&run - plan.runs.data())] = reason;
                         }});
  }

  [[nodiscard]] fs::path folder_of(size_t index) const {
    return run_folder(options.results, plan.runs.at(index).hash);
  }
  [[nodiscard]] fs::path record_file(size_t index) const {
    return folder_of(index) / "record.json";
  }
  // Validated: against the schema, and for what contradicts itself.
  [[nodiscard]] Record record(size_t index) const { return load_record(record_file(index)); }
  [[nodiscard]] json document(size_t index) const {
    return parse_json_file(record_file(index).string());
  }
  // Levels whose tickets lie in the folder.
  [[nodiscard]] std::set<int64_t> tickets(size_t index) const {
    std::set<int64_t> levels;
    for (int64_t level = 0; level < 10; ++level) {
      if (fs::exists(folder_of(index) / fmt::format("ticket_{}.safetensors", level)))
        levels.insert(level);
    }
    return levels;
  }
};

std::vector<std::string> words(const std::vector<Outcome>& outcomes) {
  const char* const names[] = {"done",   "cached",  "mistrusted",  "skipped",
                               "failed", "timeout", "interrupted", "busy"};
  std::vector<std::string> result;
  for (const Outcome outcome : outcomes) result.emplace_back(names[static_cast<size_t>(outcome)]);
  return result;
}

using Words = std::vector<std::string>;

constexpr const char* kDense = R"([{"name": "dense", "method": "dense"}])";
constexpr const char* kFive = R"([
  {"name": "dense", "method": "dense"},
  {"name": "shot", "method": "magnitude_one_shot", "density": 0.5, "source": {"run": "dense"}},
  {"name": "snip", "method": "snip", "density": 0.5},
  {"name": "imp", "method": "imp", "levels": 2, "rewind": "2it"},
  {"name": "shuffled", "method": "imp_shuffled", "source": {"run": "imp", "level": 1}}])";

BOOST_AUTO_TEST_SUITE(runner)

// A whole suite with sources: everything is ok, each record obeys the schema and says what it was;
// again nothing is done and no file is touched.
BOOST_AUTO_TEST_CASE(a_second_run_does_nothing) {
  Bench bench(kFive);
  BOOST_TEST(words(bench.run()) == Words(5, "done"), boost::test_tools::per_element());
  std::vector<std::string> bytes;
  std::vector<fs::file_time_type> times;
  for (size_t i = 0; i < 5; ++i) {
    const Record record = bench.record(i);
    BOOST_TEST((record.status == Status::ok));
    BOOST_TEST(record.reason == "");
    BOOST_TEST(record.hash == bench.plan.runs[i].hash);
    BOOST_TEST(record.name == bench.plan.runs[i].name);
    BOOST_TEST(record.command == fmt::format("ticketbench run {} --only {} --seeds 1",
                                             (bench.folder.path() / "suite.json").string(),
                                             record.hash.substr(0, 12)));
    BOOST_TEST(record.division == "suite-protocol");
    BOOST_TEST(record.data->train == 96);
    BOOST_TEST(record.provenance->resume_count == 0);
    BOOST_TEST(record.provenance->threads.value() == 1);
    BOOST_TEST(!fs::exists(bench.folder_of(i) / "journal"));
    bytes.push_back(read_file(bench.record_file(i)));
    times.push_back(fs::last_write_time(bench.record_file(i)));
  }
  BOOST_TEST(bench.record(1).source->hash == bench.plan.runs[0].hash);
  BOOST_TEST(bench.record(3).points.size() == 3U);
  BOOST_TEST(bench.record(3).points[1].counts.kept_prunable == std::llround(0.8 * 76720));
  BOOST_TEST(bench.record(4).points[0].level == 1);

  BOOST_TEST(words(bench.run()) == Words(5, "cached"), boost::test_tools::per_element());
  BOOST_TEST(bench.resumed.empty());
  for (size_t i = 0; i < 5; ++i) {
    BOOST_TEST(read_file(bench.record_file(i)) == bytes[i]);
    BOOST_TEST((fs::last_write_time(bench.record_file(i)) == times[i]));
  }
}

// Side by side or one after the other, and in another folder: the same results and tickets, byte
// for byte. A generator or a momentum shared by two runs would show.
BOOST_AUTO_TEST_CASE(jobs_change_no_result) {
  Bench one(kFive);
  Bench two(kFive);
  one.options.keep = two.options.keep = Keep::all;
  two.options.jobs = 2;
  BOOST_TEST(words(one.run()) == Words(5, "done"), boost::test_tools::per_element());
  BOOST_TEST(words(two.run()) == Words(5, "done"), boost::test_tools::per_element());
  for (size_t i = 0; i < 5; ++i) {
    BOOST_TEST_REQUIRE(one.plan.runs[i].hash == two.plan.runs[i].hash);
    BOOST_TEST(one.document(i).at("results").dump() == two.document(i).at("results").dump());
    BOOST_TEST(one.tickets(i) == two.tickets(i), boost::test_tools::per_element());
  }
}

// The printer of a terminal keeps no lock of its own. And with two jobs the longest chain (imp and
// what starts from it) goes first, with one the plan's order holds.
BOOST_AUTO_TEST_CASE(an_observer_is_called_one_at_a_time) {
  for (const int64_t jobs : {1, 2}) {
    Bench bench(kFive);
    bench.options.jobs = jobs;
    std::atomic<int> inside = 0;
    bool overlap = false;
    std::vector<std::string> begun;
    const auto enter = [&] {
      if (++inside != 1) overlap = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      --inside;
    };
    run_plan(bench.plan, bench.options,
             {.started =
                  [&](const PlannedRun& run, bool) {
                    enter();
                    begun.push_back(run.name);
                  },
              .progress = [&](const PlannedRun&, const Progress&, int64_t) { enter(); },
              .finished = [&](const PlannedRun&, Outcome, const std::string&) { enter(); }});
    BOOST_TEST(!overlap);
    BOOST_TEST(begun.size() == 5U);
    const auto first_two = std::set<std::string>{begun.at(0), begun.at(1)};
    BOOST_TEST(first_two.contains("imp") == (jobs == 2));
  }
}

// A number that isn't finite is null in the record; one that can be written but not read again
// would have the run repeated for ever.
BOOST_AUTO_TEST_CASE(what_is_not_finite_on_the_way_is_null_in_the_record) {
  Bench bench(R"([{"name": "stumbles", "method": "test_stumbles"}])");
  BOOST_TEST(words(bench.run()) == Words({"done"}), boost::test_tools::per_element());
  const json results = bench.document(0).at("results");
  BOOST_TEST(results.at("measures")[0].at("points")[0].at("value").is_null());
  BOOST_TEST(results.at("curves")[1].at("epochs")[0].at("train_loss").is_null());
  BOOST_TEST(words(bench.run()) == Words({"cached"}), boost::test_tools::per_element());
}

// A run that throws ends with its reason (one line of it); those that start from it are skipped and
// say why; all others go on. Tried again they are run again.
BOOST_AUTO_TEST_CASE(a_failure_stays_alone) {
  Bench bench(R"([
    {"name": "throws", "method": "test_throws"},
    {"name": "silent", "method": "test_silent"},
    {"name": "shot", "method": "magnitude_one_shot", "source": {"run": "throws"}},
    {"name": "dense", "method": "dense"}])");
  for (const char* last : {"done", "cached"}) {
    BOOST_TEST(words(bench.run()) == Words({"failed", "failed", "skipped", last}),
               boost::test_tools::per_element());
  }
  BOOST_TEST(bench.plan.runs[2].name == "shot");
  BOOST_TEST(bench.reasons[0] == "the sky fell");
  BOOST_TEST(bench.reasons[2] ==
             fmt::format("its source {} did not end well (failed: the sky fell)",
                         bench.plan.runs[0].hash.substr(0, 8)));
  BOOST_TEST(bench.reasons[1] == "the method returned without a record");
  const Status expected[] = {Status::failed, Status::failed, Status::skipped, Status::ok};
  for (size_t i = 0; i < 4; ++i) {
    BOOST_TEST((bench.record(i).status == expected[i]));
    BOOST_TEST(bench.record(i).reason == bench.reasons[i]);
  }
}

// Finished but not believable: never "ok", again without a second run, and still a source for
// others.
BOOST_AUTO_TEST_CASE(what_cannot_be_believed_is_mistrusted) {
  Bench bench(R"([
    {"name": "untrained", "method": "test_untrained"},
    {"name": "collapsed", "method": "test_collapsed"},
    {"name": "shot", "method": "magnitude_one_shot", "density": 0.5, "source": {"run": "untrained"},
     "retraining": "learning_rate_rewinding"}])");
  BOOST_TEST(words(bench.run()) == Words({"mistrusted", "mistrusted", "done"}),
             boost::test_tools::per_element());
  BOOST_TEST(bench.reasons[0].starts_with("level 0: accuracy "), bench.reasons[0]);
  BOOST_TEST(bench.reasons[0].ends_with("is within three standard errors of chance (25.00 %)"));
  BOOST_TEST(bench.reasons[1] == "level 0: a prunable layer has nothing kept");
  BOOST_TEST((bench.record(0).status == Status::mistrusted));
  BOOST_TEST(bench.record(1).points[0].layer_collapse);
  BOOST_TEST(words(bench.run()) == Words({"mistrusted", "mistrusted", "cached"}),
             boost::test_tools::per_element());
  BOOST_TEST(bench.resumed.empty());
}

// imp records levels 0, 1, 2; two runs start from level 1. Kept as said, the needed one only until
// nothing needs it any more; a ticket that isn't there isn't named, one that is has its checksum.
BOOST_AUTO_TEST_CASE(tickets_are_kept_as_asked) {
  const std::map<Keep, std::set<int64_t>> expected{
      {Keep::all, {0, 1, 2}}, {Keep::last, {2}}, {Keep::none, {}}};
  for (const auto& [keep, levels] : expected) {
    Bench bench(kFive);
    bench.options.keep = keep;
    BOOST_TEST(words(bench.run()) == Words(5, "done"), boost::test_tools::per_element());
    BOOST_TEST(bench.tickets(3) == levels, boost::test_tools::per_element());
    BOOST_TEST(bench.tickets(0).size() == (keep == Keep::none ? 0U : 1U));
    const json document = bench.document(3);
    for (const json& point : document.at("results").at("points")) {
      const bool there = levels.contains(point.at("level").get<int64_t>());
      if (there) BOOST_TEST(point.at("ticket_sha256").get<std::string>().size() == 64U);
      if (there) BOOST_TEST(point.at("ticket").is_string());
      if (!there) BOOST_TEST(point.at("ticket").is_null());
      if (!there) BOOST_TEST(point.at("ticket_sha256").is_null());
    }
    // Without their tickets finished runs are still finished.
    BOOST_TEST(words(bench.run()) == Words(5, "cached"), boost::test_tools::per_element());
  }
}

// Wanted again by a new run, a source without its ticket is trained again, to the same results.
BOOST_AUTO_TEST_CASE(a_source_without_its_ticket_is_run_again) {
  Bench bench(kFive);
  bench.options.keep = Keep::none;
  bench.run();
  const std::string results = bench.document(0).at("results").at("curves").dump();
  fs::remove_all(bench.folder_of(1));
  BOOST_TEST(words(bench.run()) == Words({"done", "done", "cached", "cached", "cached"}),
             boost::test_tools::per_element());
  BOOST_TEST(bench.document(0).at("results").at("curves").dump() == results);
  BOOST_TEST(bench.tickets(0).empty());
}

// The same, but this time it throws: what was found before stays.
BOOST_AUTO_TEST_CASE(a_finished_record_is_not_overwritten_by_a_failure) {
  Bench bench(R"([{"name": "moody", "method": "test_moody"},
    {"name": "shot", "method": "magnitude_one_shot", "density": 0.5, "source": {"run": "moody"}}])");
  bench.options.keep = Keep::none;
  BOOST_TEST(words(bench.run()) == Words({"done", "done"}), boost::test_tools::per_element());
  const std::string before = read_file(bench.record_file(0));
  fs::remove_all(bench.folder_of(1));
  moody = true;
  const std::vector<Outcome> outcomes = bench.run();
  moody = false;
  BOOST_TEST(words(outcomes)[0] == "failed");
  BOOST_TEST(bench.reasons[0] == "not today");
  BOOST_TEST(read_file(bench.record_file(0)) == before);
  BOOST_TEST(words(outcomes)[1] != "done");
  BOOST_TEST(words(bench.run()) == Words({"done", "done"}), boost::test_tools::per_element());
}

// A record that a crash of the machine, or a person, broke is no result: the run is done again.
BOOST_AUTO_TEST_CASE(a_broken_record_is_redone) {
  Bench bench(kDense);
  bench.run();
  const json results = bench.document(0).at("results");
  const std::string whole = read_file(bench.record_file(0));
  for (const std::string& broken : {whole.substr(0, whole.size() / 2), std::string("{}")}) {
    write_atomically(bench.record_file(0), broken);
    BOOST_TEST(words(bench.run()) == Words({"done"}), boost::test_tools::per_element());
    BOOST_TEST((bench.document(0).at("results") == results));
  }
}

// Two runners at one run: the second is told who has it and writes nothing; when the first has
// ended the run is done.
BOOST_AUTO_TEST_CASE(of_two_runners_one_is_busy) {
  Bench bench(R"([{"name": "waits", "method": "test_waits"}])");
  gate.inside = gate.open = false;
  std::vector<Outcome> first;
  std::jthread other([&] { first = run_plan(bench.plan, bench.options, {}); });
  {
    std::unique_lock lock(gate.mutex);
    BOOST_TEST_REQUIRE(
        gate.changed.wait_for(lock, std::chrono::seconds(60), [] { return gate.inside; }));
  }
  BOOST_TEST(words(bench.run()) == Words({"busy"}), boost::test_tools::per_element());
  BOOST_TEST(bench.reasons[0] ==
             fmt::format("process {} is running it; run again when it has ended", ::getpid()));
  BOOST_TEST(!fs::exists(bench.record_file(0)));
  {
    const std::lock_guard lock(gate.mutex);
    gate.open = true;
  }
  gate.changed.notify_all();
  other.join();
  BOOST_TEST(words(first) == Words({"done"}), boost::test_tools::per_element());
  BOOST_TEST(words(bench.run()) == Words({"cached"}), boost::test_tools::per_element());
}

// Ten runners on the same plan, each with two jobs: every run is done exactly once, by one of them.
// One that looks for a record only before it takes the lock does some twice.
BOOST_AUTO_TEST_CASE(many_runners_do_each_run_once) {
  Bench bench(
      R"([{"name": "silent", "method": "test_untrained"}, {"name": "snip", "method": "snip", "density": [0.5, 0.6]}])");
  std::atomic<int> done = 0;
  {
    std::vector<std::jthread> runners;
    for (int i = 0; i < 10; ++i) {
      runners.emplace_back([&] {
        RunOptions options = bench.options;
        options.jobs = 2;
        run_plan(
            bench.plan, options,
            {.started = [&](const PlannedRun&, bool) { ++done; }, .progress = {}, .finished = {}});
      });
    }
  }
  BOOST_TEST(done == 3);
}

// Out of time is said with a record, and with more time the run goes on where it was.
BOOST_AUTO_TEST_CASE(a_timeout_is_said_and_resumed) {
  Bench undisturbed(kDense);
  undisturbed.run();
  Bench bench(kDense);
  bench.options.timeout_seconds = 1e-6;
  BOOST_TEST(words(bench.run()) == Words({"timeout"}), boost::test_tools::per_element());
  BOOST_TEST((bench.record(0).status == Status::timeout));
  BOOST_TEST(bench.record(0).reason.starts_with("out of time after 0 s (--timeout)"));
  BOOST_TEST(fs::exists(bench.folder_of(0) / "journal"));
  bench.options.timeout_seconds = 0;
  BOOST_TEST(words(bench.run()) == Words({"done"}), boost::test_tools::per_element());
  BOOST_TEST(bench.record(0).provenance->resume_count == 1);
  BOOST_TEST((bench.document(0).at("results") == undisturbed.document(0).at("results")));
}

// Stopped by a signal: nothing is said of the run but that it is saved, nothing else begins, and it
// goes on to the same results.
BOOST_AUTO_TEST_CASE(an_interrupted_plan_goes_on) {
  Bench undisturbed(kFive);
  undisturbed.run();
  Bench bench(kFive);
  int calls = 0;
  bench.options.interrupted = [&] { return ++calls > 22; };
  BOOST_TEST(words(bench.run()) ==
                 Words({"done", "interrupted", "interrupted", "interrupted", "interrupted"}),
             boost::test_tools::per_element());
  BOOST_TEST(bench.reasons[1] == "saved; run again to go on");
  BOOST_TEST(!fs::exists(bench.record_file(1)));
  bench.options.interrupted = {};
  BOOST_TEST(words(bench.run()) == Words({"cached", "done", "done", "done", "done"}),
             boost::test_tools::per_element());
  BOOST_TEST(bench.resumed == std::vector<bool>({true, false, false, false}),
             boost::test_tools::per_element());
  for (size_t i = 0; i < 5; ++i)
    BOOST_TEST((bench.document(i).at("results") == undisturbed.document(i).at("results")));
}

// What can't be done here is skipped with the reason, and the exit is no failure.
BOOST_AUTO_TEST_CASE(a_device_that_is_absent_skips_the_run) {
  Bench bench(R"([{"name": "gpu", "method": "dense", "requires": {"device": "cuda"}},
                  {"name": "cpu", "method": "snip", "density": 0.5, "requires": {"device": "cpu"}}])");
  BOOST_TEST(words(bench.run()) == Words({"skipped", "done"}), boost::test_tools::per_element());
  BOOST_TEST(bench.reasons[0] == (has_gpu() ? "requires a GPU; run with --device cuda"
                                            : "requires a GPU, and there is none on this machine"));
  BOOST_TEST((bench.record(0).status == Status::skipped));
  BOOST_TEST(bench.record(0).points.empty());
}

BOOST_AUTO_TEST_CASE(data_that_is_not_given_skips_the_run) {
  Bench bench(R"([{"name": "toy", "method": "dense", "harness": {"dataset": "toy"}},
                  {"name": "cifar", "method": "dense"}])",
              "cifar10");
  BOOST_TEST(words(bench.run()) == Words({"done", "skipped"}), boost::test_tools::per_element());
  BOOST_TEST(bench.reasons[1] ==
             "cifar10 has to be there: give the folder that holds it with --data");
  BOOST_TEST((bench.record(1).status == Status::skipped));
}

// Given, but not there: that is a mistake, said before anything runs.
BOOST_AUTO_TEST_CASE(mistakes_are_said_before_anything_runs) {
  Bench bench(R"([{"name": "toy", "method": "dense", "harness": {"dataset": "toy"}},
                  {"name": "cifar", "method": "dense"}])",
              "cifar10");
  bench.options.data = bench.folder.path() / "data";
  BOOST_TEST(refusal([&] { bench.run(); }) ==
             (bench.folder.path() / "data/cifar-10-batches-bin/data_batch_1.bin").string() +
                 ": missing; expected 30730000 bytes. Give the folder that holds "
                 "cifar-10-batches-bin with --data");
  BOOST_TEST(!fs::exists(bench.record_file(0)));

  Bench device(kDense);
  device.options.device = "tpu";
  BOOST_TEST(refusal([&] { device.run(); }) == "--device tpu: expected cpu or cuda");
  if (!has_gpu()) {
    device.options.device = "cuda";
    const std::string message = refusal([&] { device.run(); });
    BOOST_TEST(message.starts_with("--device cuda: LibTorch"));
    BOOST_TEST(message.find('\n') == std::string::npos);
  }

  Bench results(kDense);
  results.options.results = results.folder.write("file", "") / "below";
  BOOST_TEST(refusal([&] { results.run(); }) ==
             fmt::format("--results {}: can't write there: Not a directory",
                         results.options.results.string()));
}

// A folder that can't be written makes its own run fail, no other; a machine without a place for
// the record has no record.
BOOST_AUTO_TEST_CASE(a_run_without_a_place_fails_alone) {
  Bench bench(
      R"([{"name": "dense", "method": "dense"}, {"name": "snip", "method": "snip", "density": 0.5}])");
  fs::create_directories(bench.options.results);
  write_atomically(bench.folder_of(0), "a file where the folder should be");
  BOOST_TEST(words(bench.run()) == Words({"failed", "done"}), boost::test_tools::per_element());
  BOOST_TEST(bench.reasons[0].find(bench.folder_of(0).string()) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
