#include "core/depth.hpp"

#include "core/model.hpp"
#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

using Blocks = std::vector<int64_t>;

// Counted from 1, as the papers do.
Blocks order(int64_t source, int64_t target, const DepthRule& rule) {
  Blocks blocks = block_sources(source, target, rule);
  for (int64_t& b : blocks) ++b;
  return blocks;
}

constexpr DepthRule kAppend{.placement = Placement::append};
constexpr DepthRule kInterpolate{.placement = Placement::interpolate};

// A ticket of `model` in which every tensor of the k-th unit or block is filled with a number of
// its own, so that it can be told where a copy came from.
Ticket marked(const std::string& model) {
  const Architecture a = make_architecture(model, {.input = {3, 8, 8}});
  Ticket ticket = made_ticket(a, 3, 0.5);
  double number = 1;
  for (const auto& [name, t] : ticket.rewind_to) torch::Tensor(t).fill_(number++);
  return ticket;
}

Ticket moved(const Ticket& source, const std::string& model, const DepthRule& rule) {
  const Architecture target = make_architecture(model, {.input = {3, 8, 8}});
  FakeLab lab(target);
  const NetPtr fresh = lab.fresh_net();
  return with_depth_of(source, target, fresh->prunable_names(), fresh->snapshot(), rule,
                       lab.rng("shuffle", 0));
}

BOOST_AUTO_TEST_SUITE(depth)

// The orders of section 3 of the paper: from 4 to 8 normal blocks (ResNet-32 to -56), with 4, 2 and
// 1 of them replicated.
BOOST_AUTO_TEST_CASE(orders_of_the_paper) {
  const auto with = [](DepthRule rule, int64_t first, int64_t distinct) {
    rule.first = first;
    rule.distinct = distinct;
    return rule;
  };
  BOOST_TEST(order(4, 8, kAppend) == Blocks({1, 2, 3, 4, 1, 2, 3, 4}));
  BOOST_TEST(order(4, 8, kInterpolate) == Blocks({1, 1, 2, 2, 3, 3, 4, 4}));
  BOOST_TEST(order(4, 8, with(kAppend, 1, 2)) == Blocks({1, 2, 1, 2, 1, 2, 3, 4}));
  BOOST_TEST(order(4, 8, with(kInterpolate, 1, 2)) == Blocks({1, 1, 1, 2, 2, 2, 3, 4}));
  for (const DepthRule& rule : {kAppend, kInterpolate})
    BOOST_TEST(order(4, 8, with(rule, 1, 1)) == Blocks({1, 1, 1, 1, 1, 2, 3, 4}));
  BOOST_TEST(order(4, 6, with(kAppend, 2, 2)) == Blocks({1, 2, 3, 2, 3, 4}));
  BOOST_TEST(order(4, 6, with(kInterpolate, 3, 2)) == Blocks({1, 2, 3, 3, 4, 4}));
}

// No multiples: earlier blocks once more, behind the last replicated one.
BOOST_AUTO_TEST_CASE(orders_between_multiples) {
  BOOST_TEST(order(4, 6, kAppend) == Blocks({1, 2, 1, 2, 3, 4}));
  BOOST_TEST(order(6, 8, kAppend) == Blocks({1, 2, 1, 2, 3, 4, 5, 6}));
  BOOST_TEST(order(2, 8, kAppend) == Blocks({1, 2, 1, 2, 1, 2, 1, 2}));
  BOOST_TEST(order(3, 5, kAppend) == Blocks({1, 2, 1, 2, 3}));
  BOOST_TEST(order(3, 5, kInterpolate) == Blocks({1, 1, 2, 2, 3}));
}

BOOST_AUTO_TEST_CASE(squeezing_drops_the_last_or_every_second) {
  BOOST_TEST(order(8, 4, kAppend) == Blocks({1, 2, 3, 4}));
  BOOST_TEST(order(8, 4, kInterpolate) == Blocks({1, 3, 5, 7}));
  BOOST_TEST(order(4, 4, kAppend) == Blocks({1, 2, 3, 4}));
  BOOST_CHECK_THROW(block_sources(0, 2, kAppend), std::invalid_argument);
  BOOST_CHECK_THROW(block_sources(2, 4, {.first = 3}), std::invalid_argument);
}

