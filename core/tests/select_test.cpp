#include "core/select.hpp"

#include "core/model.hpp"
#include "core/net.hpp"
#include "core/streams.hpp"
#include "core/tests/support.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ticketbench {
namespace {

using boost::test_tools::per_element;
using testing::error_of;
using testing::says;
using torch::Tensor;
using Flags = std::vector<bool>;

Tensor values(const std::vector<double>& v) {
  return torch::tensor(v, torch::kFloat64);
}

Tensor everything(const Tensor& like) {
  return torch::ones(like.sizes(), torch::kBool);
}

/// In order of the logical index.
Flags flags(const Tensor& mask) {
  const Tensor flat = mask.flatten().contiguous();
  BOOST_REQUIRE(flat.scalar_type() == torch::kBool);
  const bool* first = flat.const_data_ptr<bool>();
  return Flags(first, first + flat.numel());  // braces would make two flags of the pointers
}

int64_t count(const Tensor& mask) {
  return mask.sum().item<int64_t>();
}

/// The obvious way: sorts by value, then by index.
Flags sorted_selection(const Tensor& scores, const Tensor& candidates, int64_t wanted) {
  const Tensor flat = scores.flatten().contiguous().to(torch::kFloat64);
  const double* v = flat.const_data_ptr<double>();
  const Flags allowed = flags(candidates);
  std::vector<int64_t> order;
  for (int64_t i = 0; i < flat.numel(); ++i) {
    if (allowed[static_cast<size_t>(i)]) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return v[a] > v[b]; });
  Flags result(static_cast<size_t>(flat.numel()), false);
  for (int64_t i = 0; i < wanted; ++i)
    result[static_cast<size_t>(order[static_cast<size_t>(i)])] = true;
  return result;
}

MaskSet ones_like(const ScoreMap& scores) {
  MaskSet mask;
  for (const auto& [name, s] : scores) mask[name] = everything(s);
  return mask;
}

/// Random numbers, many of them equal where `levels` is small.
Tensor random_values(Rng& rng, torch::IntArrayRef shape, int64_t levels) {
  const Tensor t = torch::empty(shape, torch::kFloat32);
  float* v = t.mutable_data_ptr<float>();
  for (int64_t i = 0; i < t.numel(); ++i) v[i] = static_cast<float>(rng.below(levels)) - 2;
  return t;
}

BOOST_AUTO_TEST_SUITE(selection)

// The largest are neither first nor last, negative and infinite values take part, and the two 3s
// are kept in order of their index.
BOOST_AUTO_TEST_CASE(largest_and_smallest_by_hand) {
  const double infinity = std::numeric_limits<double>::infinity();
  const Tensor v = values({3, -1, 7, 3, -infinity, infinity});
  BOOST_TEST(flags(largest(v, everything(v), 3)) == (Flags{true, false, true, false, false, true}),
             per_element());
  BOOST_TEST(flags(largest(v, everything(v), 4)) == (Flags{true, false, true, true, false, true}),
             per_element());
  BOOST_TEST(flags(smallest(v, everything(v), 3)) == (Flags{true, true, false, false, true, false}),
             per_element());
}

// All equal: a threshold compared with >= keeps everything, one with > nothing.
BOOST_AUTO_TEST_CASE(equal_scores_are_kept_from_the_front) {
  const Tensor v = torch::full({10}, 0.5);
  for (int64_t wanted = 0; wanted <= 10; ++wanted) {
    Flags expected(10, false);
    std::fill_n(expected.begin(), wanted, true);
    BOOST_TEST(flags(largest(v, everything(v), wanted)) == expected, per_element());
    BOOST_TEST(flags(smallest(v, everything(v), wanted)) == expected, per_element());
  }
}

// -0.0 and 0.0 are equal, so the index decides; by their bits -0.0 would come last, or first.
BOOST_AUTO_TEST_CASE(signed_zeros_are_equal) {
  const Tensor v = values({-0.0, 0.0, -0.0, 0.0});
  BOOST_TEST(flags(largest(v, everything(v), 2)) == (Flags{true, true, false, false}),
             per_element());
  BOOST_TEST(flags(smallest(v, everything(v), 1)) == (Flags{true, false, false, false}),
             per_element());
  BOOST_TEST(flags(smallest(v, everything(v), 3)) == (Flags{true, true, true, false}),
             per_element());
}

