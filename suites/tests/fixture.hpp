// What the tests of the harness share: a folder of their own, a data set that a few steps learn,
// a recipe of a few iterations.
#pragma once

#include "suites/harness/harness_lab.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

namespace ticketbench {

/// A folder below the system's temporary one, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Writes a file below it, folders included, and gives its path.
  std::filesystem::path write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

/// "toy", a registered set: 96 + 100 images of 8x8 in four classes that their colour tells apart.
/// Label of image i: i % 4.
const DatasetCard& toy_card();

/// resnet8 for the toy set.
Architecture toy_architecture();

/// Phases `train` of 12 and `finetune` of 6 iterations in batches of 16, 6 to an epoch; no
/// augmentation.
Recipe toy_recipe();

/// A Lab on the toy set, its journal and tickets below `folder`.
LabOptions toy_options(const std::filesystem::path& folder, const Recipe& recipe = toy_recipe());

/// A Lab in a folder of its own. `end_of_iteration` is called when an iteration is all over; true
/// interrupts.
struct ToyLab {
  explicit ToyLab(const Recipe& recipe = toy_recipe());
  TemporaryFolder folder;
  std::function<bool()> end_of_iteration;
  HarnessLab lab;
};

/// Half of each layer's weights (or another part), drawn at random.
MaskSet random_mask(const Net& net, double density = 0.5);

/// True where names (in any order), types and every number are equal.
bool same(const NamedTensors& a, const NamedTensors& b);

/// The weights of `net` where `mask` says pruned, all layers in one flat tensor.
torch::Tensor pruned_of(const NamedTensors& tensors, const MaskSet& mask);

/// The message of the exception that `call` throws; "" where it throws none.
template <class Exception = std::invalid_argument>
std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Exception& error) {
    return error.what();
  }
  return "";
}

}  // namespace ticketbench
