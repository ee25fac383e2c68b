// Restart by replay: interrupted anywhere, a run ends with the same bytes.

#include "core/files.hpp"
#include "core/score.hpp"
#include "core/select.hpp"
#include "suites/harness/journal.hpp"
#include "suites/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <map>
#include <optional>

namespace ticketbench {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct Killed {};

// A small IMP with all that a method may carry along: a learned tensor in a group, one in an
// optimizer of its own, a moving average and a mask as declared state (one changes its shape), a
// mask that changes within a span, selection of the best epoch, measures and evaluations from
// inside hooks. `between` is called after each finished verb.
void small_imp(Lab& lab, const std::function<void()>& between) {
  NetPtr net = lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  torch::Tensor gain = torch::ones({64}, torch::requires_grad());
  torch::Tensor score = torch::zeros({4}, torch::requires_grad());
  const auto optimizer = lab.optimizer({score}, {.learning_rate = 0.5});
  torch::Tensor average = torch::zeros({4, 64});
  torch::Tensor seen = torch::zeros({1}, torch::kBool);
  lab.state("average", average);
  lab.state("seen", seen);
  // As BiP's mask: replaced in hooks, used by the forward pass.
  MaskSet latent = MaskSet::ones(*net);
  lab.state("latent", latent);

  const Hooks hooks{
      .effective_weight =
          [&](const std::string& name, const torch::Tensor& w) {
            if (name == "fc.weight") return w * gain;
            return latent.contains(name) ? w * latent.at(name) : w;
          },
      .parameters = {{.tensors = {gain},
                      .settings = {.learning_rate = 0.05, .weight_decay = 1e-3},
                      .schedule = RateSchedule{.kind = RateKind::constant}}},
      .after_backward =
          [&](TrainStep& step) {
            if (step.iteration != 4) return Update::apply;
            const auto scores = random_scores(step.net, lab.rng("grow", step.iteration));
            step.apply(keep_top(scores, step.mask.density() * 0.9, Scope::global, step.mask));
            return Update::skip;
          },
      .after_step =
          [&](TrainStep& step) {
            const torch::NoGradGuard no_grad;
            average.mul_(0.9).add_(step.net.parameters().at("fc.weight"), 0.1);
            // As many as there were iterations, so its shape moves.
            seen = torch::cat({seen, step.loss.detach().reshape({1}) > average.mean()});
            optimizer->zero_grad();
            score.mutable_grad() = step.batch->labels.bincount({}, 4).to(torch::kFloat32) / 16 -
                                   score.detach() * average.norm();
            optimizer->step(step.rate_factor);
            latent = keep_top(magnitude(step.net), 0.8, Scope::global, MaskSet::ones(step.net));
          },
      .after_epoch =
          [&](TrainStep& step) {
            lab.measure("score", score.detach().norm().item<double>(), "none",
                        static_cast<double>(step.iteration));
            lab.measure("validation", lab.evaluate(step.net, Split::validation).loss, "nats",
                        static_cast<double>(step.epoch));
            return Update::apply;
          },
      .needs_dense_gradient = [](int64_t iteration) { return iteration == 4; }};

  lab.train(*net, mask, {.to = 2}, hooks);
  between();
  const State w_k = lab.snapshot(*net);
  lab.train(*net, mask, {.from = 2}, hooks);
  between();
  lab.record(*net, mask, 0, {.rewind_to = w_k});
  between();
  for (int64_t level = 1; level <= 2; ++level) {
    const Accuracy before = lab.evaluate(*net, Split::validation);
    between();
    lab.measure("before", before.loss, "nats", static_cast<double>(level));
    ScoreMap scores = magnitude(*net);
    scores["conv1.weight"] = scores["conv1.weight"] * (1 + average.abs().mean());
    mask = keep_top(scores, mask.density() * 0.7, Scope::global, mask);
    lab.rewind(*net, w_k);
    lab.train(*net, mask, {.from = 2}, hooks);
    between();
    lab.measure("seen", seen.sum().item<double>(), "iterations", static_cast<double>(level));
    NamedTensors extra;
    extra["gain"] = gain.detach();
    extra["score"] = score.detach();
    lab.record(*net, mask, level, {.rewind_to = w_k, .extra = extra});
    between();
  }
}

Recipe imp_recipe() {
  Recipe recipe = toy_recipe();
  recipe.validation_examples = 32;  // 64 images in batches of 16: 4 iterations an epoch
  recipe.selection = Selection::best_val;
  recipe.augmentation = {.padding = 1, .flip = true};
  Phase& train = recipe.phases["train"];
  train.length = {7, Duration::Unit::iterations};  // a last epoch that isn't whole
  train.optimizer.nesterov = true;
  train.schedule = {.kind = RateKind::cosine, .warmup = {3, Duration::Unit::iterations}};
  return recipe;
}

constexpr int64_t kIterations = 7 + 5 + 5;
constexpr int64_t kVerbs = 3 + 3 + 3;

// One life of the run. `iterations`: interrupted after so many. `verbs`: killed after so many.
struct Life {
  std::optional<int64_t> iterations;
  std::optional<int64_t> verbs;
};

// True where the run reached its end; `results` and the tickets are then those of the whole run.
bool live(const fs::path& folder, const Life& life, json& results) {
  LabOptions options = toy_options(folder, imp_recipe());
  int64_t iterations = 0;
  int64_t verbs = 0;
  options.save_every_seconds = 0;
  options.interrupted = [&] { return life.iterations && ++iterations >= *life.iterations; };
  HarnessLab lab(options);
  try {
    small_imp(lab, [&] {
      if (life.verbs && ++verbs >= *life.verbs) throw Killed{};
    });
  } catch (const Interrupted&) {
    return false;
  } catch (const Killed&) {
    return false;
  }
  results = lab.results();
  return true;
}

// All that a run leaves behind: results and tickets, as bytes.
std::vector<std::string> bytes_of(const json& results, const fs::path& folder) {
  std::vector<std::string> bytes{results.dump()};
  for (int level = 0; level < 3; ++level)
    bytes.push_back(read_file(folder / fmt::format("ticket_{}.safetensors", level)));
  return bytes;
}

const std::vector<std::string>& undisturbed() {
  static const std::vector<std::string> kBytes = [] {
    const TemporaryFolder folder;
    json results;
    live(folder.path(), {}, results);
    return bytes_of(results, folder.path());
  }();
  return kBytes;
}

BOOST_AUTO_TEST_SUITE(restart)

// The method really uses what it should: otherwise the tests below prove nothing.
BOOST_AUTO_TEST_CASE(the_method_has_something_to_lose) {
  const json results = json::parse(undisturbed()[0]);
  BOOST_TEST(results.at("points").size() == 3U);
  BOOST_TEST(results.at("points")[2].at("train").at("iterations") == kIterations);
  BOOST_TEST(results.at("curves").size() == 4U);
  std::map<std::string, size_t> measures;
  for (const json& m : results.at("measures")) measures[m.at("name")] = m.at("points").size();
  BOOST_TEST((measures == std::map<std::string, size_t>{
                              {"score", 6}, {"validation", 6}, {"before", 2}, {"seen", 2}}));
  const TemporaryFolder folder;
  json again;
  BOOST_TEST(live(folder.path(), {}, again));
  BOOST_TEST((bytes_of(again, folder.path()) == undisturbed()));
}

// At every iteration once, then on to the end in one go.
BOOST_AUTO_TEST_CASE(interrupted_after_any_iteration_it_ends_the_same) {
  for (int64_t n = 1; n <= kIterations; ++n) {
    const TemporaryFolder folder;
    json results;
    BOOST_TEST(!live(folder.path(), {.iterations = n}, results));
    BOOST_TEST(live(folder.path(), {}, results));
    BOOST_TEST((bytes_of(results, folder.path()) == undisturbed()), "after iteration " << n);
  }
}

// A life for each iteration: what is lost in one save is never made up for.
BOOST_AUTO_TEST_CASE(interrupted_after_every_iteration_it_ends_the_same) {
  const TemporaryFolder folder;
  json results;
  int64_t lives = 1;
  while (!live(folder.path(), {.iterations = 1}, results)) ++lives;
  BOOST_TEST(lives == kIterations + 1);
  BOOST_TEST((bytes_of(results, folder.path()) == undisturbed()));
}

// Killed between verbs, nothing unfinished is stored; also twice in a row.
BOOST_AUTO_TEST_CASE(killed_between_verbs_it_ends_the_same) {
  for (int64_t n = 1; n <= kVerbs; ++n) {
    const TemporaryFolder folder;
    json results;
    BOOST_TEST(!live(folder.path(), {.verbs = n}, results));
    BOOST_TEST(!live(folder.path(), {.verbs = n}, results));
    BOOST_TEST(live(folder.path(), {}, results));
    BOOST_TEST((bytes_of(results, folder.path()) == undisturbed()), "after verb " << n);
  }
}

// Ended, the journal holds every verb: a further life trains nothing and says the same.
BOOST_AUTO_TEST_CASE(a_finished_run_is_replayed_without_training) {
  const TemporaryFolder folder;
  json results;
  live(folder.path(), {}, results);
  // Killed before the journal was removed, and the tickets gone since: they come back.
  for (int level = 0; level < 3; ++level)
    fs::remove(folder.path() / fmt::format("ticket_{}.safetensors", level));
  json again;
  BOOST_TEST(live(folder.path(), {.iterations = 1}, again));  // no iteration, so no interruption
  BOOST_TEST((bytes_of(again, folder.path()) == undisturbed()));
}

BOOST_AUTO_TEST_CASE(lives_are_counted) {
  const TemporaryFolder folder;
  BOOST_TEST(HarnessLab(toy_options(folder.path())).resume_count() == 0);
  BOOST_TEST(HarnessLab(toy_options(folder.path())).resume_count() == 1);
  BOOST_TEST(HarnessLab(toy_options(folder.path())).resume_count() == 2);
}

// A method that was changed after it was interrupted can't go on: its stored end states are those
// of other calls.
BOOST_AUTO_TEST_CASE(a_changed_order_of_calls_is_refused) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::function<void(Lab&, Net&, MaskSet&)>& method) {
    HarnessLab lab(toy_options(folder.path()));
    Lab& any = lab;
    const NetPtr net = any.fresh_net();
    MaskSet mask = MaskSet::ones(*net);
    return refusal<std::runtime_error>([&] { method(lab, *net, mask); });
  };
  BOOST_TEST(refused([](Lab& lab, Net& net, MaskSet& mask) {
               lab.train(net, mask, {.to = 2});
               lab.record(net, mask, 0);
             }) == "");
  const std::string journal = (folder.path() / "journal").string();
  const std::string end =
      ": the method has changed since, or its hooks change something that isn't declared with "
      "lab.state; remove the folder to start the run afresh";
  const auto train = [&](const MaskSet& mask, int64_t to) {
    return fmt::format(R"(train({{"from":0,"mask":"{}","order":"","phase":"train","to":{}}}))",
                       mask.sha256(), to);
  };
  const auto record = [&](const MaskSet& mask, int64_t level) {
    return fmt::format(R"(record({{"level":{},"mask":"{}"}}))", level, mask.sha256());
  };
  const NetPtr like = ToyLab().lab.fresh_net();
  const MaskSet ones = MaskSet::ones(*like);
  const MaskSet half = random_mask(*like);
  const std::string first = journal + ": call 0 of the method is ";
  BOOST_TEST(refused([](Lab& lab, Net& net, MaskSet& mask) { lab.record(net, mask, 0); }) ==
             first + record(ones, 0) + ", stored is " + train(ones, 2) + end);
  BOOST_TEST(refused([](Lab& lab, Net& net, MaskSet& mask) { lab.train(net, mask, {.to = 3}); }) ==
             first + train(ones, 3) + ", stored is " + train(ones, 2) + end);
  BOOST_TEST(refused([&](Lab& lab, Net& net, MaskSet&) {
               MaskSet other = half;
               lab.train(net, other, {.to = 2});
             }) == first + train(half, 2) + ", stored is " + train(ones, 2) + end);
  BOOST_TEST(refused([](Lab& lab, Net& net, MaskSet& mask) {
               lab.train(net, mask, {.to = 2});
               lab.record(net, mask, 1);
             }) == journal + ": call 1 of the method is " + record(ones, 1) + ", stored is " +
                       record(ones, 0) + end);
}

