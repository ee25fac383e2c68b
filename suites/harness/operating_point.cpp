#include "suites/harness/operating_point.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ticketbench {

nlohmann::json macs_json(double macs) {
  return macs < 0x1p53 ? nlohmann::json(static_cast<int64_t>(macs)) : nlohmann::json(macs);
}

int64_t kept_macs(const Architecture& architecture, const MaskSet& mask) {
  int64_t macs = 0;
  for (const LayerShape& layer : layers(architecture)) {
    const int64_t kept =
        mask.contains(layer.weight) ? mask.at(layer.weight).sum().item<int64_t>() : layer.numel();
    macs += kept * layer.output_positions;
  }
  return macs;
}

nlohmann::json describe_point(const Architecture& architecture, const MaskSet& mask,
                              const Architecture& model, const PrunableRule& rule) {
  using nlohmann::json;
  json rows = json::array();
  int64_t weights = 0;
  int64_t prunable = 0;
  int64_t kept_prunable = 0;
  bool collapsed = false;
  for (const LayerShape& layer : layers(architecture)) {
    weights += layer.numel();
    if (!mask.contains(layer.weight)) continue;
    const torch::Tensor& m = mask.at(layer.weight);
    const auto kept = m.sum().item<int64_t>();
    const auto dead = m.flatten(1).any(1).logical_not().sum().item<int64_t>();
    prunable += layer.numel();
    kept_prunable += kept;
    collapsed = collapsed || kept == 0;
    rows.push_back({{"name", layer.weight},
                    {"shape", layer.shape},
                    {"total", layer.numel()},
                    {"kept", kept},
                    {"macs", layer.macs()},
                    {"kept_macs", kept * layer.output_positions},
                    {"dead_filters", dead}});
  }
  const int64_t all = parameter_count(architecture);
  const int64_t pruned = prunable - kept_prunable;
  const auto ratio = [](int64_t part, int64_t whole) {
    return whole == 0 ? 1.0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  json point = {
      {"counts",
       {{"total_params", all},
        {"prunable_params", prunable},
        {"kept_prunable", kept_prunable},
        {"kept_total", all - pruned}}},
      {"density",
       {{"prunable", ratio(kept_prunable, prunable)},
        {"conv_fc", ratio(weights - pruned, weights)},
        {"all", ratio(all - pruned, all)}}},
      {"layers", rows},
      {"macs",
       {{"dense", mac_count(architecture)},
        {"kept", kept_macs(architecture, mask)},
        {"counted", {"conv", "linear"}},
        {"input",
         {architecture.input.channels, architecture.input.height, architecture.input.width}}}},
      {"layer_collapse", collapsed}};
  const std::vector<std::string> names = prunable_names(model, rule);
  int64_t model_prunable = 0;
  for (const LayerShape& layer : layers(model)) {
    if (std::find(names.begin(), names.end(), layer.weight) != names.end())
      model_prunable += layer.numel();
  }
  if (model_prunable != prunable || mac_count(model) != mac_count(architecture))
    point["model"] = {{"prunable_params", model_prunable}, {"macs", mac_count(model)}};
  return point;
}

nlohmann::json to_json(const Accuracy& evaluation) {
  nlohmann::json json{{"examples", evaluation.examples},
                      {"top1_correct", evaluation.top1_correct},
                      {"top5_correct", evaluation.top5_correct},
                      {"loss", nullptr}};
  if (std::isfinite(evaluation.loss)) json["loss"] = evaluation.loss;
  return json;
}

Accuracy accuracy_from_json(const nlohmann::json& json) {
  return {json.at("examples"), json.at("top1_correct"), json.at("top5_correct"),
          json.at("loss").is_null() ? std::numeric_limits<double>::quiet_NaN()
                                    : json.at("loss").get<double>()};
}

}  // namespace ticketbench
