#include "suites/harness/recipe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace ticketbench {

void Augmentation::fields(Fields& f) {
  f("padding", padding, {0, 64},
    "black border around an image before a random crop of its own size");
  f("flip", flip, "mirror every second image, by chance");
  f.later("crop", crop, Crop::padded,
          "what training cuts out: a padded image's own size, or a part of random size and shape");
  f.later("min_area", min_area, 0.08, {0, 1}, "random_resized: least share of the image's area");
  f.later("max_aspect", max_aspect, 4.0 / 3, {1, 10},
          "random_resized: width / height between its inverse and this");
  f.later("test_resize", test_resize, int64_t{0}, {0, 4096},
          "shorter side of a test image before the centre crop; 0: the largest centre crop");
}

void Optimizer::fields(Fields& f) {
  f("learning_rate", learning_rate, {0, 100}, "peak of the schedule");
  f("momentum", momentum, {0, 1}, "SGD's momentum");
  f("nesterov", nesterov, "Nesterov's momentum");
  f("weight_decay", weight_decay, {0, 1}, "L2 penalty, added to the gradient");
  f("decay_norms", decay_norms, "weight decay also on norm scales and shifts");
  f("decay_biases", decay_biases, "weight decay also on biases");
}

void Phase::fields(Fields& f) {
  f("length", length, "epochs (\"8ep\") or iterations (\"1000it\")");
  f("batch_size", batch_size, {1, 65536}, "images in a step");
  f("optimizer", optimizer, "SGD");
  f("schedule", schedule, "learning rate over the phase");
}

void Initialiser::fields(Fields& f) {
  f("convolutions", convolutions, "kaiming normal, by this fan");
  f("norms", norms, "scale of batch norms");
}

void Recipe::fields(Fields& f) {
  f("title", title, "one line for people");
  f("stem", stem, "first layers: 3x3 of stride 1, or 7x7 of stride 2 and a max pool");
  f("prunable", prunable, "which weights may be pruned, besides the inner convolutions");
  f("initialisation", initialisation, "how weights are drawn");
  f("augmentation", augmentation, "of training images");
  f("mean", mean, {0, 1}, "subtracted from channels in [0, 1]; empty: the dataset's own");
  f("deviation", deviation, {1e-3, 10}, "divides the channels; empty: the dataset's own");
  f("train_examples", train_examples, {0, 1e9}, "the first so many training images; 0: all");
  f("test_examples", test_examples, {0, 1e9}, "the first so many test images; 0: all");
  f("validation_examples", validation_examples, {0, 1e9},
    "held out: the last so many training images");
  f("last_batch", last_batch, "a last batch that isn't full");
  f("label_smoothing", label_smoothing, {0, 1}, "share of the target spread over all classes");
  f("selection", selection, "which epoch's weights a phase ends with");
  f("select_after_last_mask_change", select_after_last_mask_change,
    "only epochs after the last change of the mask count");
  f("evaluation", evaluation, "when accuracy is measured; a selection rule needs each epoch");
}

const Phase& Recipe::phase(std::string_view phase_name) const {
  const auto it = phases.find(std::string(phase_name));
  if (it != phases.end()) return it->second;
  std::vector<std::string> names;
  for (const auto& [key, value] : phases) names.push_back(key);
  throw std::invalid_argument(
      fmt::format("recipe {}: {}", name, unknown_name("phase", phase_name, names)));
}

int64_t Recipe::train_size(int64_t all) const {
  return (train_examples == 0 ? all : std::min(train_examples, all)) - validation_examples;
}

int64_t Recipe::test_size(int64_t all) const {
  return test_examples == 0 ? all : std::min(test_examples, all);
}

Recipe parse_recipe(const nlohmann::json& json, const std::string& name,
                    const std::string& source) {
  Recipe recipe{.name = name};
  if (!json.is_object())
    throw std::invalid_argument(fmt::format("{}: a recipe is a JSON object", source));
  nlohmann::json rest = json;
  if (rest.contains("name")) rest.erase("name");
  const nlohmann::json phases = rest.value("phases", nlohmann::json::object());
  rest.erase("phases");
  try {
    read_fields([&](Fields& f) { recipe.fields(f); }, rest, "");
    if (!phases.is_object() || !phases.contains("train")) {
      throw std::invalid_argument("/phases: an object with at least \"train\" expected");
    }
    for (const auto& [key, value] : phases.items()) {
      const std::string pointer = "/phases/" + key;
      Phase& phase = recipe.phases[key];
      read_fields([&](Fields& f) { phase.fields(f); }, value, pointer);
      if (phase.length.unit == Duration::Unit::fraction) {
        throw std::invalid_argument(fmt::format(
            "{}/length: \"{}\" found, epochs (\"8ep\") or iterations (\"1000it\") expected",
            pointer, to_string(phase.length)));
      }
    }
    for (const auto& [key, phase] : recipe.phases) {
      const std::string pointer = "/phases/" + key;
      if (phase.length.value == 0)
        throw std::invalid_argument(pointer + "/length: \"" + to_string(phase.length) +
                                    "\" found, more than nothing expected");
      if (phase.optimizer.nesterov && phase.optimizer.momentum == 0)
        throw std::invalid_argument(pointer +
                                    "/optimizer/nesterov: true found, but /momentum is 0");
      if (phase.schedule.warmup.unit == phase.length.unit &&
          phase.schedule.warmup.value > phase.length.value)
        throw std::invalid_argument(fmt::format(
            "{}/schedule/warmup: \"{}\" found, at most the phase's length \"{}\" expected", pointer,
            to_string(phase.schedule.warmup), to_string(phase.length)));
    }
    if (recipe.mean.size() != recipe.deviation.size()) {
      throw std::invalid_argument(
          fmt::format("/deviation: {} numbers found, as many as in /mean expected ({})",
                      recipe.deviation.size(), recipe.mean.size()));
    }
    if (recipe.selection == Selection::best_test && !name.starts_with("papers/")) {
      throw std::invalid_argument(
          "/selection: \"best_test\" found; choosing an epoch by its test accuracy is for recipes "
          "below papers/ only, where a paper did so");
    }
    if (recipe.selection == Selection::best_val && recipe.validation_examples == 0) {
      throw std::invalid_argument("/selection: \"best_val\" found, but /validation_examples is 0");
    }
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("{}: {}", source, error.what()));
  }
  return recipe;
}

nlohmann::json to_json(const Recipe& recipe) {
  Recipe copy = recipe;
  nlohmann::json json = write_fields([&](Fields& f) { copy.fields(f); });
  json["name"] = recipe.name;
  for (auto& [key, phase] : copy.phases) {
    json["phases"][key] = write_fields([&p = phase](Fields& f) { p.fields(f); });
  }
  return json;
}

}  // namespace ticketbench
