#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cmath>

namespace ticketbench {
namespace {

// Ten weights of one layer. Training up to iteration t makes weight i t * (10 - i) in magnitude,
// negative for odd i, whatever it was: the smallest survivors are always the last ones, while the
// initial weights are ranked the other way round. A mask from initial or rewound weights would drop
// the first ones.
FakeLab ranked_lab() {
  FakeLab lab(linear_architecture({10, 1}));
  State weights;
  weights["fc1.weight"] = torch::arange(1, 11).to(torch::kFloat32).view({1, 10}) / 100;
  lab.first = weights;
  lab.on_train = [](Net& net, const Training& training) {
    if (training.from == training.to) return;
    const torch::NoGradGuard no_grad;
    torch::Tensor w = net.parameters().at("fc1.weight");
    const torch::Tensor sign = torch::tensor({1, -1}).repeat({5}).view({1, 10});
    w.copy_((10 - torch::arange(10).view({1, 10})) * sign * static_cast<double>(training.to));
  };
  return lab;
}

std::vector<int64_t> kept_counts(const FakeLab& lab) {
  std::vector<int64_t> counts;
  for (const Recorded& record : lab.records) counts.push_back(record.mask.kept());
  return counts;
}

std::string spans(const FakeLab& lab) {
  std::string text;
  for (const Training& t : lab.trainings) text += fmt::format("{}[{},{}) ", t.phase, t.from, t.to);
  return text;
}

BOOST_AUTO_TEST_SUITE(imp)

// rate 0.3: densities 1, 0.7, 0.49, 0.343 of ten weights: 10, 7, 5, 3. A rate of the initial
// weights would keep 10, 7, 4, 1; rounding each level's survivors 10, 7, 5, 4 (0.7 * 5 = 3.5).
BOOST_AUTO_TEST_CASE(levels_keep_powers_of_what_is_left) {
  FakeLab lab = ranked_lab();
  run_method(lab, "imp", {{"levels", 3}, {"rate", 0.3}});
  BOOST_TEST(kept_counts(lab) == std::vector<int64_t>({10, 7, 5, 3}),
             boost::test_tools::per_element());
  for (size_t level = 0; level < 4; ++level) {
    const Recorded& record = lab.records[level];
    BOOST_TEST(record.level == static_cast<int64_t>(level));
    const int64_t kept = record.mask.kept();
    BOOST_TEST(
        torch::equal(record.mask.at("fc1.weight"), torch::arange(10).lt(kept).view({1, 10})));
  }
}

// Over a net of many layers: exact counts, nested masks, each trained with the mask it is recorded
// with, pruned weights exactly zero.
BOOST_AUTO_TEST_CASE(masks_are_nested_and_exact) {
  FakeLab lab(small_resnet());
  run_method(lab, "imp", {{"levels", 4}, {"rate", 0.37}, {"rewind", "2it"}});
  BOOST_TEST_REQUIRE(lab.records.size() == 5U);
  for (size_t level = 0; level < 5; ++level) {
    const Recorded& record = lab.records[level];
    const double density = std::pow(0.63, static_cast<double>(level));
    BOOST_TEST(record.mask.kept() ==
               std::llround(density * static_cast<double>(record.mask.total())));
    BOOST_TEST((lab.trainings[level + 1].mask == record.mask));
    for (const auto& [name, m] : record.mask) {
      BOOST_TEST(
          record.weights.at(name).masked_select(m.logical_not()).count_nonzero().item<int64_t>() ==
          0);
      if (level > 0) {
        const torch::Tensor& before = lab.records[level - 1].mask.at(name);
        BOOST_TEST(m.logical_and(before.logical_not()).sum().item<int64_t>() == 0);
      }
    }
  }
}

// Every level begins with W_k, the weights at iteration k of the first training, bit by bit,
// and records them as what it rewinds to.
BOOST_AUTO_TEST_CASE(rewound_weights_are_those_of_iteration_k) {
  FakeLab lab(small_resnet());
  run_method(lab, "imp", {{"levels", 2}, {"rewind", "1ep"}});
  BOOST_TEST(spans(lab) == "train[0,2) train[2,6) train[2,6) train[2,6) ");
  const std::string w_k = hash_of(lab.trainings[0].after);
  BOOST_TEST(w_k != hash_of(lab.trainings[0].before));
  for (size_t i = 1; i < lab.trainings.size(); ++i)
    BOOST_TEST(hash_of(lab.trainings[i].before) == w_k);
  for (const Recorded& record : lab.records) BOOST_TEST(hash_of(record.options.rewind_to) == w_k);
  BOOST_TEST(lab.rewinds.size() == 2U);
}

// Each way to retrain asks for its span, and only weight rewinding goes back.
BOOST_AUTO_TEST_CASE(each_way_to_retrain_has_its_weights_and_span) {
  struct Case {
    const char* retraining;
    const char* spans;
    size_t rewinds;
  };
  for (const Case& c :
       {Case{"weight_rewinding", "train[0,2) train[2,6) train[2,6) train[2,6) ", 2},
        Case{"learning_rate_rewinding", "train[0,2) train[2,6) train[2,6) train[2,6) ", 0},
        Case{"fine_tuning", "train[0,2) train[2,6) finetune[0,4) finetune[0,4) ", 0}}) {
    FakeLab lab(small_resnet());
    run_method(lab, "imp", {{"levels", 2}, {"rewind", "2it"}, {"retraining", c.retraining}});
    BOOST_TEST(spans(lab) == c.spans);
    BOOST_TEST(lab.rewinds.size() == c.rewinds);
    for (size_t i = 2; i < lab.trainings.size(); ++i) {
      BOOST_TEST(same(lab.trainings[i].before, lab.trainings[i - 1].after) == (c.rewinds == 0));
    }
  }
}

// Per layer each layer keeps its share; globally the two layers compete.
BOOST_AUTO_TEST_CASE(scopes_differ) {
  const auto counts = [](const char* scope) {
    FakeLab lab(linear_architecture({4, 20, 3}));
    lab.on_train = [](Net& net, const Training&) {
      const torch::NoGradGuard no_grad;
      torch::Tensor(net.parameters().at("fc2.weight")).mul_(0).add_(100);
    };
    run_method(lab, "imp", {{"levels", 1}, {"rate", 0.5}, {"scope", scope}});
    const MaskSet& mask = lab.records.at(1).mask;
    return std::pair{mask.at("fc1.weight").sum().item<int64_t>(),
                     mask.at("fc2.weight").sum().item<int64_t>()};
  };
  BOOST_TEST((counts("per_layer") == std::pair<int64_t, int64_t>{40, 30}));
  BOOST_TEST((counts("global") == std::pair<int64_t, int64_t>{10, 60}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
