#include "suites/harness/dataset.hpp"

#include "core/sha256.hpp"
#include "suites/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

namespace ticketbench {
namespace {

namespace fs = std::filesystem;

// Records of CIFAR's form: label bytes, then 1,024 bytes each of red, green, blue. In image i the
// red plane counts its pixels, green is 100 + i, blue is 200 - i.
std::string records(const std::vector<std::string>& labels) {
  std::string bytes;
  for (size_t i = 0; i < labels.size(); ++i) {
    bytes += labels[i];
    for (int p = 0; p < 1024; ++p) bytes += static_cast<char>(p % 256);
    bytes += std::string(1024, static_cast<char>(100 + i));
    bytes += std::string(1024, static_cast<char>(200 - i));
  }
  return bytes;
}

DatasetFile put(const TemporaryFolder& folder, const std::string& name, const std::string& bytes) {
  folder.write(name, bytes);
  return {name, static_cast<int64_t>(bytes.size()), sha256(bytes)};
}

std::string byte(int value) {
  return {static_cast<char>(value)};
}

BOOST_AUTO_TEST_SUITE(dataset)

// Planes must become pixels: with planes left as they are, pixel (0, 1) of the first image would
// hold red 3, 4, 5 and not red 1, green 100, blue 200.
BOOST_AUTO_TEST_CASE(cifar10_records_are_read) {
  const TemporaryFolder folder;
  DatasetCard card = find_dataset("cifar10");
  BOOST_TEST_REQUIRE(card.files.size() == 6U);
  for (int i = 0; i < 6; ++i) {
    card.files[static_cast<size_t>(i)] =
        put(folder, card.files[static_cast<size_t>(i)].path, records({byte(i), byte(9 - i)}));
  }
  const Dataset data = card.load(card, folder.path());
  BOOST_TEST(data.train.size() == 10);
  BOOST_TEST(data.test.size() == 2);
  BOOST_TEST(torch::equal(data.train.labels,
                          torch::tensor({0, 9, 1, 8, 2, 7, 3, 6, 4, 5}, torch::kInt64)));
  BOOST_TEST(torch::equal(data.test.labels, torch::tensor({5, 4}, torch::kInt64)));
  BOOST_TEST(data.train.pixels.sizes().vec() == std::vector<int64_t>({10, 32, 32, 3}),
             boost::test_tools::per_element());
  BOOST_TEST(torch::equal(data.train.pixels[0][0][1], torch::tensor({1, 100, 200}, torch::kUInt8)));
  BOOST_TEST(torch::equal(data.train.pixels[1][2][5],
                          torch::tensor({(2 * 32 + 5) % 256, 101, 199}, torch::kUInt8)));
}

// The second label byte is the fine one of 100 classes; the first must not be taken.
BOOST_AUTO_TEST_CASE(cifar100_takes_the_fine_label) {
  const TemporaryFolder folder;
  DatasetCard card = find_dataset("cifar100");
  card.files = {put(folder, card.files[0].path, records({byte(3) + byte(99), byte(4) + byte(0)})),
                put(folder, card.files[1].path, records({byte(5) + byte(42)}))};
  const Dataset data = card.load(card, folder.path());
  BOOST_TEST(torch::equal(data.train.labels, torch::tensor({99, 0}, torch::kInt64)));
  BOOST_TEST(torch::equal(data.test.labels, torch::tensor({42}, torch::kInt64)));
  BOOST_TEST(
      torch::equal(data.test.pixels[0][31][31], torch::tensor({255, 100, 200}, torch::kUInt8)));
}

BOOST_AUTO_TEST_CASE(a_label_out_of_range_is_refused) {
  const TemporaryFolder folder;
  DatasetCard card = find_dataset("cifar10");
  card.files = {put(folder, "train.bin", records({byte(10)})),
                put(folder, "test.bin", records({byte(0)}))};
  BOOST_TEST(refusal([&] { card.load(card, folder.path()); }) ==
             "train.bin: label 10 of 10 classes");
}

// One good, one missing, one a byte short, one of the right size with one bit changed: a check of
// the size alone lets the last one pass.
BOOST_AUTO_TEST_CASE(files_that_are_missing_short_or_altered_are_named) {
  const TemporaryFolder folder;
  DatasetCard card{.name = "mine"};
  const std::string bytes = records({byte(1), byte(2)});
  std::string altered = bytes;
  altered[5000] = static_cast<char>(altered[5000] ^ 1);
  card.files = {put(folder, "bin/good.bin", bytes),
                {"bin/missing.bin", 6146, "0"},
                put(folder, "bin/short.bin", bytes),
                put(folder, "bin/altered.bin", bytes)};
  folder.write("bin/short.bin", bytes.substr(1));
  folder.write("bin/altered.bin", altered);

  const auto place = [&](const char* name) { return (folder.path() / name).string(); };
  const std::vector<std::string> expected{
      place("bin/missing.bin") +
          ": missing; expected 6146 bytes. Give the folder that holds bin with --data",
      place("bin/short.bin") + ": 6145 bytes found, 6146 expected",
      fmt::format("{}: altered: SHA-256 {} found, {} expected", place("bin/altered.bin"),
                  sha256(altered), sha256(bytes))};
  BOOST_TEST(verify(card, folder.path()) == expected, boost::test_tools::per_element());
  BOOST_TEST(read_checked(card.files[0], folder.path()) == bytes);
  for (size_t i = 1; i < 4; ++i) {
    BOOST_TEST(refusal([&] { read_checked(card.files[i], folder.path()); }) == expected[i - 1]);
  }
}

// The real cards: sizes that follow from the number of images, checksums of SHA-256's length.
BOOST_AUTO_TEST_CASE(cards_add_up) {
  for (const std::string name : {"cifar10", "cifar100"}) {
    const DatasetCard& card = find_dataset(name);
    const int64_t record = 3072 + (name == "cifar10" ? 1 : 2);
    int64_t bytes = 0;
    for (const DatasetFile& file : card.files) {
      bytes += file.bytes;
      BOOST_TEST(file.sha256.size() == 64U);
    }
    BOOST_TEST(bytes == record * (card.train_examples + card.test_examples));
    BOOST_TEST(card.files.back().bytes == record * card.test_examples);
  }
  BOOST_TEST(refusal([] { find_dataset("cifar01"); }) ==
             "unknown dataset 'cifar01'; did you mean 'cifar10'?");
}

// Balanced; the same at each making; a longer set begins with the shorter one (an image is a
// function of its index); test images are none of the training images.
BOOST_AUTO_TEST_CASE(synthetic_is_balanced_and_deterministic) {
  DatasetCard card = find_dataset("synthetic");
  card.train_examples = 120;
  card.test_examples = 60;
  const Dataset data = card.load(card, {});
  const Dataset again = card.load(card, {});
  BOOST_TEST(torch::equal(data.train.pixels, again.train.pixels));
  BOOST_TEST(torch::equal(data.test.pixels, again.test.pixels));
  BOOST_TEST(torch::equal(data.train.labels.bincount(), torch::full({10}, 12, torch::kInt64)));
  BOOST_TEST(torch::equal(data.test.labels.bincount(), torch::full({10}, 6, torch::kInt64)));

  card.train_examples = 60;
  BOOST_TEST(torch::equal(card.load(card, {}).train.pixels, data.train.pixels.slice(0, 0, 60)));

  const torch::Tensor train = data.train.pixels.flatten(1).to(torch::kFloat32);
  const torch::Tensor test = data.test.pixels.flatten(1).to(torch::kFloat32);
  // Noise of 26 grey levels on 3,072 numbers: two images that differ are over 26 * sqrt(2 * 3072)
  // = 2,038 apart.
  BOOST_TEST(torch::cdist(train, test).min().item<double>() > 1500);
  BOOST_TEST((torch::cdist(train, train) + torch::eye(120) * 1e6).min().item<double>() > 1500);
  // A class is told neither by its mean colour nor by its mean image: both lie near 128.
  const torch::Tensor means =
      torch::stack({train.index_select(0, torch::arange(0, 120, 10)).mean(0),
                    train.index_select(0, torch::arange(5, 120, 10)).mean(0)});
  BOOST_TEST((means - 128).abs().mean().item<double>() < 20);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
