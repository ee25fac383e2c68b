// Images that stay files, from the loader to a record.

#include "core/files.hpp"
#include "suites/harness/image_folder.hpp"
#include "suites/harness/loader.hpp"
#include "suites/runner.hpp"
#include "suites/tests/fixture.hpp"
#include "suites/tests/image_files.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <set>

namespace ticketbench {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::array<Colour, 4> kColours{
    {{200, 60, 60}, {60, 200, 60}, {60, 60, 200}, {190, 190, 60}}};

// Four colours in ImageNet's folders: 12 + 4 images of each, 40 to 60 pixels high and wide, told
// apart by a shade of their own.
const DatasetCard kToyFolder{.name = "toy_folder",
                             .title = "four colours as files",
                             .classes = 4,
                             .input = {3, 32, 32},
                             .train_examples = 48,
                             .test_examples = 16,
                             .mean = {0.5, 0.5, 0.5},
                             .deviation = {0.25, 0.25, 0.25},
                             .folder = "toy-folder",
                             .load = [](const DatasetCard& card, const fs::path& data) {
                               return find_dataset("imagenet").load(card, data);
                             }};
TICKETBENCH_REGISTER_DATASET(toy_folder, kToyFolder);

void write_toy(const TemporaryFolder& folder) {
  const auto put = [&](const std::string& split, int64_t count, uint8_t shade) {
    for (size_t c = 0; c < 4; ++c) {
      for (int64_t k = 0; k < count; ++k) {
        std::vector<uint8_t> colour(kColours[c].begin(), kColours[c].end());
        for (uint8_t& value : colour) value = static_cast<uint8_t>(value + shade + 2 * k);
        folder.write(fmt::format("toy-folder/{}/n{}/{:02}.JPEG", split, c, k),
                     jpeg(flat({40 + k, 60 - k}, colour)));
      }
    }
  };
  put("train", 12, 0);
  put("val", 4, 5);
}

// (value / 255 - 0.5) / 0.25: zero is grey, so black and an untouched zero differ.
LoaderOptions options_of(const Images& images, const Augmentation& augmentation) {
  return {.images = images,
          .mean = {0.5, 0.5, 0.5},
          .deviation = {0.25, 0.25, 0.25},
          .augmentation = augmentation,
          .batch_size = 5,
          .last_batch = LastBatch::keep};
}

Loader loader_of(const LoaderOptions& options) {
  return {options, Stream(1, "order"), Stream(1, "augment")};
}

bool equal(const Batch& a, const Batch& b) {
  return torch::equal(a.images, b.images) && torch::equal(a.labels, b.labels);
}

// Bytes [H, W, C] of one image of a batch.
torch::Tensor bytes_of(const torch::Tensor& image) {
  return ((image * 0.25 + 0.5) * 255).round().to(torch::kInt64).permute({1, 2, 0});
}

// 12 files with labels 0 to 11, of the given contents in turn.
Images put(const TemporaryFolder& folder, const std::vector<std::string>& contents,
           const InputShape& input) {
  std::vector<LabelledFile> files;
  for (size_t i = 0; i < 12; ++i) {
    files.push_back({fmt::format("{}.JPEG", i), static_cast<int64_t>(i)});
    folder.write(files.back().path, contents[i % contents.size()]);
  }
  return as_files(folder.path(), files, input);
}

const Augmentation kNone{.padding = 0, .flip = false};
const Augmentation kRandom{.padding = 0, .flip = true, .crop = Crop::random_resized};

BOOST_AUTO_TEST_SUITE(encoded)

// Without loss, and at the size of the input, files are the images in memory: each kind of view and
// augmentation must then give the same batches, bit by bit, and the labels that belong to them.
BOOST_AUTO_TEST_CASE(files_and_memory_are_one) {
  const TemporaryFolder folder;
  std::vector<std::string> contents;
  std::vector<torch::Tensor> pixels;
  for (int64_t i = 0; i < 12; ++i) {
    Picture picture = waves({10, 14});
    for (uint8_t& value : picture.pixels) value = static_cast<uint8_t>(value + 9 * i);
    contents.push_back(png(picture));
    pixels.push_back(torch::tensor(picture.pixels, torch::kUInt8).view({10, 14, 3}));
  }
  const Images files = put(folder, contents, {3, 10, 14});
  const Images memory{torch::stack(pixels), torch::arange(12)};
  const std::vector<Augmentation> ways{kNone,
                                       {.padding = 2, .flip = true},
                                       kRandom,
                                       {.padding = 0, .flip = true, .test_resize = 16}};
  for (const Augmentation& how : ways) {
    Loader from_files = loader_of(options_of(files, how));
    Loader from_memory = loader_of(options_of(memory, how));
    for (int64_t i = 0; i < 6; ++i) BOOST_TEST(equal(from_files.at(i), from_memory.at(i)));
  }
  // Parts of both are still the same images.
  const torch::Tensor chosen = torch::tensor({7, 2, 2, 9}, torch::kInt64);
  for (const auto& [a, b] :
       {std::pair(files.slice(3, 8), memory.slice(3, 8)),
        std::pair(files.select(chosen), memory.select(chosen)),
        std::pair(files.slice(2, 11).select(torch::arange(1, 9, 3)).slice(1, 3),
                  memory.slice(2, 11).select(torch::arange(1, 9, 3)).slice(1, 3))}) {
    BOOST_TEST(a.size() == b.size());
    BOOST_TEST(equal(loader_of(options_of(a, kNone)).at(0), loader_of(options_of(b, kNone)).at(0)));
  }
}

// JPEGs of several sizes, cut at random: with more threads than images in a batch, with fewer, or
// asked for in another order, a batch holds the same floats.
BOOST_AUTO_TEST_CASE(threads_and_order_change_nothing) {
  const TemporaryFolder folder;
  const Images images =
      put(folder, {jpeg(waves({90, 120})), jpeg(waves({33, 40}, 1)), jpeg(waves({200, 60}))},
          {3, 32, 32});
  LoaderOptions options = options_of(images, kRandom);
  std::vector<Batch> batches;
  for (const int64_t workers : {1, 2, 5, 9}) {
    options.workers = workers;
    Loader loader = loader_of(options);
    for (const int64_t i : {4, 0, 2, 1, 5, 3}) {
      Batch batch = loader.at(i);
      if (workers == 1) {
        batches.resize(6);
        batches[static_cast<size_t>(i)] = batch;
      } else {
        BOOST_TEST(equal(batch, batches[static_cast<size_t>(i)]));
      }
    }
  }
  Prefetcher prefetcher(loader_of(options), 1, 6);
  for (size_t i = 1; i < 6; ++i) BOOST_TEST(equal(prefetcher.next(), batches[i]));
}

// Four quarters of an image of 80x96 whose centre square is seen at 32x32: each colour stays in its
// corner, or changes sides where the image is flipped. Rows and columns exchanged would swap green
// and blue.
BOOST_AUTO_TEST_CASE(corners_stay_in_their_places) {
  const TemporaryFolder folder;
  const Images images = put(folder, {jpeg(quadrants({80, 96}, kColours))}, {3, 32, 32});
  const auto seen = [&](const torch::Tensor& bytes) {
    std::vector<size_t> corners;
    for (const auto& [y, x] : {std::pair(4, 4), {4, 27}, {27, 4}, {27, 27}}) {
      for (size_t c = 0; c < 4; ++c) {
        const torch::Tensor wanted =
            torch::tensor({kColours[c][0], kColours[c][1], kColours[c][2]}, torch::kInt64);
        if ((bytes[y][x] - wanted).abs().max().item<int64_t>() <= 3) corners.push_back(c);
      }
    }
    return corners;
  };
  using Corners = std::vector<size_t>;
  BOOST_TEST((seen(bytes_of(loader_of(options_of(images, kNone)).at(0).images[0])) ==
              Corners{0, 1, 2, 3}));
  Loader flipping = loader_of(options_of(images, {.padding = 0, .flip = true}));
  std::set<Corners> all;
  for (int64_t b = 0; b < 4; ++b) {
    const Batch batch = flipping.at(b);
    for (int64_t i = 0; i < batch.labels.size(0); ++i) all.insert(seen(bytes_of(batch.images[i])));
  }
  BOOST_TEST((all == std::set<Corners>{{0, 1, 2, 3}, {1, 0, 3, 2}}));
}

// A green square of 64 in a red frame of 8. Scaled to 40 and cut to 32 the frame is gone; scaled to
// 32 it is three pixels wide. In training the padded crop begins with the same view.
BOOST_AUTO_TEST_CASE(tests_see_a_centre_crop) {
  const TemporaryFolder folder;
  Picture framed = flat({80, 80}, {255, 0, 0});
  for (int64_t y = 8; y < 72; ++y) {
    for (int64_t x = 8; x < 72; ++x)
      std::copy_n(flat({1, 1}, {0, 255, 0}).pixels.data(), 3,
                  framed.pixels.data() + (y * 80 + x) * 3);
  }
  const Images images = put(folder, {png(framed)}, {3, 32, 32});
  const auto green = [&](int64_t resize) {
    const Augmentation how{.padding = 0, .flip = false, .test_resize = resize};
    const torch::Tensor bytes = bytes_of(loader_of(options_of(images, how)).at(0).images[0]);
    return (bytes.select(2, 1) == 255).sum().item<int64_t>();
  };
  BOOST_TEST(green(40) == 32 * 32);
  BOOST_TEST(green(32) < 27 * 27);
  BOOST_TEST(green(32) >= 24 * 24);
  BOOST_TEST(green(0) == green(32));
  BOOST_TEST(refusal([&] { green(31); }) ==
             "test_resize 31 found; 0, or at least the input's 32 expected");
}

// Parts of random size in memory: half of a picture of two colours shows only one of them from time
// to time, and with the least area 1 and the aspect 1 nothing is cut.
BOOST_AUTO_TEST_CASE(images_in_memory_are_cut_at_random_too) {
  torch::Tensor halves = torch::zeros({1, 16, 16, 3}, torch::kUInt8);
  halves.slice(2, 8, 16).fill_(255);
  const Images images{halves.expand({12, 16, 16, 3}).contiguous(), torch::arange(12)};
  std::set<int64_t> whites;
  Loader loader = loader_of(options_of(images, {.flip = false, .crop = Crop::random_resized}));
  for (int64_t b = 0; b < 12; ++b) {
    const Batch batch = loader.at(b);
    for (int64_t i = 0; i < batch.labels.size(0); ++i)
      whites.insert((bytes_of(batch.images[i]) == 255).sum().item<int64_t>());
  }
  BOOST_TEST(whites.contains(0));
  BOOST_TEST(whites.contains(16 * 16 * 3));
  BOOST_TEST(whites.size() > 5U);
  const Augmentation all{
      .flip = false, .crop = Crop::random_resized, .min_area = 1, .max_aspect = 1};
  const Batch batch = loader_of(options_of(images, all)).at(0);
  BOOST_TEST(torch::equal(bytes_of(batch.images[0]), halves[0].to(torch::kInt64)));
}

// Two of a batch are broken: whichever thread is quicker, the first of the batch is named.
BOOST_AUTO_TEST_CASE(a_broken_file_is_named) {
  const TemporaryFolder folder;
  const Images images = put(folder, {jpeg(waves({64, 64}))}, {3, 32, 32});
  LoaderOptions options = options_of(images, kNone);
  options.shuffle = false;
  options.workers = 4;
  for (const int i : {6, 8}) folder.write(fmt::format("{}.JPEG", i), "GIF89a");
  Prefetcher prefetcher(loader_of(options), 0, 3);
  BOOST_TEST(prefetcher.next().labels.numel() == 5);
  BOOST_TEST(refusal([&] { prefetcher.next(); }) ==
             (folder.path() / "6.JPEG").string() +
                 ": begins with 47 49 46 38: neither a JPEG nor a PNG");
  fs::remove(folder.path() / "6.JPEG");
  BOOST_TEST(refusal<std::runtime_error>([&] { loader_of(options).at(1); }).find("6.JPEG") !=
             std::string::npos);
}

// Fields that came later: recipes without them keep their hashes.
BOOST_AUTO_TEST_CASE(neutral_fields_are_not_written) {
  Augmentation how;
  const auto written = [&] { return write_fields([&](Fields& f) { how.fields(f); }); };
  BOOST_TEST(written() == json({{"padding", 4}, {"flip", true}}));
  how.crop = Crop::random_resized;
  how.test_resize = 256;
  BOOST_TEST(
      written() ==
      json({{"padding", 4}, {"flip", true}, {"crop", "random_resized"}, {"test_resize", 256}}));
}

// The whole Lab on files, with ImageNet's stem: colours are learned in a few steps, held-out images
// are evaluated, scoring batches are balanced and not cut at random.
BOOST_AUTO_TEST_CASE(a_lab_trains_on_files) {
  const TemporaryFolder folder;
  write_toy(folder);
  Recipe recipe = toy_recipe();
  recipe.stem = Stem::imagenet;
  recipe.augmentation = {.flip = true, .crop = Crop::random_resized, .test_resize = 36};
  recipe.validation_examples = 8;
  recipe.phases["train"].length = {40, Duration::Unit::iterations};
  recipe.phases["train"].batch_size = 10;
  const auto dataset = std::make_shared<const Dataset>(kToyFolder.load(kToyFolder, folder.path()));
  HarnessLab lab({.identity = "toy-files",
                  .folder = folder.path() / "run",
                  .architecture = make_architecture(
                      "resnet8", {.input = kToyFolder.input, .classes = 4, .stem = recipe.stem}),
                  .recipe = recipe,
                  .dataset_card = &kToyFolder,
                  .dataset = dataset});
  const auto scoring = lab.batches(1, {.class_balanced = true, .batch_size = 8});
  BOOST_TEST(torch::equal(scoring[0].labels, torch::arange(8) % 4));
  BOOST_TEST(scoring[0].images.std(c10::IntArrayRef{2, 3}).max().item<float>() < 0.05);

  const NetPtr net = lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  lab.train(*net, mask, {}, {});
  BOOST_TEST(lab.evaluate(*net, Split::train).examples == 40);
  BOOST_TEST(lab.evaluate(*net, Split::validation).top1_correct == 8);
  lab.record(*net, mask, 0, {});
  const json test = lab.results().at("points")[0].at("test");
  BOOST_TEST(test.at("examples") == 16);
  BOOST_TEST(test.at("top1_correct") == 16);
}

// From a suite to a record, which names what was found in the folder; without a folder the run is
// skipped and said to need one.
BOOST_AUTO_TEST_CASE(a_folder_is_in_the_record) {
  const TemporaryFolder folder;
  write_toy(folder);
  json recipe = {
      {"augmentation", {{"flip", true}, {"crop", "random_resized"}, {"test_resize", 34}}},
      {"phases", {{"train", {{"length", "12it"}, {"batch_size", 12}}}}}};
  const auto plan_of = [&] {
    folder.write("recipes/files.json", recipe.dump());
    const json suite{
        {"title", "Files"},
        {"harness", {{"dataset", "toy_folder"}, {"model", "resnet8"}, {"recipe", "files"}}},
        {"seeds", {1}},
        {"runs", {{{"name", "dense"}, {"method", "dense"}}}}};
    return make_plan({folder.write("suite.json", suite.dump()).string()}, {});
  };
  const Plan plan = plan_of();
  BOOST_TEST(plan.runs[0].command.ends_with(" --data DIR"));
  RunOptions options{.results = folder.path() / "results",
                     .threads = 1,
                     .revision = "none",
                     .version = "test",
                     .compiler = "test"};
  BOOST_TEST((run_plan(plan, options, {}) == std::vector{Outcome::skipped}));
  options.data = folder.path();
  BOOST_TEST((run_plan(plan, options, {}) == std::vector{Outcome::done}));

  const fs::path file = run_folder(options.results, plan.runs[0].hash) / "record.json";
  const json data = json::parse(read_file(file)).at("data");
  int64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path() / "toy-folder")) {
    if (entry.is_regular_file()) bytes += static_cast<int64_t>(entry.file_size());
  }
  BOOST_TEST_REQUIRE(data.at("files").size() == 1U);
  BOOST_TEST(data.at("files")[0].at("name") == "toy-folder");
  BOOST_TEST(data.at("files")[0].at("bytes") == bytes);
  BOOST_TEST(data.at("augmentation").at("crop") == "random_resized");

  recipe["augmentation"]["test_resize"] = 30;
  BOOST_TEST(
      refusal(plan_of).ends_with("test_resize 30 found; 0, or at least the input's 32 expected"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
