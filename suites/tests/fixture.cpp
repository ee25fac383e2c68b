#include "suites/tests/fixture.hpp"

#include "core/files.hpp"
#include "core/score.hpp"
#include "core/select.hpp"

#include <ATen/Parallel.h>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdlib.h>

namespace ticketbench {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSide = 8;
constexpr std::array<std::array<int64_t, 3>, 4> kColours{
    {{200, 60, 60}, {60, 200, 60}, {60, 60, 200}, {190, 190, 60}}};

Images make_toy(std::string_view split, int64_t count) {
  Images images{torch::empty({count, kSide, kSide, 3}, torch::kUInt8),
                torch::empty({count}, torch::kInt64)};
  auto* pixel = images.pixels.mutable_data_ptr<uint8_t>();
  auto* label = images.labels.mutable_data_ptr<int64_t>();
  const Stream stream(0, split);
  for (int64_t i = 0; i < count; ++i) {
    Rng rng = stream.at(0, static_cast<uint64_t>(i));
    *label++ = i % 4;
    for (int64_t p = 0; p < kSide * kSide; ++p) {
      for (const int64_t colour : kColours[static_cast<size_t>(i % 4)])
        *pixel++ = static_cast<uint8_t>(std::clamp<int64_t>(colour + rng.below(81) - 40, 0, 255));
    }
  }
  return images;
}

const DatasetCard kToy{.name = "toy",
                       .title = "four colours",
                       .classes = 4,
                       .input = {3, kSide, kSide},
                       .train_examples = 96,
                       .test_examples = 100,
                       .mean = {0.5, 0.5, 0.5},
                       .deviation = {0.25, 0.25, 0.25},
                       .load = [](const DatasetCard& card, const fs::path&) {
                         return Dataset{make_toy("toy/train", card.train_examples),
                                        make_toy("toy/test", card.test_examples)};
                       }};

TICKETBENCH_REGISTER_DATASET(toy, kToy);

// One thread: the nets are too small for more, and sums have one order.
struct OneThread {
  OneThread() { at::set_num_threads(1); }
};
BOOST_TEST_GLOBAL_FIXTURE(OneThread);

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "ticketbench-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder: " + name);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path TemporaryFolder::write(const std::string& name, const std::string& text) const {
  const fs::path path = path_ / name;
  fs::create_directories(path.parent_path());
  write_atomically(path, text);
  return path;
}

const DatasetCard& toy_card() {
  return kToy;
}

Architecture toy_architecture() {
  return make_architecture("resnet8", {.input = kToy.input, .classes = kToy.classes});
}

Recipe toy_recipe() {
  Recipe recipe{.name = "toy", .augmentation = {.padding = 0, .flip = false}};
  Phase& train = recipe.phases["train"];
  train.length = {12, Duration::Unit::iterations};
  train.batch_size = 16;
  train.schedule.kind = RateKind::constant;
  recipe.phases["finetune"] = train;
  recipe.phases["finetune"].length = {6, Duration::Unit::iterations};
  return recipe;
}

LabOptions toy_options(const fs::path& folder, const Recipe& recipe) {
  static const auto images = std::make_shared<const Dataset>(kToy.load(kToy, {}));
  return {.identity = "toy-run",
          .folder = folder,
          .architecture = toy_architecture(),
          .recipe = recipe,
          .dataset_card = &kToy,
          .dataset = images};
}

ToyLab::ToyLab(const Recipe& recipe)
    : lab([&] {
        LabOptions options = toy_options(folder.path(), recipe);
        options.interrupted = [this] { return end_of_iteration && end_of_iteration(); };
        return options;
      }()) {}

MaskSet random_mask(const Net& net, double density) {
  return keep_top(random_scores(net, Stream(7, "mask").at(0)), density, Scope::per_layer,
                  MaskSet::ones(net));
}

bool same(const NamedTensors& a, const NamedTensors& b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.begin(), a.end(), [&](const NamedTensors::Item& item) {
    if (!b.contains(item.first)) return false;
    const torch::Tensor& other = b.at(item.first);
    return item.second.scalar_type() == other.scalar_type() && torch::equal(item.second, other);
  });
}

torch::Tensor pruned_of(const NamedTensors& tensors, const MaskSet& mask) {
  std::vector<torch::Tensor> parts;
  for (const auto& [name, m] : mask)
    parts.push_back(tensors.at(name).detach().masked_select(m.logical_not()));
  return torch::cat(parts);
}

}  // namespace ticketbench