// resnet14 (blocks 0, 1 of each stage) to resnet32 (0 to 4): blocks 1 to 4 are all copies of block
// 1, weights, masks, norms with their running statistics; the ends are themselves.
BOOST_AUTO_TEST_CASE(blocks_are_copied_with_norms_and_masks) {
  const Ticket source = marked("resnet14");
  const Ticket ticket = moved(source, "resnet32", kAppend);
  BOOST_TEST(ticket.level == 3);
  BOOST_TEST(ticket.rewind_iteration == 2);
  for (const auto& [name, t] : ticket.rewind_to) {
    std::string from = name;
    if (name.starts_with("layer") && name[7] > '1') from[7] = '1';
    BOOST_TEST(torch::equal(t, source.rewind_to.at(from)), name);
    if (ticket.mask.contains(name))
      BOOST_TEST(torch::equal(ticket.mask.at(name), source.mask.at(from)), name);
  }
  // And back: the same again.
  const Ticket back = moved(ticket, "resnet14", kAppend);
  BOOST_TEST(same(back.rewind_to, source.rewind_to));
  BOOST_TEST((back.mask == source.mask));
}

// Fresh norms leave a new network's scale of one; shuffled masks keep their counts, and the first
// copy its mask.
BOOST_AUTO_TEST_CASE(norms_and_masks_can_be_others) {
  const Ticket source = marked("resnet14");
  const Ticket ticket =
      moved(source, "resnet32", {.norms = CopiedNorms::fresh, .masks = CopiedMasks::shuffle});
  BOOST_TEST(ticket.rewind_to.at("layer1.1.bn1.weight").sum().item<double>() == 16);
  const torch::Tensor& mask = source.mask.at("layer2.1.conv1.weight");
  BOOST_TEST(torch::equal(ticket.mask.at("layer2.1.conv1.weight"), mask));
  const torch::Tensor& copy = ticket.mask.at("layer2.3.conv1.weight");
  BOOST_TEST(!torch::equal(copy, mask));
  BOOST_TEST(copy.sum().item<int64_t>() == mask.sum().item<int64_t>());
}

// Plain networks: the stem changes the width of the first stage, the first convolution that of
// every other; vgg13 has one more in each stage, vgg19 three in the later ones. Hidden layers of
// one width likewise.
BOOST_AUTO_TEST_CASE(plain_networks_and_hidden_layers) {
  const auto vgg = [](const std::string& model) {
    const Architecture a = make_architecture(model, {});
    Ticket ticket = made_ticket(a, 3, 0.5);
    return ticket;
  };
  const Ticket source = vgg("vgg13");
  const Architecture target = make_architecture("vgg19", {});
  FakeLab lab(target);
  const NetPtr fresh = lab.fresh_net();
  const Ticket ticket = with_depth_of(source, target, fresh->prunable_names(), fresh->snapshot(),
                                      kAppend, lab.rng("x", 0));
  // Third stage: vgg13 has features.14 and .17, vgg19 .14, .17, .20, .23.
  BOOST_TEST(torch::equal(ticket.rewind_to.at("features.14.weight"),
                          source.rewind_to.at("features.14.weight")));
  for (const char* name : {"features.17.weight", "features.20.weight", "features.23.weight"}) {
    BOOST_TEST(torch::equal(ticket.rewind_to.at(name), source.rewind_to.at("features.17.weight")));
    BOOST_TEST(torch::equal(ticket.mask.at(name), source.mask.at("features.17.weight")));
  }
  const Architecture mlp4 = make_architecture("mlp4", {.input = {1, 4, 4}});
  const Ticket mlp2 = made_ticket(make_architecture("mlp2", {.input = {1, 4, 4}}), 1, 0.5);
  FakeLab mlp_lab(mlp4);
  const NetPtr mlp = mlp_lab.fresh_net();
  const Ticket deeper =
      with_depth_of(mlp2, mlp4, mlp->prunable_names(), mlp->snapshot(), kAppend, lab.rng("x", 0));
  for (const char* name : {"fc2.weight", "fc3.weight", "fc4.weight"})
    BOOST_TEST(torch::equal(deeper.mask.at(name), mlp2.mask.at("fc2.weight")));
  BOOST_TEST(torch::equal(deeper.mask.at("fc5.weight"), mlp2.mask.at("fc3.weight")));
  BOOST_TEST(torch::equal(deeper.rewind_to.at("fc6.bias"), mlp2.rewind_to.at("fc4.bias")));
}

BOOST_AUTO_TEST_CASE(other_families_are_refused) {
  const Ticket source = made_ticket(make_architecture("resnet14", {.input = {3, 8, 8}}), 0, 0.5);
  BOOST_CHECK_THROW(moved(source, "resnet14s", kAppend), std::invalid_argument);
  BOOST_CHECK_THROW(moved(source, "wrn20_2", kAppend), std::invalid_argument);
  BOOST_CHECK_THROW(moved(source, "vgg13", kAppend), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
