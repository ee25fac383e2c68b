#include "core/mask.hpp"

#include "core/model.hpp"
#include "core/net.hpp"
#include "core/score.hpp"
#include "core/tests/support.hpp"

#include <cmath>
#include <set>

namespace ticketbench {
namespace {

using boost::test_tools::per_element;
using testing::error_of;
using testing::says;
using torch::Tensor;
using Names = std::vector<std::string>;

Net small_net() {
  const Architecture a = make_architecture("resnet8", {});
  Net net(a, prunable_names(a, {}), torch::kCPU);
  initialise(net, Stream(1, "init"), Initialisation::kaiming_fan_in, NormScale::one);
  return net;
}

MaskSet two_masks() {
  MaskSet mask;
  mask["a"] = torch::tensor({1, 0, 1, 1}, torch::kInt64).to(torch::kBool);
  mask["b"] = torch::tensor({{0, 0, 1}, {0, 0, 0}}, torch::kInt64).to(torch::kBool);
  return mask;
}

BOOST_AUTO_TEST_SUITE(named_tensors)

// Names in reverse alphabetical order and one assigned twice: a map would sort them, a list hold
// the first twice.
BOOST_AUTO_TEST_CASE(names_keep_their_order) {
  NamedTensors t;
  t["z"] = torch::zeros({1});
  t["a"] = torch::ones({2});
  t["m"] = torch::ones({3});
  t["z"] = torch::ones({4});
  BOOST_TEST(t.names() == (Names{"z", "a", "m"}), per_element());
  BOOST_TEST(t.size() == 3);
  BOOST_TEST(t.at("z").numel() == 4);
  BOOST_TEST(t.tensors().at(1).numel() == 2);
  BOOST_TEST(t.contains("m"));
  BOOST_TEST(!t.contains("missing"));
  BOOST_TEST(says(error_of<std::out_of_range>([&] { (void)t.at("missing"); }), {"'missing'"}));
}

// Copies share storage, clones don't and aren't part of any graph.
BOOST_AUTO_TEST_CASE(copies_share_and_clones_do_not) {
  NamedTensors t;
  t["w"] = torch::zeros({2}).requires_grad_();
  const NamedTensors copy = t;
  const NamedTensors clone = t.clone();
  {
    const torch::NoGradGuard no_grad;
    t["w"].fill_(1);
  }
  BOOST_TEST(copy.at("w")[0].item<double>() == 1.0);
  BOOST_TEST(clone.at("w")[0].item<double>() == 0.0);
  BOOST_TEST(!clone.at("w").requires_grad());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(mask)

// 3 of 4 and 1 of 6: 4 of 10. The mean of the layers' densities would be 0.458.
BOOST_AUTO_TEST_CASE(counts_are_over_all_weights) {
  const MaskSet mask = two_masks();
  BOOST_TEST(mask.kept() == 4);
  BOOST_TEST(mask.total() == 10);
  BOOST_TEST(mask.density() == 0.4);
  BOOST_TEST(MaskSet().density() == 1.0);
}

BOOST_AUTO_TEST_CASE(ones_covers_the_prunable_weights) {
  const Net net = small_net();
  const MaskSet mask = MaskSet::ones(net);
  BOOST_TEST(mask.names() == net.prunable_names(), per_element());
  BOOST_TEST(mask.kept() == mask.total());
  check_mask(net, mask);
}

// A bool tensor of more than 255 elements and of more than 2^24: counted in the mask's own type, or
// in float, both would be wrong.
BOOST_AUTO_TEST_CASE(large_masks_are_counted_exactly) {
  MaskSet mask;
  mask["w"] = torch::ones({(1 << 24) + 3}, torch::kBool);
  BOOST_TEST(mask.kept() == (1 << 24) + 3);
}

// Exactly zero, also -0.0 and what was infinite (0 * inf is NaN), and nothing else changes.
BOOST_AUTO_TEST_CASE(pruned_weights_become_exactly_zero) {
  Net net = small_net();
  const State before = net.snapshot();
  MaskSet mask = MaskSet::ones(net);
  mask["conv1.weight"].flatten().slice(0, 0, 100).fill_(false);
  {
    const torch::NoGradGuard no_grad;
    net.parameters().at("conv1.weight")[0][0][0][0].fill_(INFINITY);
  }
  apply_mask(net, mask);
  for (const auto& [name, w] : net.parameters()) {
    const Tensor expected = name == "conv1.weight"
                                ? torch::where(mask.at(name), before.at(name), torch::zeros({}))
                                : before.at(name);
    BOOST_TEST(torch::equal(w.detach(), expected));
  }
  BOOST_TEST(net.parameters().at("conv1.weight").count_nonzero().item<int64_t>() == 432 - 100);
  BOOST_TEST(net.parameters().at("conv1.weight").requires_grad());
}

BOOST_AUTO_TEST_CASE(clones_have_their_own_bits) {
  const MaskSet mask = two_masks();
  MaskSet clone = mask;
  BOOST_TEST((clone == mask));
  clone["b"].fill_(true);
  BOOST_TEST(mask.kept() == 4);
  BOOST_TEST((clone != mask));
}

// One bit, one name, the order of the names, or a shape with the same bits: each is another mask.
BOOST_AUTO_TEST_CASE(equality_and_hash_see_every_part) {
  const MaskSet mask = two_masks();
  std::vector<MaskSet> others(5);
  others[0] = mask;
  others[0]["a"][3].fill_(false);
  others[1]["a"] = mask.at("a");
  others[1]["c"] = mask.at("b");
  others[2]["b"] = mask.at("b");
  others[2]["a"] = mask.at("a");
  others[3]["a"] = mask.at("a").view({2, 2});
  others[3]["b"] = mask.at("b");
  others[4]["a"] = mask.at("a");
  std::set<std::string> hashes{mask.sha256()};
  for (const MaskSet& other : others) {
    BOOST_TEST((other != mask));
    hashes.insert(other.sha256());
  }
  BOOST_TEST(hashes.size() == 6);
  BOOST_TEST(mask.sha256() == mask.sha256());
}

// The bits count in logical order: a mask in channels-last memory is the same mask.
BOOST_AUTO_TEST_CASE(the_hash_ignores_the_memory_format) {
  MaskSet mask;
  mask["w"] = torch::arange(2 * 3 * 2 * 2).view({2, 3, 2, 2}).remainder(5) == 0;
  MaskSet last;
  last["w"] = mask["w"].contiguous(torch::MemoryFormat::ChannelsLast);
  BOOST_TEST(!last["w"].is_contiguous());
  BOOST_TEST((mask == last));
  BOOST_TEST(mask.sha256() == last.sha256());
}

BOOST_AUTO_TEST_CASE(a_mask_of_another_net_is_refused) {
  const Net net = small_net();
  const auto refused = [&](const MaskSet& mask, std::initializer_list<std::string_view> parts) {
    BOOST_TEST(says(error_of<std::invalid_argument>([&] { check_mask(net, mask); }), parts));
  };
  MaskSet more = MaskSet::ones(net);
  more["fc.weight"] = torch::ones({10, 64}, torch::kBool);
  refused(more, {"fc.weight", "prunable"});
  refused(MaskSet(), {"conv1.weight"});
  MaskSet shape = MaskSet::ones(net);
  shape["conv1.weight"] = torch::ones({16, 3, 3, 1}, torch::kBool);
  refused(shape, {"conv1.weight", "[16,3,3,1]", "[16,3,3,3]"});
  MaskSet type = MaskSet::ones(net);
  type["conv1.weight"] = torch::ones({16, 3, 3, 3});
  refused(type, {"conv1.weight", "Float", "Bool"});
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(score)

// Absolute values, no part of a graph, and not the weights' own memory.
BOOST_AUTO_TEST_CASE(magnitudes_are_absolute_values) {
  const Net net = small_net();
  const State before = net.snapshot();
  ScoreMap scores = magnitude(net);
  BOOST_TEST(scores.names() == net.prunable_names(), per_element());
  for (const auto& [name, s] : scores) {
    BOOST_TEST(torch::equal(s, before.at(name).abs()));
    BOOST_TEST(!s.requires_grad());
  }
  scores["conv1.weight"].zero_();
  BOOST_TEST(torch::equal(net.parameters().at("conv1.weight").detach(), before.at("conv1.weight")));
}

// 53 random bits: of 267,000 numbers of 24 bits some two thousand would be equal, and their order
// decided by the index. No layer repeats another.
BOOST_AUTO_TEST_CASE(random_scores_are_all_different) {
  const Architecture a = make_architecture("resnet20s", {});
  const Net net(a, prunable_names(a, {}), torch::kCPU);
  const ScoreMap scores = random_scores(net, Stream(1, "mask").at(0));
  std::vector<Tensor> all;
  for (const auto& [name, s] : scores) {
    BOOST_TEST(s.sizes() == net.parameters().at(name).sizes());
    all.push_back(s.flatten());
  }
  const Tensor flat = torch::cat(all);
  BOOST_TEST(std::get<0>(at::_unique2(flat)).numel() == flat.numel());
  BOOST_TEST(std::abs(flat.mean().item<double>() - 0.5) <
             4 * std::sqrt(1.0 / 12 / static_cast<double>(flat.numel())));
  const ScoreMap again = random_scores(net, Stream(1, "mask").at(0));
  const ScoreMap other = random_scores(net, Stream(2, "mask").at(0));
  BOOST_TEST(torch::equal(scores.at("conv1.weight"), again.at("conv1.weight")));
  BOOST_TEST(!torch::equal(scores.at("conv1.weight"), other.at("conv1.weight")));
}

// The same values in another order, shape and type kept; also of a mask in channels-last memory.
BOOST_AUTO_TEST_CASE(shuffling_keeps_the_values) {
  const Tensor v = torch::arange(120, torch::kFloat32)
                       .view({5, 6, 2, 2})
                       .contiguous(torch::MemoryFormat::ChannelsLast);
  Rng rng(1, 0);
  const Tensor moved = shuffled(v, rng);
  BOOST_TEST(moved.sizes() == v.sizes());
  BOOST_TEST(!torch::equal(moved, v));
  BOOST_TEST(
      torch::equal(std::get<0>(moved.flatten().sort()), torch::arange(120, torch::kFloat32)));
  BOOST_TEST(!torch::equal(shuffled(v, rng), moved));
  const Tensor bits = v.remainder(3) == 0;
  const Tensor moved_bits = shuffled(bits, rng);
  BOOST_TEST((moved_bits.scalar_type() == torch::kBool));
  BOOST_TEST(moved_bits.sum().item<int64_t>() == 40);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