BOOST_AUTO_TEST_CASE(the_journal_of_another_run_is_refused) {
  const TemporaryFolder folder;
  { const HarnessLab lab(toy_options(folder.path())); }
  LabOptions options = toy_options(folder.path());
  options.identity = "another-run";
  BOOST_TEST(refusal<std::runtime_error>([&] { const HarnessLab lab(options); }) ==
             (folder.path() / "journal/journal.json").string() +
                 ": can't go on from it (it belongs to run \"toy-run\" in form 1); remove its "
                 "folder to start the run afresh");
}

// Half a file can only come from other hands, for ours are renamed into place.
BOOST_AUTO_TEST_CASE(a_broken_journal_is_refused) {
  const TemporaryFolder folder;
  { const HarnessLab lab(toy_options(folder.path())); }
  folder.write("journal/journal.json", R"({"version": 1, "run": )");
  const std::string message =
      refusal<std::runtime_error>([&] { const HarnessLab lab(toy_options(folder.path())); });
  BOOST_TEST(message.starts_with((folder.path() / "journal/journal.json").string() +
                                 ": can't go on from it ("));
  BOOST_TEST(message.ends_with("; remove its folder to start the run afresh"));
}

// Killed between the last two steps of storing a call, a file of the call before is left over; it
// must not be taken for the state of the next one.
BOOST_AUTO_TEST_CASE(an_unfinished_state_belongs_to_its_call) {
  const TemporaryFolder folder;
  Journal journal(folder.path(), "run", "program");
  NamedTensors tensors;
  tensors["t"] = torch::ones({2});
  journal.save_unfinished(json::object(), {tensors, {}});
  BOOST_TEST(journal.unfinished(json::object()).has_value());
  // Of the same place, but another call: a training to another end.
  BOOST_CHECK_THROW((void)journal.unfinished({{"to", 3}}), std::runtime_error);
  fs::copy_file(folder.path() / "unfinished.safetensors", folder.path() / "kept");
  journal.append({"train", json::object(), json::object()}, tensors);
  BOOST_TEST(!journal.unfinished(json::object()).has_value());
  fs::rename(folder.path() / "kept", folder.path() / "unfinished.safetensors");
  BOOST_TEST(!journal.unfinished(json::object()).has_value());
  Journal again(folder.path(), "run", "program");
  BOOST_TEST(!again.replay("train", json::object())->result.is_null());
  BOOST_TEST(!again.unfinished(json::object()).has_value());
  BOOST_TEST(same(again.replayed_tensors(), tensors));
}

// Half of a result by one program and half by another would be nobody's: another build, or another
// device, begins afresh.
BOOST_AUTO_TEST_CASE(the_journal_of_another_program_is_emptied) {
  const TemporaryFolder folder;
  Journal(folder.path(), "run", "one").append({"train", json::object(), json::object()});
  BOOST_TEST(Journal(folder.path(), "run", "one").replay("train", json::object()) != nullptr);
  Journal other(folder.path(), "run", "two");
  BOOST_TEST(other.replay("train", json::object()) == nullptr);
  BOOST_TEST(other.resume_count() == 0);
}

// Time over: saved, and with more time the run goes on where it was.
BOOST_AUTO_TEST_CASE(a_run_out_of_time_goes_on_later) {
  const TemporaryFolder folder;
  LabOptions options = toy_options(folder.path(), imp_recipe());
  options.timeout_seconds = 1e-9;
  {
    HarnessLab lab(options);
    BOOST_CHECK_THROW(small_imp(lab, [] {}), TimedOut);
  }
  json results;
  BOOST_TEST(live(folder.path(), {}, results));
  BOOST_TEST((bytes_of(results, folder.path()) == undisturbed()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
