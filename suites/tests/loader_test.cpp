#include "suites/harness/loader.hpp"

#include "suites/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace ticketbench {
namespace {

using Pixels = std::vector<int>;

// `count` grey images of 2 rows and 3 columns: 10 20 30 / 40 50 60. Labels count from 0.
Images grey(int64_t count) {
  torch::Tensor image = torch::tensor({10, 20, 30, 40, 50, 60}, torch::kUInt8).view({1, 2, 3, 1});
  return {image.expand({count, 2, 3, 1}).contiguous(), torch::arange(count)};
}

// (value / 255 - 0.5) / 0.25: zero is grey, so black and an untouched zero differ.
LoaderOptions options_of(const Images& images) {
  return {.images = images,
          .mean = {0.5},
          .deviation = {0.25},
          .augmentation = {.padding = 0, .flip = false},
          .batch_size = 4,
          .last_batch = LastBatch::keep};
}

Loader loader_of(const LoaderOptions& options, uint64_t seed = 1) {
  return {options, Stream(seed, "order"), Stream(seed, "augment")};
}

// The bytes that the floats of one image were made from, row by row.
Pixels bytes_of(const torch::Tensor& image) {
  Pixels bytes;
  const torch::Tensor flat = image.contiguous().flatten();
  for (int64_t i = 0; i < flat.numel(); ++i)
    bytes.push_back(static_cast<int>(std::lround((flat[i].item<double>() * 0.25 + 0.5) * 255)));
  return bytes;
}

bool equal(const Batch& a, const Batch& b) {
  return torch::equal(a.images, b.images) && torch::equal(a.labels, b.labels);
}

std::set<int64_t> labels_of(const Batch& batch) {
  const auto* first = batch.labels.const_data_ptr<int64_t>();
  return {first, first + batch.labels.numel()};
}

BOOST_AUTO_TEST_SUITE(loader)

// Two channels with means and deviations of their own and no two pixels alike: a swap of rows and
// columns, of channels, or of their normalisation moves a number.
BOOST_AUTO_TEST_CASE(pixels_become_normalised_channels_last_floats) {
  const torch::Tensor pixels = torch::arange(0, 120, 10).to(torch::kUInt8).view({1, 2, 3, 2});
  LoaderOptions options = options_of({pixels, torch::tensor({7}, torch::kInt64)});
  options.mean = {0.5, 0.25};
  options.deviation = {0.25, 0.125};
  const Batch batch = loader_of(options).at(0);

  BOOST_TEST(batch.images.sizes().vec() == std::vector<int64_t>({1, 2, 2, 3}),
             boost::test_tools::per_element());
  BOOST_TEST(batch.images.is_contiguous(torch::MemoryFormat::ChannelsLast));
  BOOST_TEST(batch.images.scalar_type() == torch::kFloat32);
  for (int64_t y = 0; y < 2; ++y) {
    for (int64_t x = 0; x < 3; ++x) {
      const double first = static_cast<double>(20 * (3 * y + x)) / 255;
      const double second = static_cast<double>(20 * (3 * y + x) + 10) / 255;
      BOOST_TEST(batch.images[0][0][y][x].item<float>() ==
                 static_cast<float>((first - 0.5) / 0.25));
      BOOST_TEST(batch.images[0][1][y][x].item<float>() ==
                 static_cast<float>((second - 0.25) / 0.125));
    }
  }
  BOOST_TEST(batch.labels[0].item<int64_t>() == 7);
}

// All nine crops of the padded image and their mirrors, written out by hand. Padding with the mean
// instead of black, flipping rows, or a crop that reaches one pixel less gives an image that isn't
// here; a decision that is never taken leaves one out. 18 images are each drawn 40 times on average
// in 720: below 15 or above 80 has a chance of 1e-6.
BOOST_AUTO_TEST_CASE(crops_and_flips_are_these_eighteen) {
  const std::vector<Pixels> plain{
      {0, 0, 0, 0, 10, 20},   {0, 0, 0, 10, 20, 30},    {0, 0, 0, 20, 30, 0},
      {0, 10, 20, 0, 40, 50}, {10, 20, 30, 40, 50, 60}, {20, 30, 0, 50, 60, 0},
      {0, 40, 50, 0, 0, 0},   {40, 50, 60, 0, 0, 0},    {50, 60, 0, 0, 0, 0},
  };
  std::map<Pixels, int> seen;
  for (Pixels image : plain) {
    seen[image] = 0;
    std::reverse(image.begin(), image.begin() + 3);
    std::reverse(image.begin() + 3, image.end());
    seen[image] = 0;
  }
  BOOST_TEST_REQUIRE(seen.size() == 18U);

  LoaderOptions options = options_of(grey(4));
  options.augmentation = {.padding = 1, .flip = true};
  Loader loader = loader_of(options);
  for (int64_t epoch = 0; epoch < 180; ++epoch) {
    const Batch batch = loader.at(epoch);
    for (int64_t i = 0; i < 4; ++i) {
      const Pixels image = bytes_of(batch.images[i]);
      BOOST_TEST_REQUIRE(seen.contains(image));
      ++seen[image];
    }
  }
  for (const auto& [image, count] : seen) BOOST_TEST((count >= 15 && count <= 80));
}

// Each of the two alone: without the flip the mirrors must not come, without padding only two
// images can.
BOOST_AUTO_TEST_CASE(either_can_be_left_out) {
  LoaderOptions options = options_of(grey(4));
  options.augmentation = {.padding = 1, .flip = false};
  Loader crops = loader_of(options);
  options.augmentation = {.padding = 0, .flip = true};
  Loader flips = loader_of(options);
  std::set<Pixels> cropped;
  std::set<Pixels> flipped;
  for (int64_t epoch = 0; epoch < 60; ++epoch) {
    for (int64_t i = 0; i < 4; ++i) {
      cropped.insert(bytes_of(crops.at(epoch).images[i]));
      flipped.insert(bytes_of(flips.at(epoch).images[i]));
    }
  }
  BOOST_TEST(cropped.size() == 9U);
  BOOST_TEST(!cropped.contains({30, 20, 10, 60, 50, 40}));
  BOOST_TEST((flipped == std::set<Pixels>{{10, 20, 30, 40, 50, 60}, {30, 20, 10, 60, 50, 40}}));
}

// A loader that draws from a running generator, or keeps the wrong epoch's order after a jump back,
// gives other batches when they are asked for in another order.
BOOST_AUTO_TEST_CASE(a_batch_is_a_function_of_its_iteration) {
  LoaderOptions options = options_of(grey(10));
  options.augmentation = {.padding = 1, .flip = true};
  Loader forward = loader_of(options);
  std::vector<Batch> batches;
  for (int64_t i = 0; i < 9; ++i) batches.push_back(forward.at(i));
  Loader other = loader_of(options);
  for (const int64_t i : {8, 0, 5, 5, 3, 7, 1, 2, 6, 4})
    BOOST_TEST(equal(other.at(i), batches[static_cast<size_t>(i)]));
  BOOST_TEST(!equal(loader_of(options, 2).at(0), batches[0]));
}

// Drawing with replacement, or one order for all epochs, breaks this.
BOOST_AUTO_TEST_CASE(an_epoch_is_a_permutation) {
  Loader loader = loader_of(options_of(grey(10)));
  BOOST_TEST(loader.batches_per_epoch() == 3);
  std::vector<std::vector<int64_t>> orders;
  for (int64_t epoch = 0; epoch < 3; ++epoch) {
    std::vector<int64_t>& order = orders.emplace_back();
    for (int64_t i = 0; i < 3; ++i) {
      const torch::Tensor labels = loader.at(3 * epoch + i).labels;
      const auto* first = labels.const_data_ptr<int64_t>();
      order.insert(order.end(), first, first + labels.numel());
    }
    std::vector<int64_t> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    BOOST_TEST(sorted == std::vector<int64_t>({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}),
               boost::test_tools::per_element());
  }
  BOOST_TEST((orders[0] != orders[1] && orders[1] != orders[2]));
}

// 10 = 4 + 4 + 2: a kept last batch holds two images, a dropped one isn't there, and what is
// dropped differs from epoch to epoch. Fewer images than a batch still make one.
BOOST_AUTO_TEST_CASE(a_last_batch_is_kept_or_dropped) {
  LoaderOptions options = options_of(grey(10));
  BOOST_TEST(loader_of(options).at(2).labels.numel() == 2);
  options.last_batch = LastBatch::drop;
  Loader dropping = loader_of(options);
  BOOST_TEST(dropping.batches_per_epoch() == 2);
  std::set<std::set<int64_t>> covered;
  for (int64_t epoch = 0; epoch < 6; ++epoch) {
    std::set<int64_t> labels = labels_of(dropping.at(2 * epoch));
    labels.merge(labels_of(dropping.at(2 * epoch + 1)));
    BOOST_TEST(labels.size() == 8U);
    covered.insert(labels);
  }
  BOOST_TEST(covered.size() > 1U);

  options.images = grey(3);
  Loader few = loader_of(options);
  BOOST_TEST(few.batches_per_epoch() == 1);
  BOOST_TEST(few.at(5).labels.numel() == 3);

  BOOST_TEST(batches_per_epoch(8, 4, LastBatch::keep) == 2);
  BOOST_TEST(batches_per_epoch(8, 4, LastBatch::drop) == 2);
  BOOST_TEST(refusal([] { batches_per_epoch(0, 4, LastBatch::keep); }) ==
             "there are no images to train on");
}

BOOST_AUTO_TEST_CASE(normalisation_must_fit_the_channels) {
  LoaderOptions options = options_of(grey(1));
  options.mean = options.deviation = {0.5, 0.5, 0.5};
  BOOST_TEST(refusal([&] { loader_of(options); }) ==
             "normalisation for 3 channels, the images have 1");
}

// More batches than its queue holds, from the middle of an epoch: a lost, doubled or overtaken
// batch shows.
BOOST_AUTO_TEST_CASE(the_prefetcher_gives_the_same_batches) {
  LoaderOptions options = options_of(grey(10));
  options.augmentation = {.padding = 1, .flip = true};
  Loader loader = loader_of(options);
  Prefetcher prefetcher(loader_of(options), 2, 20);
  for (int64_t i = 2; i < 20; ++i) BOOST_TEST(equal(prefetcher.next(), loader.at(i)));
  BOOST_TEST(prefetcher.waited_seconds() >= 0);
}

// No machine has this device, so the loader throws on the prefetcher's thread: swallowed there, the
// reader would wait for ever or the program would end.
BOOST_AUTO_TEST_CASE(the_prefetcher_passes_on_exceptions) {
  LoaderOptions options = options_of(grey(10));
  options.device = torch::kXLA;
  Prefetcher prefetcher(loader_of(options), 0, 5);
  BOOST_CHECK_THROW(prefetcher.next(), std::exception);
  BOOST_CHECK_THROW(prefetcher.next(), std::exception);
}

// Its thread then waits for room in the queue: a destructor that only joins would hang.
BOOST_AUTO_TEST_CASE(a_prefetcher_destroyed_early_ends) {
  { const Prefetcher never_read(loader_of(options_of(grey(10))), 0, 1'000'000'000); }
  Prefetcher read_once(loader_of(options_of(grey(10))), 0, 1'000'000'000);
  BOOST_TEST(read_once.next().labels.numel() == 4);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
