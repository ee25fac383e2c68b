// Blocked tensors, threads, instruction sets.

#include "hardware/kernels/cpu/layout.hpp"

#include "hardware/kernels/cpu/instruction_set.hpp"
#include "hardware/kernels/cpu/thread_pool.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <vector>

namespace ticketbench::kernels {

BOOST_AUTO_TEST_SUITE(layout)

// Counted by hand: image 17 of channel 1, row 2, column 3 of a [18, 2, 4, 5] tensor with border 1
// is lane 1 of group 1; rows are 7 pixels of 16, maps 6 rows, groups 2 maps.
BOOST_AUTO_TEST_CASE(a_pixel_lies_where_the_formula_says) {
  BlockedTensor blocked({18, 2, 4, 5, 1});
  std::vector<float> plain(18 * 2 * 4 * 5);
  std::iota(plain.begin(), plain.end(), 1.0F);
  to_blocked(plain, Order::nchw, blocked.view());
  const int64_t place = ((1 * 2 + 1) * 6 + (2 + 1)) * 7 * 16 + (3 + 1) * 16 + 1;
  BOOST_TEST(blocked.view().data[place] == plain[((17 * 2 + 1) * 4 + 2) * 5 + 3]);
  BOOST_TEST(blocked.shape().size() == 2 * 2 * 6 * 7 * 16);
}

// Both orders there and back, also where sixteen doesn't divide the images; the border and the
// lanes of images that aren't there stay zero.
BOOST_AUTO_TEST_CASE(conversions_are_inverse) {
  for (const int64_t images : {1, 16, 17, 33}) {
    for (const int64_t border : {0, 1, 3}) {
      const BlockedShape shape{images, 3, 4, 5, border};
      std::vector<float> plain(static_cast<std::size_t>(images * 60));
      std::iota(plain.begin(), plain.end(), 1.0F);
      for (const Order order : {Order::nchw, Order::nhwc}) {
        BlockedTensor blocked(shape);
        to_blocked(plain, order, blocked.view());
        const float* data = blocked.view().data;
        BOOST_TEST(std::count_if(data, data + shape.size(), [](float v) { return v != 0; }) ==
                   images * 60);
        std::vector<float> back(plain.size());
        from_blocked(blocked.view(), order, back);
        BOOST_TEST((back == plain));
      }
    }
  }
}

// Channels-last is the other order of the same tensor: pixel (n, c, y, x) at ((n H + y) W + x) C +
// c.
BOOST_AUTO_TEST_CASE(channels_last_is_the_same_tensor) {
  std::vector<float> nchw(2 * 3 * 4 * 5);
  std::iota(nchw.begin(), nchw.end(), 1.0F);
  std::vector<float> nhwc(nchw.size());
  for (std::size_t n = 0; n < 2; ++n) {
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t p = 0; p < 20; ++p) nhwc[(n * 20 + p) * 3 + c] = nchw[(n * 3 + c) * 20 + p];
    }
  }
  BlockedTensor blocked({2, 3, 4, 5, 1});
  to_blocked(nhwc, Order::nhwc, blocked.view());
  std::vector<float> found(nchw.size());
  from_blocked(blocked.view(), Order::nchw, found);
  BOOST_TEST((found == nchw));
}

BOOST_AUTO_TEST_CASE(clearing_leaves_the_pixels) {
  BlockedTensor blocked({16, 2, 3, 4, 2});
  const int64_t size = blocked.shape().size();
  std::fill_n(blocked.view().data, size, 1.0F);
  clear_border(blocked.view());
  const float* data = blocked.view().data;
  BOOST_TEST(std::accumulate(data, data + size, 0.0F) == 16 * 2 * 3 * 4);
  std::vector<float> pixels(16 * 2 * 3 * 4);
  from_blocked(blocked.view(), Order::nchw, pixels);
  BOOST_TEST(std::count(pixels.begin(), pixels.end(), 1.0F) == 16 * 2 * 3 * 4);
}

BOOST_AUTO_TEST_CASE(bad_tensors_are_refused) {
  BOOST_CHECK_THROW(BlockedTensor({0, 1, 1, 1, 0}), std::invalid_argument);
  BOOST_CHECK_THROW(BlockedTensor({1, 1 << 20, 1 << 10, 1 << 10, 0}), std::invalid_argument);
  BlockedTensor blocked({2, 3, 4, 5, 0});
  std::vector<float> plain(119);
  BOOST_CHECK_THROW(to_blocked(plain, Order::nchw, blocked.view()), std::invalid_argument);
  BOOST_CHECK_THROW(from_blocked(blocked.view(), Order::nchw, plain), std::invalid_argument);
  plain.resize(120);
  BlockedView moved = blocked.view();
  moved.data += 1;
  BOOST_CHECK_THROW(to_blocked(plain, Order::nchw, moved), std::invalid_argument);
}

// A piece taken twice or left out, or a run that returns before the last piece is done, shows in
// the counts; many short runs give a worker that wakes late the chance to take from the next one.
BOOST_AUTO_TEST_CASE(a_pool_does_every_piece_once) {
  for (const int64_t size : {1, 2, 5}) {
    ThreadPool pool(size);
    BOOST_TEST(pool.size() == size);
    for (int64_t count = 0; count < 300; ++count) {
      std::vector<std::atomic<int>> done(static_cast<std::size_t>(count));
      std::atomic<int64_t> outside{0};
      pool.run(count, [&](int64_t worker, int64_t i) {
        if (worker < 0 || worker >= size) ++outside;
        pool.scratch(worker, 100 + count)[99] = static_cast<float>(i);
        ++done[static_cast<std::size_t>(i)];
      });
      const bool once = std::all_of(done.begin(), done.end(), [](auto& n) { return n == 1; });
      BOOST_TEST(once);
      BOOST_TEST(outside == 0);
    }
  }
  BOOST_CHECK_THROW(ThreadPool(0), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(this_machine_has_what_it_says) {
  BOOST_TEST((instruction_sets().front() == InstructionSet::portable));
  for (const InstructionSet set : instruction_sets()) BOOST_CHECK_NO_THROW(check(set));
  for (const InstructionSet set : {InstructionSet::avx2, InstructionSet::avx512}) {
    const auto sets = instruction_sets();
    if (std::find(sets.begin(), sets.end(), set) == sets.end())
      BOOST_CHECK_THROW(check(set), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ticketbench::kernels
