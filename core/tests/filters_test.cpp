#include "core/filters.hpp"

#include "core/model.hpp"
#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

constexpr const char* kConv1 = "layer1.0.conv1.weight";
constexpr const char* kConv2 = "layer2.0.conv1.weight";
constexpr const char* kConv3 = "layer3.0.conv1.weight";

BOOST_AUTO_TEST_SUITE(filters)

// The last convolution of a block and the stem feed a sum: removing one of their filters would take
// a term from it.
BOOST_AUTO_TEST_CASE(filters_that_feed_a_sum_are_not_free) {
  const std::vector<FreeFilters> small = free_filters(small_resnet());
  BOOST_TEST_REQUIRE(small.size() == 3U);
  BOOST_TEST(small[0].weight == kConv1);
  BOOST_TEST(small[0].reader == "layer1.0.conv2.weight");
  BOOST_TEST(small[2].weight == kConv3);
  const Architecture bottleneck = make_architecture("resnet50", {.input = {3, 32, 32}});
  const std::vector<FreeFilters> free = free_filters(bottleneck);
  BOOST_TEST(free.size() == 32U);  // 16 blocks, two of three each
  BOOST_TEST(free[1].weight == "layer1.0.conv2.weight");
  BOOST_TEST(free[1].reader == "layer1.0.conv3.weight");
  // A plain chain: all thirteen, the last one read by the classifier; of depthwise pairs none but
  // the last pointwise one.
  const std::vector<FreeFilters> chain = free_filters(make_architecture("vgg16", {}));
  BOOST_TEST(chain.size() == 13U);
  BOOST_TEST(chain.back().reader == "classifier.weight");
  BOOST_TEST(free_filters(make_architecture("mobilenet_v1", {})).size() == 1U);
  BOOST_TEST(norms_behind(bottleneck).at("layer1.0.downsample.0.weight") ==
             "layer1.0.downsample.1");
}

// 16 + 32 + 64 filters, four to be kept. By rank alone they would be those with 9, 8, 7 and 0.5,
// and nothing would be left of the third layer, whose best has 0.1.
BOOST_AUTO_TEST_CASE(each_layer_keeps_its_best_filter) {
  FakeLab lab(small_resnet());
  const NetPtr net = lab.fresh_net();
  ScoreMap scores;
  scores[kConv1] = torch::cat({torch::tensor({9.0, 8.0, 0.5}), torch::zeros({13})});
  scores[kConv2] = torch::cat({torch::tensor({0.0, 7.0}), torch::zeros({30})});
  scores[kConv3] = torch::cat({torch::tensor({0.0, 0.0, 0.1}), torch::zeros({61})});
  const MaskSet mask = keep_top_filters(*net, scores, 4.0 / 112, Scope::global);
  const auto kept = [&](const char* name) {
    return kept_filters(mask.at(name)).nonzero().flatten();
  };
  BOOST_TEST(torch::equal(kept(kConv1), torch::tensor({0, 1}, torch::kInt64)));
  BOOST_TEST(torch::equal(kept(kConv2), torch::tensor({1}, torch::kInt64)));
  BOOST_TEST(torch::equal(kept(kConv3), torch::tensor({2}, torch::kInt64)));
  BOOST_TEST(mask.at(kConv1)[0].all().item<bool>());                // whole
  BOOST_TEST(mask.at("layer1.0.conv2.weight").all().item<bool>());  // not scored: all of it
  const MaskSet alike = keep_top_filters(*net, scores, 0.25, Scope::per_layer);
  BOOST_TEST(kept_filters(alike.at(kConv2)).sum().item<int64_t>() == 8);
}

// Filter 3 of the first convolution is gone, and with it the fourth input of what reads it; of a
// classifier that reads 2 x 2 positions of each channel four inputs.
BOOST_AUTO_TEST_CASE(what_reads_a_removed_filter_goes_too) {
  FakeLab lab(make_architecture("vgg16_fc256", {}));
  const NetPtr net = lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  mask.at("features.0.weight")[3].fill_(false);
  mask.at("features.40.weight")[5].fill_(false);
  const MaskSet left = without_dead_inputs(net->architecture(), mask);
  BOOST_TEST(left.kept() == mask.kept() - 64 * 9 - 256 * 4);
  BOOST_TEST(!left.at("features.3.weight").select(1, 3).any().item<bool>());
  BOOST_TEST(!left.at("classifier.0.weight").slice(1, 20, 24).any().item<bool>());
}

