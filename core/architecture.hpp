// A network as plain data. One description serves the module, parameter and MAC counts, layer
// shapes, ERK, slimming and the mapping of blocks between depths.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ticketbench {

/// Size of one input image.
struct InputShape {
  int64_t channels = 3;
  int64_t height = 32;
  int64_t width = 32;
  bool operator==(const InputShape&) const = default;
};

/// A square 2-D convolution. Weight: [out, in / groups, kernel, kernel], parameter `<name>.weight`.
struct Conv {
  std::string name;
  int64_t in = 0;
  int64_t out = 0;
  int64_t kernel = 3;
  int64_t stride = 1;
  int64_t padding = 1;
  int64_t groups = 1;
  bool bias = false;
};

/// A convolution, the batch norm after it (no name: none), and whether a ReLU follows.
struct ConvUnit {
  Conv conv;
  std::string norm;
  bool relu = true;
};

/// What a residual block adds to its body's output before the last ReLU.
enum class Shortcut {
  none,      ///< nothing: a plain chain
  identity,  ///< its input
  pad,  ///< its input subsampled by the stride, zero channels on both sides (He et al., option A)
  projection,  ///< a 1x1 convolution and a norm (option B)
};

struct Block {
  std::string name;
  std::vector<ConvUnit> body;
  Shortcut shortcut = Shortcut::none;
  std::optional<ConvUnit> projection;  ///< set exactly for Shortcut::projection
};

struct Stage {
  std::vector<Block> blocks;
  bool pool = false;  ///< a 2x2 max pool of stride 2 after them
};

/// A fully connected layer. Weight: [out, in].
struct Linear {
  std::string name;
  int64_t in = 0;
  int64_t out = 0;
  bool bias = true;
  bool relu = false;
};

/// Stem, stages, average pooling, classifier. Without stages the images go to the classifier as
/// they are.
struct Architecture {
  std::string model;  ///< registered name
  InputShape input;
  ConvUnit stem;
  bool stem_pool = false;  ///< a 3x3 max pool of stride 2 after the stem
  std::vector<Stage> stages;
  int64_t features = 1;  ///< edge of the feature map that is left by average pooling
  std::vector<Linear> classifier;
  [[nodiscard]] int64_t classes() const { return classifier.back().out; }
};

/// Every convolution with its norm, in order of the forward pass (a projection after its block's
/// body). The pointers live as long as `architecture`.
std::vector<const ConvUnit*> units(const Architecture& architecture);
std::vector<ConvUnit*> units(Architecture& architecture);

/// Where a weight stands in its network.
enum class Role { stem, body, shortcut, classifier };

/// One weight tensor of a convolution or a linear layer.
struct LayerShape {
  std::string weight;  ///< parameter name
  Role role = Role::body;
  std::vector<int64_t> shape;    ///< [out, in / groups, kh, kw] or [out, in]
  int64_t output_positions = 1;  ///< output height x width
  int64_t input_height = 1;
  int64_t input_width = 1;
  int64_t stride = 1;
  int64_t padding = 0;
  int64_t groups = 1;
  [[nodiscard]] int64_t numel() const;
  /// Multiply-adds for one image: every weight is used once at each output position.
  [[nodiscard]] int64_t macs() const { return numel() * output_positions; }
};

/// All convolutions and linear layers, in order of the forward pass (a projection after its block's
/// body).
std::vector<LayerShape> layers(const Architecture& architecture);

/// A named parameter or buffer with its shape, in torchvision's order and by its names.
struct TensorShape {
  std::string name;
  std::vector<int64_t> shape;
};
std::vector<TensorShape> parameter_shapes(const Architecture& architecture);

/// All trainable numbers: weights, biases, norm scales and shifts.
int64_t parameter_count(const Architecture& architecture);

/// Multiply-adds of convolutions and linear layers for one image; norms, ReLUs and additions aren't
/// counted.
int64_t mac_count(const Architecture& architecture);

/// Which weights may be pruned: all convolutions and hidden layers, and these by choice. Part of
/// the recipe; travels with the net.
struct PrunableRule {
  bool stem = true;
  bool shortcuts = true;
  bool classifier = false;
  template <class F>
  void fields(F& f) {
    f("stem", stem, "the first convolution may be pruned");
    f("shortcuts", shortcuts, "1x1 projection shortcuts may be pruned");
    f("classifier", classifier, "the last layer's weights may be pruned");
  }
};

/// Parameter names that `rule` allows to be pruned, in order of the forward pass.
std::vector<std::string> prunable_names(const Architecture& architecture, const PrunableRule& rule);

void to_json(nlohmann::json& json, const Architecture& architecture);
void from_json(const nlohmann::json& json, Architecture& architecture);

}  // namespace ticketbench