// The best value is no candidate; ties are broken among candidates only.
BOOST_AUTO_TEST_CASE(only_candidates_are_chosen) {
  const Tensor v = values({5, 1, 9, 1, 1, 2});
  const Tensor candidates = torch::tensor({0, 0, 0, 1, 1, 1}, torch::kInt64).to(torch::kBool);
  BOOST_TEST(flags(largest(v, candidates, 2)) == (Flags{false, false, false, true, false, true}),
             per_element());
  BOOST_TEST(count(largest(v, candidates, 3)) == 3);
  BOOST_TEST(count(largest(v, candidates, 0)) == 0);
  BOOST_TEST(
      says(error_of<std::invalid_argument>([&] { (void)largest(v, candidates, 4); }), {"4", "3"}));
  BOOST_CHECK_THROW((void)largest(v, candidates, -1), std::invalid_argument);
}

// NaN is neither larger nor smaller than anything: a selection that doesn't look keeps any number.
// Where it is no candidate it doesn't matter.
BOOST_AUTO_TEST_CASE(nan_is_refused) {
  const Tensor v = values({1, std::nan(""), 3});
  for (const int64_t wanted : {0, 1, 2, 3}) {
    BOOST_TEST(
        says(error_of<std::invalid_argument>([&] { (void)largest(v, everything(v), wanted); }),
             {"NaN"}));
  }
  const Tensor others = torch::tensor({1, 0, 1}, torch::kInt64).to(torch::kBool);
  BOOST_TEST(flags(largest(v, others, 1)) == (Flags{false, false, true}), per_element());
}

// Weights lie in channels-last memory, masks don't. Equal scores must be kept in order of the
// logical index [out, in, row, column], or the choice would depend on the memory format.
BOOST_AUTO_TEST_CASE(channels_last_weights_rank_by_logical_index) {
  const Tensor equal = torch::zeros({2, 3, 2, 2}).contiguous(torch::MemoryFormat::ChannelsLast);
  BOOST_REQUIRE(!equal.is_contiguous());
  Flags expected(24, false);
  std::fill_n(expected.begin(), 5, true);
  BOOST_TEST(flags(largest(equal, everything(equal), 5)) == expected, per_element());
  BOOST_TEST(flags(largest(equal, torch::ones_like(equal, torch::kBool), 5)) == expected,
             per_element());

  // 7 i modulo 24: the order of the values is neither that of the index nor that of the memory.
  const Tensor index = torch::arange(24, torch::kFloat32).view({2, 3, 2, 2});
  const Tensor mixed = (index * 7).remainder(24);
  const Tensor last = mixed.contiguous(torch::MemoryFormat::ChannelsLast);
  const Tensor candidates = index.remainder(3) != 0;
  const Tensor candidates_last = candidates.contiguous(torch::MemoryFormat::ChannelsLast);
  const Flags selected = sorted_selection(mixed, candidates, 7);
  BOOST_TEST(
      flags(largest(last, everything(last), 7)) == sorted_selection(mixed, everything(mixed), 7),
      per_element());
  BOOST_TEST(flags(largest(last, candidates, 7)) == selected, per_element());
  BOOST_TEST(flags(largest(mixed, candidates_last, 7)) == selected, per_element());
  BOOST_TEST(flags(largest(last, candidates_last, 7)) == selected, per_element());
}

// Against the sort, over shapes, types and numbers of ties.
BOOST_AUTO_TEST_CASE(random_values_against_a_stable_sort) {
  const Stream stream(1, "test");
  for (uint64_t trial = 0; trial < 300; ++trial) {
    Rng rng = stream.at(0, trial);
    const Tensor v = random_values(rng, {1 + rng.below(9), 1 + rng.below(9)}, 1 + rng.below(12))
                         .to(trial % 2 == 0 ? torch::kFloat32 : torch::kFloat64);
    const Tensor candidates = random_values(rng, v.sizes(), 3) != -2;
    const int64_t wanted = rng.below(count(candidates) + 1);
    const Flags top = flags(largest(v, candidates, wanted));
    BOOST_REQUIRE(std::count(top.begin(), top.end(), true) == wanted);
    BOOST_REQUIRE(top == sorted_selection(v, candidates, wanted));
    BOOST_REQUIRE(flags(smallest(v, candidates, wanted)) ==
                  sorted_selection(-v, candidates, wanted));
  }
}

