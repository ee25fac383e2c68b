#include "suites/harness/dataset.hpp"

#include "core/files.hpp"
#include "core/sha256.hpp"
#include "suites/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <matio.h>

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

// Big-endian numbers of four bytes.
std::string numbers(const std::vector<int>& values) {
  std::string bytes;
  for (const int value : values)
    bytes += std::string(2, '\0') + byte(value / 256) + byte(value % 256);
  return bytes;
}

// Two training images and one test image of 2 rows and 3 columns; the second begins with 7.
DatasetCard small_mnist(const TemporaryFolder& folder) {
  DatasetCard card = find_dataset("mnist");
  card.input = {1, 2, 3};
  card.train_examples = 2;
  card.test_examples = 1;
  const std::string two("\1\2\3\4\5\6\7\x8\x9\xA\xB\xFF", 12);
  const auto file = [&](size_t i) { return card.files[i].path; };
  card.files = {put(folder, file(0), numbers({0x803, 2, 2, 3}) + two),
                put(folder, file(1), numbers({0x801, 2}) + byte(9) + byte(0)),
                put(folder, file(2), numbers({0x803, 1, 2, 3}) + two.substr(6)),
                put(folder, file(3), numbers({0x801, 1}) + byte(4))};
  return card;
}

// IDX is row by row; the head is 16 bytes for images and 8 for labels.
BOOST_AUTO_TEST_CASE(mnist_is_read) {
  const TemporaryFolder folder;
  const DatasetCard card = small_mnist(folder);
  const Dataset data = card.load(card, folder.path());
  BOOST_TEST(torch::equal(data.train.labels, torch::tensor({9, 0}, torch::kInt64)));
  BOOST_TEST(torch::equal(data.test.labels, torch::tensor({4}, torch::kInt64)));
  const torch::Tensor second = torch::tensor({7, 8, 9, 10, 11, 255}, torch::kUInt8).view({2, 3, 1});
  BOOST_TEST(torch::equal(data.train.pixels[1], second));
  BOOST_TEST(torch::equal(data.test.pixels[0], second));
  BOOST_TEST((data.train.input() == card.input));
}

BOOST_AUTO_TEST_CASE(a_wrong_mnist_is_refused) {
  const TemporaryFolder folder;
  const DatasetCard card = small_mnist(folder);
  const auto with = [&](size_t i, const std::string& bytes) {
    DatasetCard wrong = card;
    wrong.files[i] = put(folder, card.files[i].path, bytes);
    return refusal([&] { wrong.load(wrong, folder.path()); });
  };
  const auto place = [&](size_t i) { return (folder.path() / card.files[i].path).string(); };
  BOOST_TEST(with(0, "\x1F\x8B\x08 packed by gzip") ==
             place(0) + ": begins with 31 139 8 32, expected 0 0 8 3; is it unpacked?");
  BOOST_TEST(with(0, numbers({0x803, 2, 3, 2}) + std::string(12, 'x')) ==
             place(0) + ": 2 x 3 x 2 values found, 2 x 2 x 3 expected");
  BOOST_TEST(with(0, numbers({0x803, 2, 2, 3}) + std::string(11, 'x')) ==
             place(0) + ": 11 bytes of values found, 12 expected");
  small_mnist(folder);
  BOOST_TEST(with(1, numbers({0x801, 2}) + byte(9) + byte(10)) ==
             card.files[1].path + ": label 10 of 10 classes");
}

// A MATLAB file of version 5 with X [2, 3, 3, labels] that counts from 0, first index fastest, and
// y.
DatasetFile put_svhn(const TemporaryFolder& folder, const std::string& name,
                     std::vector<uint8_t> labels, bool packed) {
  const fs::path path = folder.write(name, "");
  mat_t* const file = Mat_CreateVer(path.c_str(), nullptr, MAT_FT_MAT5);
  std::vector<uint8_t> values(18 * labels.size());
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<uint8_t>(i);
  size_t x_shape[] = {2, 3, 3, labels.size()};
  size_t y_shape[] = {labels.size(), 1};
  const auto write = [&](const char* variable, int rank, size_t* shape, void* data) {
    matvar_t* const made =
        Mat_VarCreate(variable, MAT_C_UINT8, MAT_T_UINT8, rank, shape, data, MAT_F_DONT_COPY_DATA);
    Mat_VarWrite(file, made, packed ? MAT_COMPRESSION_ZLIB : MAT_COMPRESSION_NONE);
    Mat_VarFree(made);
  };
  write("X", 4, x_shape, values.data());
  write("y", 2, y_shape, labels.data());
  Mat_Close(file);
  return put(folder, name, read_file(path));
}

// In X the value of (row, column, colour, image) is row + 2 column + 6 colour + 18 image. Rows and
// columns exchanged, or colours as planes, give other bytes. Label 10 is the digit 0.
BOOST_AUTO_TEST_CASE(svhn_is_read) {
  const TemporaryFolder folder;
  DatasetCard card = find_dataset("svhn");
  card.input = {3, 2, 3};
  card.train_examples = 3;
  card.test_examples = 2;
  card.files = {put_svhn(folder, card.files[0].path, {1, 10, 9}, false),
                put_svhn(folder, card.files[1].path, {5, 10}, true)};
  const Dataset data = card.load(card, folder.path());
  BOOST_TEST(torch::equal(data.train.labels, torch::tensor({1, 0, 9}, torch::kInt64)));
  BOOST_TEST(torch::equal(data.test.labels, torch::tensor({5, 0}, torch::kInt64)));
  for (int64_t n = 0; n < 3; ++n) {
    for (int64_t y = 0; y < 2; ++y) {
      for (int64_t x = 0; x < 3; ++x) {
        for (int64_t c = 0; c < 3; ++c)
          BOOST_TEST(data.train.pixels[n][y][x][c].item<int64_t>() == y + 2 * x + 6 * c + 18 * n);
      }
    }
  }
  const std::string path = (folder.path() / card.files[0].path).string();
  const auto refused = [&] { return refusal([&] { card.load(card, folder.path()); }); };
  card.train_examples = 4;
  BOOST_TEST(refused() ==
             path + ": variable X: 2 x 3 x 3 x 3 values found, 2 x 3 x 3 x 4 expected");
  card.train_examples = 3;
  card.files[0] = put_svhn(folder, card.files[0].path, {1, 0, 9}, false);
  BOOST_TEST(refused() == path + ": labels from 0 to 9 found, 1 to 10 expected");
  card.files[0] = put(folder, card.files[0].path, std::string(300, 'x'));
  BOOST_TEST(refused() == path + ": not a MATLAB file");
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
  // IDX: 16 and 8 bytes of head.
  const DatasetCard& mnist = find_dataset("mnist");
  BOOST_TEST(mnist.files[0].bytes == 16 + 28 * 28 * mnist.train_examples);
  BOOST_TEST(mnist.files[1].bytes == 8 + mnist.train_examples);
  BOOST_TEST(mnist.files[2].bytes == 16 + 28 * 28 * mnist.test_examples);
  BOOST_TEST(mnist.files[3].bytes == 8 + mnist.test_examples);
  BOOST_TEST(find_dataset("imagenet").on_disk());
  BOOST_TEST(mnist.on_disk());
  BOOST_TEST(!find_dataset("synthetic").on_disk());
  BOOST_TEST(verified(mnist) == "4 files, sizes and checksums");
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
