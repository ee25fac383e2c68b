#include "core/architecture.hpp"

#include <functional>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace ticketbench {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(InputShape, channels, height, width)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Conv, name, in, out, kernel, stride, padding, groups, bias)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ConvUnit, conv, norm, relu)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Linear, name, in, out, bias, relu)
NLOHMANN_JSON_SERIALIZE_ENUM(Shortcut, {{Shortcut::none, "none"},
                                        {Shortcut::identity, "identity"},
                                        {Shortcut::pad, "pad"},
                                        {Shortcut::projection, "projection"}})

namespace {

// What a file says is checked before anything divides by it.
void check(const Conv& c) {
  if (c.in < 1 || c.out < 1 || c.kernel < 1 || c.stride < 1 || c.padding < 0 || c.groups < 1 ||
      c.in % c.groups != 0 || c.out % c.groups != 0) {
    throw std::invalid_argument("the architecture has an impossible convolution '" + c.name + "'");
  }
}

}  // namespace

// By hand only because nlohmann/json has no std::optional.
void to_json(nlohmann::json& json, const Block& block) {
  json = {{"name", block.name}, {"body", block.body}, {"shortcut", block.shortcut}};
  if (block.projection) json["projection"] = *block.projection;
}

void from_json(const nlohmann::json& json, Block& block) {
  json.at("name").get_to(block.name);
  json.at("body").get_to(block.body);
  json.at("shortcut").get_to(block.shortcut);
  if (json.contains("projection")) block.projection = json.at("projection").get<ConvUnit>();
  // The library reads a word it doesn't know as the first one.
  if (nlohmann::json(block.shortcut) != json.at("shortcut") || block.body.empty() ||
      block.projection.has_value() != (block.shortcut == Shortcut::projection)) {
    throw std::invalid_argument("the architecture has an impossible block '" + block.name + "'");
  }
  for (const ConvUnit& unit : block.body) check(unit.conv);
  if (block.projection) check(block.projection->conv);
}

// What is as in most networks isn't written: their descriptions, and so the hashes of runs, stay.
void to_json(nlohmann::json& json, const Stage& stage) {
  json = {{"blocks", stage.blocks}};
  if (stage.pool) json["pool"] = true;
}

void from_json(const nlohmann::json& json, Stage& stage) {
  json.at("blocks").get_to(stage.blocks);
  stage.pool = json.value("pool", false);
}

void to_json(nlohmann::json& json, const Architecture& a) {
  json = {{"model", a.model},         {"input", a.input},   {"stem", a.stem},
          {"stem_pool", a.stem_pool}, {"stages", a.stages}, {"classifier", a.classifier}};
  if (a.features != 1) json["features"] = a.features;
}

void from_json(const nlohmann::json& json, Architecture& a) {
  json.at("model").get_to(a.model);
  json.at("input").get_to(a.input);
  json.at("stem").get_to(a.stem);
  json.at("stem_pool").get_to(a.stem_pool);
  json.at("stages").get_to(a.stages);
  json.at("classifier").get_to(a.classifier);
  a.features = json.value("features", int64_t{1});
  if (a.features < 1) throw std::invalid_argument("the architecture has an impossible feature map");
  if (a.classifier.empty()) throw std::invalid_argument("architecture without a classifier");
  if (!a.stem.conv.name.empty()) check(a.stem.conv);
  for (const Linear& l : a.classifier) {
    if (l.in < 1 || l.out < 1)
      throw std::invalid_argument("the architecture has an impossible linear layer '" + l.name +
                                  "'");
  }
}