// Two million values of which each occurs some 500 times: float indices, 16-bit counters or an
// approximate quantile would miss the count.
BOOST_AUTO_TEST_CASE(two_million_values_against_a_stable_sort) {
  Rng rng = Stream(2, "test").at(0);
  const Tensor v = random_values(rng, {2'000'000}, 4000);
  for (const int64_t wanted : {1, 777'777, 1'999'999}) {
    const Tensor kept = largest(v, everything(v), wanted);
    BOOST_TEST(count(kept) == wanted);
    BOOST_TEST((flags(kept) == sorted_selection(v, everything(v), wanted)));
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(keep_top_of_a_net)

ScoreMap two_layers() {
  ScoreMap scores;
  scores["a"] = values({5, 1, 4, 1});
  scores["b"] = values({3, 1, 2, 1, 1, 9}).view({2, 3});
  return scores;
}

// Global: the five best of ten are 9, 5, 4, 3, 2. Per layer a quarter of 4 and of 6: 1 and 1.5,
// rounded to 2.
BOOST_AUTO_TEST_CASE(scopes_by_hand) {
  const ScoreMap scores = two_layers();
  const MaskSet global = keep_top(scores, 0.5, Scope::global, ones_like(scores));
  BOOST_TEST(flags(global.at("a")) == (Flags{true, false, true, false}), per_element());
  BOOST_TEST(flags(global.at("b")) == (Flags{true, false, true, false, false, true}),
             per_element());
  BOOST_TEST(global.at("b").sizes() == scores.at("b").sizes());
  const MaskSet fewer = keep_top(scores, 0.2, Scope::global, ones_like(scores));
  BOOST_TEST(count(fewer.at("a")) == 1);
  BOOST_TEST(count(fewer.at("b")) == 1);
  const MaskSet layers = keep_top(scores, 0.25, Scope::per_layer, ones_like(scores));
  BOOST_TEST(flags(layers.at("a")) == (Flags{true, false, false, false}), per_element());
  BOOST_TEST(flags(layers.at("b")) == (Flags{true, false, false, false, false, true}),
             per_element());
}

// Six of ten: after 9, 5, 4, 3, 2 one of the five 1s, the first layer's first.
BOOST_AUTO_TEST_CASE(ties_between_layers_go_to_the_earlier_one) {
  const ScoreMap scores = two_layers();
  const MaskSet mask = keep_top(scores, 0.6, Scope::global, ones_like(scores));
  BOOST_TEST(flags(mask.at("a")) == (Flags{true, true, true, false}), per_element());
  BOOST_TEST(count(mask.at("b")) == 3);
}

// The total counts pruned weights too: a quarter of ten (2.5, rounded to 3) and not of the seven
// that are left. Inside `within`, 9 and 5 are gone.
BOOST_AUTO_TEST_CASE(density_is_of_all_weights_and_masks_nest) {
  const ScoreMap scores = two_layers();
  MaskSet within = ones_like(scores);
  within["a"] = torch::tensor({0, 1, 1, 1}, torch::kInt64).to(torch::kBool);
  within["b"] = torch::tensor({{1, 1, 1}, {0, 1, 0}}, torch::kInt64).to(torch::kBool);
  const MaskSet mask = keep_top(scores, 0.25, Scope::global, within);
  BOOST_TEST(flags(mask.at("a")) == (Flags{false, false, true, false}), per_element());
  BOOST_TEST(flags(mask.at("b")) == (Flags{true, false, true, false, false, false}), per_element());
  // Seven are left: a density above that gives them back, and not an eighth.
  BOOST_TEST((keep_top(scores, 0.9, Scope::global, within) == within));
  BOOST_TEST((keep_top(scores, 1, Scope::per_layer, within) == within));
}

BOOST_AUTO_TEST_CASE(counts_by_layer) {
  const ScoreMap scores = two_layers();
  const MaskSet mask = keep_top(scores, {{"a", 1}, {"b", 4}}, ones_like(scores));
  BOOST_TEST(flags(mask.at("a")) == (Flags{true, false, false, false}), per_element());
  BOOST_TEST(flags(mask.at("b")) == (Flags{true, true, true, false, false, true}), per_element());
  BOOST_CHECK_THROW((void)keep_top(scores, {{"a", 5}, {"b", 0}}, ones_like(scores)),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(densities_outside_are_refused) {
  const ScoreMap scores = two_layers();
  for (const double density : {-0.01, 1.01, std::nan("")}) {
    BOOST_TEST(says(error_of<std::invalid_argument>(
                        [&] { (void)keep_top(scores, density, Scope::global, ones_like(scores)); }),
                    {"density", "[0, 1]"}));
  }
}

// The laws of iterative pruning on random layers, with many equal scores and with all equal ones:
// exactly llround(density * total) each time in either scope, every mask inside the one before.
BOOST_AUTO_TEST_CASE(counts_are_exact_and_masks_nest_over_random_nets) {
  const Stream stream(3, "test");
  for (uint64_t trial = 0; trial < 60; ++trial) {
    Rng rng = stream.at(0, trial);
    ScoreMap scores;
    const int64_t levels = trial % 3 == 0 ? 1 : 1 + rng.below(50);
    for (int64_t layer = rng.below(4); layer >= 0; --layer) {
      std::vector<int64_t> shape{1 + rng.below(12), 1 + rng.below(12)};
      if (rng.below(2) == 0) shape.insert(shape.end(), 2, 3);
      scores["layer" + std::to_string(layer)] = random_values(rng, shape, levels);
    }
    for (const Scope scope : {Scope::global, Scope::per_layer}) {
      MaskSet mask = ones_like(scores);
      double density = 1;
      for (int level = 0; level < 8; ++level) {
        density *= 0.8;
        const MaskSet next = keep_top(scores, density, scope, mask);
        BOOST_REQUIRE(next.kept() == std::llround(density * static_cast<double>(next.total())));
        for (const auto& [name, m] : next) {
          // Each its share, rounded down or up.
          if (scope == Scope::per_layer)
            BOOST_REQUIRE(std::abs(static_cast<double>(count(m)) -
                                   density * static_cast<double>(m.numel())) < 1);
          BOOST_REQUIRE(count(m.logical_and(mask.at(name).logical_not())) == 0);
        }
        mask = next;
      }
    }
  }
}

// A real net: channels-last weights through magnitude scores, 267,696 of them at 0.2^k.
BOOST_AUTO_TEST_CASE(a_resnet20s_is_pruned_to_the_weight) {
  const Architecture a = make_architecture("resnet20s", {});
  Net net(a, prunable_names(a, {}), torch::kCPU);
  initialise(net, Stream(1, "init"), Initialisation::kaiming_fan_in, NormScale::one);
  ScoreMap scores;
  for (const auto& [name, w] : prunable(net)) scores[name] = w.detach().abs();
  for (const double density : {0.5, 0.2, 0.05, 0.0001}) {
    const MaskSet mask = keep_top(scores, density, Scope::global, MaskSet::ones(net));
    BOOST_TEST(mask.kept() == std::llround(density * 267'696));
    check_mask(net, mask);
    double smallest_kept = 1e9;
    double largest_pruned = 0;
    for (const auto& [name, m] : mask) {
      const Tensor& s = scores.at(name);
      if (count(m) > 0)
        smallest_kept = std::min(smallest_kept, s.masked_select(m).min().item<double>());
      if (count(m) < m.numel())
        largest_pruned =
            std::max(largest_pruned, s.masked_select(m.logical_not()).max().item<double>());
    }
    BOOST_TEST(smallest_kept >= largest_pruned);
  }
}

// The result doesn't share memory with the mask it was chosen within, nor layers with each other:
// a method changes it in place.
BOOST_AUTO_TEST_CASE(the_result_is_a_copy) {
  const ScoreMap scores = two_layers();
  const MaskSet within = ones_like(scores);
  for (const Scope scope : {Scope::global, Scope::per_layer}) {
    MaskSet mask = keep_top(scores, 1, scope, within);
    mask["a"].fill_(false);
    BOOST_TEST(within.kept() == 10);
    BOOST_TEST(mask.kept() == 6);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
