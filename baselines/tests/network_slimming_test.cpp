#include "core/filters.hpp"
#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

BOOST_AUTO_TEST_SUITE(network_slimming)

// Training ends with scales of our choice: 1 everywhere but for 0.1 in half the filters of the
// second free layer. Of 112 free filters 96 are kept (6/7): the 16 smallest are exactly those.
BOOST_AUTO_TEST_CASE(filters_of_small_scale_go) {
  FakeLab lab(small_resnet());
  lab.on_train = [](Net& net, const Training& training) {
    if (training.phase != "train") return;
    const torch::NoGradGuard no_grad;
    torch::Tensor(net.parameters().at("layer2.0.bn1.weight")).slice(0, 0, 16).fill_(-0.1);
  };
  run_method(lab, "network_slimming", {{"filter_fraction", 96.0 / 112}});
  const Recorded& record = lab.records.at(0);
  for (const auto& [name, m] : record.mask) {
    const torch::Tensor kept = kept_filters(m);
    const bool here = name == "layer2.0.conv1.weight";
    BOOST_TEST(torch::equal(kept, torch::arange(m.size(0)) >= (here ? 16 : 0)), name);
    const bool reads = name == "layer2.0.conv2.weight";
    BOOST_TEST(torch::equal(m.transpose(0, 1).flatten(1).any(1),
                            torch::arange(m.size(1)) >= (reads ? 16 : 0)),
               name);
  }
  BOOST_TEST(lab.trainings.at(1).phase == "finetune");
  BOOST_TEST((record.options.structure.kind == StructureKind::filter));
  // Removed for good: no shift is left behind them.
  const torch::Tensor shift = record.weights.at("layer2.0.bn1.bias");
  BOOST_TEST(shift.slice(0, 0, 16).count_nonzero().item<int64_t>() == 0);
}

// The penalty adds lambda sign(scale) to the gradient of every scale: after one step from 1, those
// with it are smaller by rate * lambda = 0.05 * 0.5 than those without.
BOOST_AUTO_TEST_CASE(the_penalty_draws_scales_to_zero) {
  const auto scale_after = [](double penalty) {
    FakeLab lab(small_resnet());
    lab.lengths["train"] = 1;
    run_method(lab, "network_slimming", {{"penalty", penalty}, {"filter_fraction", 1}});
    return lab.trainings.at(0).after.at("bn1.weight");
  };
  BOOST_TEST(
      torch::allclose(scale_after(0) - scale_after(0.5), torch::full({16}, 0.025), 1e-3, 1e-6));
}

// Scales and shifts of pruned filters stay zero through fine-tuning.
BOOST_AUTO_TEST_CASE(pruned_filters_stay_closed) {
  FakeLab lab(small_resnet());
  run_method(lab, "network_slimming", {{"filter_fraction", 0.3}});
  const Recorded& record = lab.records.at(0);
  const torch::Tensor pruned = kept_filters(record.mask.at("layer3.0.conv1.weight")).logical_not();
  BOOST_TEST(pruned.any().item<bool>());
  for (const char* name : {"layer3.0.bn1.weight", "layer3.0.bn1.bias"})
    BOOST_TEST(record.weights.at(name).masked_select(pruned).count_nonzero().item<int64_t>() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