BOOST_AUTO_TEST_CASE(scores_are_sums_and_scales) {
  FakeLab lab(small_resnet());
  const NetPtr net = lab.fresh_net();
  {
    const torch::NoGradGuard no_grad;
    torch::Tensor(net->parameters().at(kConv1)).fill_(-0.5);
    torch::Tensor(net->parameters().at("layer1.0.bn1.weight")).fill_(-3);
  }
  BOOST_TEST(filter_magnitude(*net, {kConv1}).at(kConv1)[5].item<double>() == 0.5 * 16 * 9);
  BOOST_TEST(norm_scale(*net, {kConv1}).at(kConv1)[5].item<double>() == 3);
}

// Behind a pruned filter with a shift a constant would flow on: with closed norms it makes no
// difference what the next layer does with that channel, without them it does.
BOOST_AUTO_TEST_CASE(a_pruned_filter_behind_a_closed_norm_says_nothing) {
  FakeLab lab(small_resnet());
  const NetPtr net = lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  mask[kConv1][3] = false;
  const torch::NoGradGuard no_grad;
  torch::Tensor(net->parameters().at("layer1.0.bn1.bias")).fill_(1);
  apply_mask(*net, mask);
  const torch::Tensor images = lab.batch("x", 0, "train").images;
  const auto moves = [&] {
    const torch::Tensor before = net->forward(images, BnMode::eval);
    torch::Tensor next = net->parameters().at("layer1.0.conv2.weight");
    next.select(1, 3).add_(10);
    const torch::Tensor after = net->forward(images, BnMode::eval);
    next.select(1, 3).sub_(10);
    return !torch::equal(before, after);
  };
  BOOST_TEST(moves());
  close_norms(*net, mask);
  BOOST_TEST(!moves());
  BOOST_TEST(net->parameters().at("layer1.0.bn1.bias")[2].item<double>() == 1);
  const EffectiveWeight closed = closed_norms(net->architecture(), mask);
  BOOST_TEST(closed("layer1.0.bn1.weight", torch::ones({16})).sum().item<double>() == 15);
  BOOST_TEST(closed("layer1.0.bn2.weight", torch::ones({16})).sum().item<double>() == 16);
}

// Four filters of two weights. Five of eight weights kept are 2.5 filters: 3 after rounding up,
// those with the largest scores and not those with most weights; half are exactly 2. With a
// fill-back of 0.2 the latter become 2 + 0.2 * 2 = 2.4: 3. Kept filters are whole again.
BOOST_AUTO_TEST_CASE(refilled_layers_keep_their_density_rounded_up) {
  MaskSet mask;
  mask["five"] = torch::tensor({1, 1, 1, 1, 1, 0, 0, 0}).to(torch::kBool).view({4, 2, 1, 1});
  mask["four"] = torch::tensor({1, 0, 1, 0, 1, 0, 1, 0}).to(torch::kBool).view({4, 2, 1, 1});
  mask["other"] = torch::tensor({1, 0}).to(torch::kBool);
  ScoreMap scores;
  scores["five"] = torch::tensor({1.0, 4.0, 3.0, 2.0});
  scores["four"] = torch::tensor({4.0, 1.0, 1.0, 3.0});
  const auto filters = [&](double fillback, const char* name) {
    const MaskSet result = refilled(mask, scores, fillback);
    BOOST_TEST(torch::equal(result.at("other"), mask.at("other")));
    BOOST_TEST(torch::equal(kept_filters(result.at(name)), result.at(name).flatten(1).all(1)));
    const torch::Tensor kept = kept_filters(result.at(name)).to(torch::kInt64);
    return std::vector<int64_t>(kept.const_data_ptr<int64_t>(), kept.const_data_ptr<int64_t>() + 4);
  };
  BOOST_TEST(filters(0, "five") == std::vector<int64_t>({0, 1, 1, 1}));
  BOOST_TEST(filters(0, "four") == std::vector<int64_t>({1, 0, 0, 1}));
  BOOST_TEST(filters(0.2, "four") == std::vector<int64_t>({1, 1, 0, 1}));
  BOOST_TEST(filters(1, "four") == std::vector<int64_t>({1, 1, 1, 1}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
