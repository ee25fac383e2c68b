// SNIP, GraSP and SynFlow against numbers worked out apart, in double, by parity.py: on a network
// of three layers each must rank all 66 weights in the same order.

#include "core/files.hpp"
#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ticketbench {
namespace {

const nlohmann::json& reference() {
  static const nlohmann::json json = nlohmann::json::parse(read_file(TICKETBENCH_PARITY_FILE));
  return json;
}

torch::Tensor matrix(const nlohmann::json& rows) {
  std::vector<torch::Tensor> tensors;
  for (const auto& row : rows) tensors.push_back(torch::tensor(row.get<std::vector<double>>()));
  return torch::stack(tensors).to(torch::kFloat32);
}

FakeLab reference_lab() {
  FakeLab lab(linear_architecture(reference()["widths"]));
  State weights;
  for (size_t i = 0; i < reference()["weights"].size(); ++i)
    weights["fc" + std::to_string(i + 1) + ".weight"] = matrix(reference()["weights"][i]);
  lab.first = weights;
  const torch::Tensor images = matrix(reference()["images"]);
  lab.data = {{images.view({images.size(0), images.size(1), 1, 1}),
               torch::tensor(reference()["labels"].get<std::vector<int64_t>>())}};
  return lab;
}

// The mask of all layers, one after the other.
std::vector<int64_t> kept(const std::string& method, const nlohmann::json& fields) {
  FakeLab lab = reference_lab();
  run_method(lab, method, fields);
  std::vector<int64_t> all;
  for (const auto& [name, m] : lab.records.at(0).mask) {
    for (const bool k : std::vector<bool>(m.data_ptr<bool>(), m.data_ptr<bool>() + m.numel()))
      all.push_back(k ? 1 : 0);
  }
  return all;
}

// The mask of every density: the k largest scores for each k.
void ranks_as(const std::string& method, const std::vector<double>& scores, nlohmann::json fields) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  std::vector<int64_t> expected(scores.size(), 0);
  for (size_t k = 1; k <= scores.size(); ++k) {
    expected[order[k - 1]] = 1;
    fields["density"] = static_cast<double>(k) / static_cast<double>(scores.size());
    BOOST_TEST(kept(method, fields) == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_SUITE(parity)

BOOST_AUTO_TEST_CASE(snip_scores) {
  const std::vector<double> expected = reference()["snip"];
  FakeLab lab = reference_lab();
  const NetPtr net = lab.fresh_net();
  lab.loss(*net, lab.batches(1, {})[0]).backward();
  size_t i = 0;
  for (const auto& [name, score] : sensitivity(*net)) {
    for (int64_t j = 0; j < score.numel(); ++j, ++i)
      BOOST_TEST(std::abs(score.flatten()[j].item<double>() - expected[i]) < 1e-5);
  }
  BOOST_TEST(i == expected.size());
  ranks_as("snip", expected, nlohmann::json::object());
}

BOOST_AUTO_TEST_CASE(grasp_ranking) {
  ranks_as("grasp", reference()["grasp"]["scores"],
           {{"temperature", reference()["grasp"]["temperature"]}});
}

// Rounds matter here: weights fall by the flow through what is left.
BOOST_AUTO_TEST_CASE(synflow_mask) {
  const nlohmann::json& expected = reference()["synflow"];
  const std::vector<int64_t> mask =
      kept("synflow", {{"density", expected["density"]}, {"rounds", expected["rounds"]}});
  BOOST_TEST(mask == expected["mask"].get<std::vector<int64_t>>(),
             boost::test_tools::per_element());
  BOOST_TEST(mask != kept("synflow", {{"density", expected["density"]}, {"rounds", 1}}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
