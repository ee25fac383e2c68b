#include "suites/harness/image_folder.hpp"

#include "core/sha256.hpp"
#include "suites/harness/image_codec.hpp"
#include "suites/harness/loader.hpp"
#include "suites/tests/fixture.hpp"
#include "suites/tests/image_files.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cstdlib>

namespace ticketbench {
namespace {

namespace fs = std::filesystem;

using Labels = std::vector<int64_t>;

Labels labels_of(const Images& images) {
  const auto* first = images.labels.const_data_ptr<int64_t>();
  return {first, first + images.size()};
}

// Class c is the colour (10 c, 100, 0), image k of it has blue 20 k.
std::string picture(int64_t label, int64_t k, const Extent& size = {64, 64}) {
  return jpeg(flat(size, {static_cast<uint8_t>(10 * label), 100, static_cast<uint8_t>(20 * k)}));
}

// Tiny ImageNet with three classes of two images, and three test images.
struct Tiny {
  TemporaryFolder folder;
  DatasetCard card = find_dataset("tiny_imagenet");
  Tiny() {
    card.classes = 3;
    card.train_examples = 6;
    card.test_examples = 3;
    write("wnids.txt", "n03\nn01\nn02\n");
    for (int64_t c = 0; c < 3; ++c) {
      for (int64_t k = 0; k < 2; ++k)
        write(fmt::format("train/n0{}/images/n0{}_{}.JPEG", c + 1, c + 1, k), picture(c, k));
      write(fmt::format("train/n0{}/n0{}_boxes.txt", c + 1, c + 1), "not looked at");
      write(fmt::format("val/images/val_{}.JPEG", c), picture(2 - c, 5));
    }
    write(
        "val/val_annotations.txt",
        "val_0.JPEG\tn03\t0\t0\t5\t5\nval_1.JPEG\tn02\t0\t0\t5\t5\nval_2.JPEG\tn01\t0\t0\t5\t5\n");
  }
  void write(const std::string& name, const std::string& text) const {
    folder.write("tiny-imagenet-200/" + name, text);
  }
  [[nodiscard]] fs::path at(const std::string& name) const {
    return folder.path() / "tiny-imagenet-200" / name;
  }
  [[nodiscard]] std::string refused() const {
    return refusal([&] { card.load(card, folder.path()); });
  }
};

// ImageNet with three classes of 1, 2 and 3 images, and three test images whose classes are
// n03, n01, n02.
struct Large {
  TemporaryFolder folder;
  DatasetCard card = find_dataset("imagenet");
  Large() {
    card.classes = 3;
    card.train_examples = 6;
    card.test_examples = 3;
    for (int64_t c = 0; c < 3; ++c) {
      for (int64_t k = 0; k <= c; ++k)
        write(fmt::format("train/n0{}/n0{}_{}.JPEG", c + 1, c + 1, k), picture(c, k));
    }
  }
  void write(const std::string& name, const std::string& text) const {
    folder.write("imagenet/" + name, text);
  }
  void write_flat() const {
    const int64_t labels[] = {2, 0, 1};
    for (int64_t i = 0; i < 3; ++i)
      write(fmt::format("val/ILSVRC2012_val_{:08}.JPEG", i + 1), picture(labels[i], 5));
  }
  [[nodiscard]] std::string at(const std::string& name) const {
    return (folder.path() / "imagenet" / name).string();
  }
  [[nodiscard]] std::string refused() const {
    return refusal([&] { card.load(card, folder.path()); });
  }
};

BOOST_AUTO_TEST_SUITE(image_folder)

// Three classes of 1, 2 and 4 images. One class after the other, a held-out end would miss classes;
// spread evenly, image k of n stands at (2 k + 1) / 2 n: b0 1/4, a0 1/2, b1 3/4; c at 1/8, 3/8,
// 5/8, 7/8.
BOOST_AUTO_TEST_CASE(classes_are_interleaved) {
  std::vector<LabelledFile> files{{"a0", 0}, {"b0", 1}, {"b1", 1}, {"c0", 2},
                                  {"c1", 2}, {"c2", 2}, {"c3", 2}};
  interleave(files);
  std::string order;
  for (const LabelledFile& file : files) order += file.path + " ";
  BOOST_TEST(order == "c0 b0 c1 a0 c2 b1 c3 ");
}

// Labels follow the sorted classes and not the lines of wnids.txt, and images their labels: red is
// ten times the label, blue tells which it is.
BOOST_AUTO_TEST_CASE(tiny_imagenet_is_read) {
  const Tiny tiny;
  const Dataset data = tiny.card.load(tiny.card, tiny.folder.path());
  BOOST_TEST((labels_of(data.train) == Labels{0, 1, 2, 0, 1, 2}));
  BOOST_TEST((labels_of(data.test) == Labels{0, 1, 2}));
  BOOST_TEST(data.train.pixels.sizes().vec() == std::vector<int64_t>({6, 64, 64, 3}),
             boost::test_tools::per_element());
  for (int64_t i = 0; i < 6; ++i) {
    const torch::Tensor wanted = torch::tensor({10 * (i % 3), int64_t{100}, 20 * (i / 3)});
    const torch::Tensor found = data.train.pixels[i].to(torch::kInt64);
    BOOST_TEST((found - wanted).abs().max().item<int64_t>() <= 2);
  }
  BOOST_TEST(std::abs(data.test.pixels[2][9][9][0].item<int64_t>() - 20) <= 2);
  BOOST_TEST(verify(tiny.card, tiny.folder.path()).empty());
  BOOST_TEST(verified(tiny.card) == "layout, 6 + 3 images of 3 classes, each decoded");

  // Grey ones among them.
  tiny.write("train/n01/images/n01_0.JPEG", jpeg(flat({64, 64}, {77})));
  const Dataset grey = tiny.card.load(tiny.card, tiny.folder.path());
  BOOST_TEST((grey.train.pixels[0].to(torch::kInt64) - 77).abs().max().item<int64_t>() <= 1);
  BOOST_TEST(grey.found[0].sha256 != data.found[0].sha256);  // the size of a file is in it
}

// "PATH SIZE" of all images, training and test, in order of their paths; other files are left out.
BOOST_AUTO_TEST_CASE(the_fingerprint_is_over_paths_and_sizes) {
  const TemporaryFolder folder;
  folder.write("set/b/2", "12345");
  folder.write("set/a/1", "123");
  folder.write("set/c", "1");
  const DatasetFile found = fingerprint(folder.path() / "set", {{"b/2", 1}}, {{"a/1", 0}});
  BOOST_TEST(found.path == "set");
  BOOST_TEST(found.bytes == 8);
  BOOST_TEST(found.sha256 == sha256("a/1 3\nb/2 5\n"));
}

// What is missing, what is too much, each by its name.
BOOST_AUTO_TEST_CASE(a_wrong_tiny_imagenet_is_refused) {
  {
    Tiny tiny;
    fs::remove_all(tiny.at("train/n02"));
    BOOST_TEST(tiny.refused() ==
               tiny.at("train").string() + ": no folder of class n02, which wnids.txt names");
    fs::remove(tiny.at("wnids.txt"));
    BOOST_TEST(tiny.refused() ==
               tiny.at("train").string() + ": 2 folders of classes found, 3 expected");
    fs::remove_all(tiny.at("train"));
    BOOST_TEST(tiny.refused() ==
               tiny.at("train").string() +
                   ": no such folder; give the one that holds the dataset's with --data");
  }
  {
    const Tiny tiny;
    fs::remove(tiny.at("train/n02/images/n02_1.JPEG"));
    BOOST_TEST(tiny.refused() == tiny.at("train").string() +
                                     ": 5 images found, 6 expected; of 3 classes n02 has the "
                                     "fewest, 1");
  }
  {
    const Tiny tiny;
    tiny.write("train/n03/images/.DS_Store", "hidden files are left alone");
    BOOST_TEST(tiny.refused() == "");
    tiny.write("train/n03/images/notes.txt", "");
    BOOST_TEST(tiny.refused() == tiny.at("train/n03/images/notes.txt").string() +
                                     ": only images, *.JPEG, belong here; take it away");
  }
  {
    const Tiny tiny;
    const std::string lines = tiny.at("val/val_annotations.txt").string();
    tiny.write("val/images/val_7.JPEG", picture(0, 0));
    BOOST_TEST(tiny.refused() == lines + ": no line for the image val_7.JPEG");
    fs::remove(tiny.at("val/images/val_7.JPEG"));
    fs::remove(tiny.at("val/images/val_1.JPEG"));
    BOOST_TEST(tiny.refused() ==
               lines + ": names the image val_1.JPEG, which is not in val/images");
    tiny.write("val/val_annotations.txt", "val_0.JPEG\tn09\n");
    BOOST_TEST(tiny.refused() == lines + ": class 'n09' has no folder with training images");
  }
  {
    const Tiny tiny;
    tiny.write("val/images/val_1.JPEG", picture(1, 1, {48, 64}));
    BOOST_TEST(tiny.refused() == tiny.at("val/images/val_1.JPEG").string() +
                                     ": an image of 64x48 found, 64x64 expected");
    tiny.write("train/n01/images/n01_1.JPEG", "no image");
    tiny.write("val/images/val_1.JPEG", picture(1, 1).substr(0, 300));
    const std::vector<std::string> expected{
        tiny.at("train/n01/images/n01_1.JPEG").string() +
            ": begins with 6E 6F 20 69: neither a JPEG nor a PNG",
        tiny.at("val/images/val_1.JPEG").string() +
            ": a JPEG that ends too early, after 300 bytes"};
    BOOST_TEST(verify(tiny.card, tiny.folder.path()) == expected, boost::test_tools::per_element());
  }
}

// Test images in folders of their classes.
BOOST_AUTO_TEST_CASE(imagenet_in_folders_is_read) {
  const Large large;
  for (int64_t c = 0; c < 3; ++c)
    large.write(fmt::format("val/n0{}/ILSVRC2012_val_{:08}.JPEG", c + 1, 3 - c), picture(c, 5));
  const Dataset data = large.card.load(large.card, large.folder.path());
  // n03 at 1/6, n02 at 1/4, n01 and n03 at 1/2, n02 at 3/4, n03 at 5/6.
  BOOST_TEST((labels_of(data.train) == Labels{2, 1, 0, 2, 1, 2}));
  BOOST_TEST((labels_of(data.test) == Labels{0, 1, 2}));
  BOOST_TEST(!data.train.pixels.defined());
  BOOST_TEST((data.train.input() == InputShape{3, 224, 224}));
  BOOST_TEST(data.train.files->paths[3] == "train/n03/n03_1.JPEG");
  BOOST_TEST(verify(large.card, large.folder.path()).empty());

  fs::rename(large.at("val/n02"), large.at("val/n04"));
  BOOST_TEST(large.refused() ==
             large.at("val") + ": no folder of class n02, which " + large.at("train") + " names");
}

// All test images in one folder: n03, n01, n02 by name, or 1, 3, 2 where the kit's order is n03,
// n02, n01. Ids taken as places in the sorted classes would give n01, n03, n02.
BOOST_AUTO_TEST_CASE(imagenet_with_flat_test_images_is_read) {
  const Large large;
  large.write_flat();
  const std::string wanted =
      large.at("val") +
      ": images without folders of classes; expected beside it "
      "imagenet_2012_validation_synset_labels.txt, or ILSVRC2012_validation_ground_truth.txt and "
      "synset_labels.txt";
  BOOST_TEST(large.refused() == wanted);
  large.write("ILSVRC2012_validation_ground_truth.txt", "1\n3\n2\n");
  BOOST_TEST(large.refused() == wanted);

  const auto labels_by_red = [&] {
    const Dataset data = large.card.load(large.card, large.folder.path());
    Loader loader({.images = data.test,
                   .mean = {0, 0, 0},
                   .deviation = {1, 1, 1},
                   .augmentation = {.padding = 0, .flip = false},
                   .shuffle = false},
                  Stream(0, ""), Stream(0, ""));
    const torch::Tensor red = loader.at(0).images.select(1, 0).mean(c10::IntArrayRef{1, 2});
    BOOST_TEST(torch::equal((red * 25.5).round().to(torch::kInt64), data.test.labels));
    return labels_of(data.test);
  };
  large.write("synset_labels.txt", "n03\nn02\nn01\n");
  BOOST_TEST((labels_by_red() == Labels{0, 1, 2}));
  large.write("imagenet_2012_validation_synset_labels.txt", "n03\r\nn01\r\nn02\r\n");
  BOOST_TEST((labels_by_red() == Labels{0, 1, 2}));
  fs::remove(large.at("imagenet_2012_validation_synset_labels.txt"));

  const std::string truth = large.at("ILSVRC2012_validation_ground_truth.txt");
  const std::string synsets = large.at("synset_labels.txt");
  large.write("ILSVRC2012_validation_ground_truth.txt", "1\n4\n2\n");
  BOOST_TEST(large.refused() == truth + ": line 2: '4' found, an id from 1 to 3 expected");
  large.write("ILSVRC2012_validation_ground_truth.txt", "1\n3\n");
  BOOST_TEST(large.refused() == truth + ": 2 lines found, 3 expected");
  large.write("synset_labels.txt", "n03\nn02\nn03\n");
  BOOST_TEST(large.refused() == synsets + ": class n03 twice");
  large.write("synset_labels.txt", "n01\nn02\nn03\n");
  BOOST_TEST(large.refused().starts_with(synsets + ": sorted by class; the ids of "));
  large.write("synset_labels.txt", "n03\nn02\nn07\n");
  BOOST_TEST(large.refused() == synsets + ": class 'n07' has no folder with training images");
  fs::rename(large.at("val/ILSVRC2012_val_00000003.JPEG"),
             large.at("val/ILSVRC2012_val_00000004.JPEG"));
  large.write("synset_labels.txt", "n03\nn02\nn01\n");
  large.write("ILSVRC2012_validation_ground_truth.txt", "1\n3\n2\n");
  BOOST_TEST(large.refused() == large.at("val") +
                                    ": ILSVRC2012_val_00000003.JPEG expected here, "
                                    "ILSVRC2012_val_00000004.JPEG found");
}

// Real images, where TICKETBENCH_SLICES names the folder that holds them:
// tiny-imagenet-10c/tiny-imagenet-200 (10 classes of 500 + 50), imagenette2-224-10x50 (train, val)
// and imagenet-original-100 (val, one image of each of 100 classes).
boost::test_tools::assertion_result slices_are_named(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result named(std::getenv("TICKETBENCH_SLICES") != nullptr);
  named.message() << "TICKETBENCH_SLICES names no folder of real images";
  return named;
}

BOOST_AUTO_TEST_CASE(real_slices, *boost::unit_test::precondition(slices_are_named)) {
  const fs::path slices = std::getenv("TICKETBENCH_SLICES");
  DatasetCard tiny = find_dataset("tiny_imagenet");
  tiny.classes = 10;
  tiny.train_examples = 5000;
  tiny.test_examples = 500;
  BOOST_TEST(verify(tiny, slices / "tiny-imagenet-10c").empty());
  const Dataset data = tiny.load(tiny, slices / "tiny-imagenet-10c");
  BOOST_TEST(torch::equal(data.train.labels.bincount(), torch::full({10}, 500, torch::kInt64)));
  BOOST_TEST(torch::equal(data.test.labels.bincount(), torch::full({10}, 50, torch::kInt64)));

  for (const std::string name : {"imagenette2-224-10x50", "imagenet-original-100"}) {
    BOOST_TEST(broken_images(slices / name).empty());
    std::vector<LabelledFile> files;
    for (const auto& entry : fs::recursive_directory_iterator(slices / name)) {
      if (entry.is_regular_file()) files.push_back({fs::relative(entry, slices / name), 0});
    }
    BOOST_TEST_REQUIRE(files.size() >= 100U);
    const DatasetCard& card = find_dataset("imagenet");
    LoaderOptions options{.images = as_files(slices / name, files, card.input),
                          .mean = card.mean,
                          .deviation = card.deviation,
                          .augmentation = {.padding = 0, .flip = false, .test_resize = 256},
                          .batch_size = 50};
    const auto seen = [&] { return Loader(options, Stream(1, "a"), Stream(1, "b")).at(0).images; };
    // As normalised for ImageNet: near mean 0 and deviation 1, but for the choice of images.
    const torch::Tensor centre = seen();
    options.augmentation = {.flip = true, .crop = Crop::random_resized};
    const torch::Tensor random = seen();
    for (const torch::Tensor& images : {centre, random}) {
      BOOST_TEST(images.mean().abs().item<float>() < 0.3);
      BOOST_TEST(std::abs(images.std().item<float>() - 1) < 0.3);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