namespace {

struct Extent {
  int64_t height;
  int64_t width;
};

Extent after(const Extent& in, int64_t kernel, int64_t stride, int64_t padding) {
  return {(in.height + 2 * padding - kernel) / stride + 1,
          (in.width + 2 * padding - kernel) / stride + 1};
}

using UnitVisitor =
    std::function<void(const ConvUnit& unit, Role role, const Extent& in, const Extent& out)>;

/// Visits every unit in torchvision's order with its role and the extents of its input and output.
void for_each_unit(const Architecture& a, const UnitVisitor& visit) {
  Extent extent{a.input.height, a.input.width};
  const auto through = [&](const ConvUnit& unit, Role role, const Extent& in) {
    const Extent out = after(in, unit.conv.kernel, unit.conv.stride, unit.conv.padding);
    visit(unit, role, in, out);
    return out;
  };
  if (!a.stem.conv.name.empty()) extent = through(a.stem, Role::stem, extent);
  if (a.stem_pool) extent = after(extent, 3, 2, 1);
  for (const Stage& stage : a.stages) {
    for (const Block& block : stage.blocks) {
      const Extent in = extent;
      for (const ConvUnit& unit : block.body) extent = through(unit, Role::body, extent);
      if (block.projection) through(*block.projection, Role::shortcut, in);
    }
    if (stage.pool) extent = after(extent, 2, 2, 0);
  }
}

}  // namespace

std::vector<const ConvUnit*> units(const Architecture& a) {
  std::vector<const ConvUnit*> result;
  for_each_unit(a, [&](const ConvUnit& unit, Role, const Extent&, const Extent&) {
    result.push_back(&unit);
  });
  return result;
}

std::vector<ConvUnit*> units(Architecture& a) {
  std::vector<ConvUnit*> result;
  for (const ConvUnit* unit : units(std::as_const(a)))
    result.push_back(const_cast<ConvUnit*>(unit));  // of an architecture that isn't const
  return result;
}

int64_t LayerShape::numel() const {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

std::vector<LayerShape> layers(const Architecture& a) {
  std::vector<LayerShape> result;
  for_each_unit(a, [&](const ConvUnit& unit, Role role, const Extent& in, const Extent& out) {
    const Conv& c = unit.conv;
    result.push_back({.weight = c.name + ".weight",
                      .role = role,
                      .shape = {c.out, c.in / c.groups, c.kernel, c.kernel},
                      .output_positions = out.height * out.width,
                      .input_height = in.height,
                      .input_width = in.width,
                      .stride = c.stride,
                      .padding = c.padding,
                      .groups = c.groups});
  });
  for (const Linear& l : a.classifier) {
    const Role role = &l == &a.classifier.back() ? Role::classifier : Role::body;
    result.push_back({.weight = l.name + ".weight", .role = role, .shape = {l.out, l.in}});
  }
  return result;
}

std::vector<TensorShape> parameter_shapes(const Architecture& a) {
  std::vector<TensorShape> result;
  for_each_unit(a, [&](const ConvUnit& unit, Role, const Extent&, const Extent&) {
    const Conv& c = unit.conv;
    result.push_back({c.name + ".weight", {c.out, c.in / c.groups, c.kernel, c.kernel}});
    if (c.bias) result.push_back({c.name + ".bias", {c.out}});
    if (!unit.norm.empty()) {
      result.push_back({unit.norm + ".weight", {c.out}});
      result.push_back({unit.norm + ".bias", {c.out}});
    }
  });
  for (const Linear& l : a.classifier) {
    result.push_back({l.name + ".weight", {l.out, l.in}});
    if (l.bias) result.push_back({l.name + ".bias", {l.out}});
  }
  return result;
}

int64_t parameter_count(const Architecture& architecture) {
  int64_t count = 0;
  for (const TensorShape& p : parameter_shapes(architecture)) {
    count += std::accumulate(p.shape.begin(), p.shape.end(), int64_t{1}, std::multiplies<>());
  }
  return count;
}

int64_t mac_count(const Architecture& architecture) {
  int64_t count = 0;
  for (const LayerShape& layer : layers(architecture)) count += layer.macs();
  return count;
}

std::vector<std::string> prunable_names(const Architecture& architecture,
                                        const PrunableRule& rule) {
  std::vector<std::string> names;
  for (const LayerShape& layer : layers(architecture)) {
    const bool allowed = layer.role == Role::body || (layer.role == Role::stem && rule.stem) ||
                         (layer.role == Role::shortcut && rule.shortcuts) ||
                         (layer.role == Role::classifier && rule.classifier);
    if (allowed) names.push_back(layer.weight);
  }
  return names;
}

}  // namespace ticketbench
