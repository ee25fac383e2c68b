#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

namespace ticketbench {
namespace {

// W = (a b; c d), x = (1, 2), label 0: logits a + 2 b and c + 2 d of the kept weights, q the
// probability of label 1, and dl/dz = g = (-q, -2 q, q, 2 q).
struct Unit {
  double weights[4];
  [[nodiscard]] std::array<double, 4> gradient(const std::array<int64_t, 4>& kept) const {
    double z[4];
    for (size_t i = 0; i < 4; ++i) z[i] = weights[i] * static_cast<double>(kept[i]);
    const double q = 1 / (1 + std::exp(z[0] + 2 * z[1] - z[2] - 2 * z[3]));
    return {-q, -2 * q, q, 2 * q};
  }
};

FakeLab trained(const std::vector<float>& weights, const nlohmann::json& fields,
                int64_t length = 1) {
  FakeLab lab(linear_architecture({2, 2}));
  lab.tickets = [weights](int64_t) {
    Ticket ticket = made_ticket(linear_architecture({2, 2}), 0, 1);
    ticket.trained["fc1.weight"] = torch::tensor(weights).view({2, 2});
    return ticket;
  };
  lab.data = {{torch::tensor({1.0F, 2.0F}).view({1, 2, 1, 1}), torch::zeros({1}, torch::kInt64)}};
  lab.lengths["prune"] = length;
  run_method(lab, "bip", fields);
  return lab;
}

std::vector<int64_t> kept(const FakeLab& lab) {
  const torch::Tensor mask = lab.records.at(0).mask.at("fc1.weight").flatten();
  std::vector<int64_t> places;
  for (int64_t i = 0; i < 4; ++i) {
    if (mask[i].item<bool>()) places.push_back(i);
  }
  return places;
}

// One iteration in which half is kept and a and b have the largest magnitudes. The lower step of
// rate 0.05 moves a and b alone; then scores go down by `rate` times the upper gradient at the new
// weights: (w - mask g / gamma) g by the paper. Whose two are the largest then, by hand.
std::vector<int64_t> expected(const std::vector<double>& w, double rate, double gamma,
                              bool look_ahead) {
  Unit unit{{w[0], w[1], w[2], w[3]}};
  const std::array<int64_t, 4> mask{1, 1, 0, 0};
  const auto lower = unit.gradient(mask);
  for (size_t i = 0; i < 2; ++i) unit.weights[i] -= 0.05 * lower[i];
  const auto g = unit.gradient(mask);
  std::vector<std::pair<double, int64_t>> scores;
  for (size_t i = 0; i < 4; ++i) {
    const double ahead = look_ahead ? static_cast<double>(mask[i]) * g[i] / gamma : 0;
    scores.emplace_back(-(std::abs(w[i]) - rate * (unit.weights[i] - ahead) * g[i]), i);
  }
  std::stable_sort(scores.begin(), scores.end());
  std::vector<int64_t> places{scores[0].second, scores[1].second};
  std::sort(places.begin(), places.end());
  return places;
}

const nlohmann::json kUpper{{"learning_rate", 1}, {"momentum", 0}, {"weight_decay", 0}};

BOOST_AUTO_TEST_SUITE(bip)

// With gamma = 0.5 the look-ahead term decides: without it another pair is kept. Weights are chosen
// so, and the test checks that they are.
BOOST_AUTO_TEST_CASE(the_upper_step_looks_ahead) {
  const std::vector<double> w{0.9, -0.8, 0.7, -0.65};
  const std::vector<int64_t> with = expected(w, 1, 0.5, true);
  BOOST_TEST(with != expected(w, 1, 0.5, false));
  const FakeLab lab =
      trained({0.9F, -0.8F, 0.7F, -0.65F}, {{"density", 0.5}, {"gamma", 0.5}, {"upper", kUpper}});
  BOOST_TEST(kept(lab) == with, boost::test_tools::per_element());
}

// The lower step moves kept weights only; pruned ones live on under the mask.
BOOST_AUTO_TEST_CASE(the_lower_step_moves_kept_weights) {
  const FakeLab lab = trained({0.9F, -0.8F, 0.7F, -0.65F}, {{"density", 0.5}, {"upper", kUpper}});
  const torch::Tensor after = lab.trainings.at(0).after.at("fc1.weight").flatten();
  const Unit unit{{0.9, -0.8, 0.7, -0.65}};
  const auto g = unit.gradient({1, 1, 0, 0});
  BOOST_TEST(after[0].item<double>() == 0.9 - 0.05 * g[0], boost::test_tools::tolerance(1e-5));
  BOOST_TEST(after[1].item<double>() == -0.8 - 0.05 * g[1], boost::test_tools::tolerance(1e-5));
  BOOST_TEST(after[2].item<float>() == 0.7F);
  BOOST_TEST(after[3].item<float>() == -0.65F);
}

// In the released step weights are the scores: the upper step moves all of them, pruned ones too,
// by |w| g - (w g)^2 / gamma at the mask after the lower step.
BOOST_AUTO_TEST_CASE(the_released_step_moves_the_weights) {
  const FakeLab lab =
      trained({0.9F, -0.8F, 0.7F, -0.65F},
              {{"density", 0.5}, {"gamma", 2}, {"upper", kUpper}, {"upper_step", "released"}});
  Unit unit{{0.9, -0.8, 0.7, -0.65}};
  const auto lower = unit.gradient({1, 1, 0, 0});
  for (size_t i = 0; i < 2; ++i) unit.weights[i] -= 0.05 * lower[i];
  const auto g = unit.gradient({1, 1, 0, 0});
  const torch::Tensor after = lab.trainings.at(0).after.at("fc1.weight").flatten();
  for (size_t i = 0; i < 4; ++i) {
    const double w = unit.weights[i];
    const double step = std::abs(w) * g[i] - w * g[i] * w * g[i] / 2;
    BOOST_TEST(after[static_cast<int64_t>(i)].item<double>() == w - step,
               boost::test_tools::tolerance(1e-4));
  }
}

// The first mask is that of magnitudes; the numbers kept are exact, and of filters the same share
// in each layer.
BOOST_AUTO_TEST_CASE(structures_and_counts) {
  const auto run = [](const nlohmann::json& fields, int64_t length) {
    FakeLab lab(small_resnet());
    lab.tickets = [](int64_t) { return made_ticket(small_resnet(), 0, 1); };
    lab.lengths["prune"] = length;
    run_method(lab, "bip", fields);
    return lab.records.at(0).mask;
  };
  const MaskSet first = run({{"density", 0.2}}, 0);
  FakeLab lab(small_resnet());
  const NetPtr net =
      lab.net(made_ticket(small_resnet(), 0, 1), made_ticket(small_resnet(), 0, 1).trained);
  BOOST_TEST((first == keep_top(magnitude(*net), 0.2, Scope::global, MaskSet::ones(*net))));
  BOOST_TEST(run({{"density", 0.2}}, 4).kept() == first.kept());
  const MaskSet filters = run({{"density", 0.25}, {"structure", {{"kind", "filter"}}}}, 2);
  for (const auto& [name, m] : filters) {
    const int64_t kept = m.flatten(1).any(1).sum().item<int64_t>();
    BOOST_TEST(kept == (m.dim() == 2 ? m.size(0) : m.size(0) / 4), name);
    BOOST_TEST(torch::equal(m.flatten(1).any(1), m.flatten(1).all(1)), name);
  }
  const MaskSet channels = run({{"density", 0.5}, {"structure", {{"kind", "channel"}}}}, 2);
  BOOST_TEST(channels.at("layer2.0.conv1.weight")
                 .transpose(0, 1)
                 .flatten(1)
                 .any(1)
                 .sum()
                 .item<int64_t>() == 8);
}

BOOST_AUTO_TEST_CASE(afterwards_it_may_be_trained_again) {
  BOOST_TEST(trained({2, 1, 0.5F, 0.1F}, {{"density", 0.5}}).trainings.size() == 1U);
  const FakeLab tuned =
      trained({2, 1, 0.5F, 0.1F}, {{"density", 0.5}, {"afterwards", "fine_tuning"}});
  BOOST_TEST(tuned.trainings.at(1).phase == "finetune");
  const FakeLab rewound =
      trained({2, 1, 0.5F, 0.1F}, {{"density", 0.5}, {"afterwards", "weight_rewinding"}}, 5);
  BOOST_TEST(rewound.trainings.at(1).from == 2);
  BOOST_TEST((rewound.trainings[1].mask == rewound.records.at(0).mask));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
