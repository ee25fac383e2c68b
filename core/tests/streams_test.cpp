#include "core/streams.hpp"

#include "core/tests/support.hpp"

#include <array>
#include <cmath>
#include <map>
#include <set>

namespace ticketbench {
namespace {

using boost::test_tools::per_element;

std::vector<uint32_t> words(Rng rng, int count) {
  std::vector<uint32_t> result;
  for (int i = 0; i < count; ++i) result.push_back(rng());
  return result;
}

BOOST_AUTO_TEST_SUITE(streams)

// Salmon et al.'s known answer for counter 0 and key 0; a round too few or a swapped word shows.
BOOST_AUTO_TEST_CASE(philox_known_answer) {
  BOOST_TEST(words(Rng(0, 0), 4) ==
                 (std::vector<uint32_t>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}),
             per_element());
}

// Computed by a program of its own that reproduces the paper's three known answers: every half of
// key and subsequence counts, and the second block comes from the next counter.
BOOST_AUTO_TEST_CASE(key_and_subsequence_enter_whole) {
  BOOST_TEST(words(Rng(0x0123456789abcdef, 0xfedcba9876543210), 8) ==
                 (std::vector<uint32_t>{0xaef2adf7, 0xf69b5950, 0x3ceb44f4, 0x89b6573a, 0xec2ab39f,
                                        0x4671fd85, 0x74decae0, 0x4b77ec76}),
             per_element());
}

// Pinned, from the same program: the first word is the high half; key = the first eight bytes of
// SHA-256("seed/name"). Were these to change, every record with this seed would mean another run.
BOOST_AUTO_TEST_CASE(numbers_stay_the_same_for_ever) {
  Rng init = Stream(1, "init").at(0, 0);
  BOOST_TEST(init.bits64() == 0xa8ebe34b3f99a32c);
  BOOST_TEST(init.bits64() == 0x0e3ec8f96a5d9b21);
  BOOST_TEST(init.bits64() == 0x4ba9efa5b0e3f663);
  BOOST_TEST(Stream(2026, "augment").at(3, 41).bits64() == 0x8c2fd1256bbb52a4);
  Rng uniform = Stream(1, "init").at(0);
  BOOST_TEST(uniform.uniform() == 0.6598493632041937);
  BOOST_TEST(uniform.uniform() == 0.0556455239223993);
  Rng normal = Stream(1, "init").at(0);
  BOOST_TEST(normal.normal() == 1.379731617891687, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(normal.normal() == 0.7278847680973587, boost::test_tools::tolerance(1e-12));
}

// A generator with hidden state would depend on what was asked for before, or on its neighbours.
BOOST_AUTO_TEST_CASE(numbers_depend_on_their_place_alone) {
  const Stream stream(3, "augment");
  std::map<std::pair<uint64_t, uint64_t>, std::vector<uint32_t>> forward;
  for (uint64_t epoch = 0; epoch < 5; ++epoch) {
    for (uint64_t index = 0; index < 5; ++index)
      forward[{epoch, index}] = words(stream.at(epoch, index), 6);
  }
  const Stream again(3, "augment");
  for (uint64_t index = 5; index-- > 0;) {
    for (uint64_t epoch = 5; epoch-- > 0;) {
      (void)words(again.at(epoch + 1, index), 3);
      BOOST_TEST(words(again.at(epoch, index), 6) == (forward[{epoch, index}]), per_element());
    }
  }
}

// Seed, name, epoch and index each make another sequence, also where they would cancel when added
// (epoch 1, index 0 against epoch 0, index 1) or joined as text (seed 1, "1/x" against 11, "x").
BOOST_AUTO_TEST_CASE(every_part_of_the_key_counts) {
  std::set<std::vector<uint32_t>> seen;
  size_t count = 0;
  for (const uint64_t seed : {0ULL, 1ULL, 11ULL, 1ULL << 32, ~0ULL}) {
    for (const char* name : {"", "x", "1/x", "init", "order"}) {
      for (uint64_t epoch = 0; epoch < 4; ++epoch) {
        for (const uint64_t index : {0ULL, 1ULL, 2ULL, 1ULL << 32}) {
          seen.insert(words(Stream(seed, name).at(epoch, index), 4));
          ++count;
        }
      }
    }
  }
  BOOST_TEST(seen.size() == count);
}

// Mean 1/2, variance 1/12, never 1. With 32 bits alone the lowest bits of the 53 would be zero.
BOOST_AUTO_TEST_CASE(uniform_fills_the_unit_interval) {
  Rng rng(5, 0);
  const int n = 100'000;
  double sum = 0;
  double squares = 0;
  bool low_bits = false;
  for (int i = 0; i < n; ++i) {
    const double u = rng.uniform();
    BOOST_REQUIRE((u >= 0 && u < 1));
    sum += u;
    squares += (u - 0.5) * (u - 0.5);
    low_bits = low_bits || std::fmod(u * 0x1p53, 2) == 1;
  }
  BOOST_TEST(std::abs(sum / n - 0.5) < 4 * std::sqrt(1.0 / 12 / n));
  BOOST_TEST(std::abs(squares / n - 1.0 / 12) < 4 * std::sqrt(1.0 / 180 / n));
  BOOST_TEST(low_bits);
}

// Moments up to the fourth (a uniform number has a kurtosis of 1.8, a normal one 3), and the
// correlation of neighbours. The draws before it leave the engine's block of four in each of its
// positions: an engine that advances by blocks only repeats itself or reuses what was drawn.
BOOST_AUTO_TEST_CASE(normal_is_normal_after_any_other_draw) {
  for (int before = 0; before < 4; ++before) {
    Rng rng(6, 0);
    for (int i = 0; i < before; ++i) (void)rng();
    const int n = 100'000;
    std::vector<double> x(static_cast<size_t>(n));
    for (double& v : x) v = rng.normal();
    double mean = 0;
    double variance = 0;
    double fourth = 0;
    double neighbours = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      mean += x[i] / n;
      variance += x[i] * x[i] / n;
      fourth += std::pow(x[i], 4) / n;
      if (i > 0) neighbours += x[i] * x[i - 1] / n;
    }
    BOOST_TEST_CONTEXT(before << " draws before") {
      BOOST_TEST(std::abs(mean) < 4 / std::sqrt(n));
      BOOST_TEST(std::abs(variance - 1) < 4 * std::sqrt(2.0 / n));
      BOOST_TEST(std::abs(fourth - 3) < 4 * std::sqrt(96.0 / n));
      BOOST_TEST(std::abs(neighbours) < 4 / std::sqrt(n));
    }
  }
}

// A uniform number between two normal ones must be independent of the next: were it made of the
// same words, -2 log(1 - u) would bound the square of the normal number.
BOOST_AUTO_TEST_CASE(kinds_of_numbers_may_alternate) {
  Rng rng(7, 0);
  double correlation = 0;
  const int n = 20'000;
  for (int i = 0; i < n; ++i) {
    const double u = rng.uniform();
    const double x = rng.normal();
    correlation += (u - 0.5) * std::sqrt(12.0) * (x * x - 1) / std::sqrt(2.0) / n;
  }
  BOOST_TEST(std::abs(correlation) < 4 / std::sqrt(n));
}

// Chi-square over seven values: 99.9 % of sound generators stay under 22.5 (6 degrees of freedom).
BOOST_AUTO_TEST_CASE(below_is_even_over_a_small_range) {
  Rng rng(8, 0);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) {
    const int64_t value = rng.below(7);
    BOOST_REQUIRE((value >= 0 && value < 7));
    ++counts[static_cast<size_t>(value)];
  }
  double chi_square = 0;
  for (const int c : counts) chi_square += std::pow(c - 10'000, 2) / 10'000;
  BOOST_TEST(chi_square < 22.5);
  BOOST_TEST(chi_square > 0.2);
  BOOST_TEST(rng.below(1) == 0);
}

// n = 3 * 2^61: of the 2^64 values, taken modulo n, the lower two thirds get three each and the
// upper third two. Without drawing again the lower two thirds come up in 3/4 of the cases.
BOOST_AUTO_TEST_CASE(below_is_even_where_the_remainder_is_large) {
  Rng rng(9, 0);
  const int64_t third = int64_t{1} << 61;
  int low = 0;
  const int n = 10'000;
  for (int i = 0; i < n; ++i) low += rng.below(3 * third) < 2 * third ? 1 : 0;
  BOOST_TEST(std::abs(low / static_cast<double>(n) - 2.0 / 3) < 4 * std::sqrt(2.0 / 9 / n));
}

BOOST_AUTO_TEST_CASE(a_permutation_holds_every_number_once) {
  for (const int64_t n : {0, 1, 2, 1000}) {
    const std::vector<int64_t> order = Stream(1, "order").at(0).permutation(n);
    std::vector<bool> seen(static_cast<size_t>(n), false);
    BOOST_REQUIRE(static_cast<int64_t>(order.size()) == n);
    for (const int64_t i : order) {
      BOOST_REQUIRE((i >= 0 && i < n && !seen[static_cast<size_t>(i)]));
      seen[static_cast<size_t>(i)] = true;
    }
  }
  BOOST_TEST(Stream(1, "order").at(0).permutation(1000) !=
             Stream(1, "order").at(1).permutation(1000));
}

// All six orders of three are equally likely (99.9 %: under 20.5 with 5 degrees of freedom). The
// shuffle that swaps each place with any other has 4/27 and 5/27: chi-square 740 here.
BOOST_AUTO_TEST_CASE(all_permutations_are_equally_likely) {
  const Stream stream(1, "order");
  std::map<std::vector<int64_t>, int> counts;
  for (uint64_t i = 0; i < 60'000; ++i) ++counts[stream.at(0, i).permutation(3)];
  BOOST_TEST(counts.size() == 6);
  double chi_square = 0;
  for (const auto& [order, c] : counts) chi_square += std::pow(c - 10'000, 2) / 10'000;
  BOOST_TEST(chi_square < 20.5);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
