// ticketbench describe: one method, model, dataset, recipe or suite.

#include "cli/cli.hpp"
#include "core/method.hpp"
#include "core/model.hpp"
#include "hardware/harness/spec.hpp"
#include "reports/json_schema.hpp"
#include "reports/text_table.hpp"
#include "suites/harness/dataset.hpp"
#include "suites/plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <set>

namespace ticketbench {
namespace {

void print_fields(const FieldsFunction& fields) {
  fmt::print("fields\n");
  const auto docs = describe_fields(fields);
  for (const FieldDoc& doc : docs) {
    fmt::print("  {:<14} {:<10} default {:<12} {}\n  {:<14} {}\n", doc.name, doc.type, doc.value,
               doc.allowed, "", doc.help);
  }
  if (docs.empty()) fmt::print("  none\n");
}

void describe_method(const std::string& name) {
  const auto method = make_method(name);
  const Card& card = method->card();
  fmt::print("{}: {}\n  paper        {}, {}\n  starts from  {}\n  version      {}\n", card.name,
             card.title, card.paper, card.place, to_string(card.needs), card.version);
  bool first = true;
  for (const std::string_view sentence : card.deviations) {
    if (sentence.empty()) continue;
    fmt::print("  {:<11}  {}\n", first ? "deviations" : "", sentence);
    first = false;
  }
  fmt::print("\n");
  print_fields([&](Fields& f) { method->fields(f); });
  if (!card.bibtex.empty()) fmt::print("\n{}\n", card.bibtex);
}

void describe_model(const std::string& name) {
  const Architecture a = make_architecture(name, {});
  fmt::print("{}: {}\n  {} parameters, {} multiply-adds at 32x32 with the CIFAR stem\n\n", name,
             Registry<ModelFamily>::instance().find("model", name).title, parameter_count(a),
             mac_count(a));
  for (const LayerShape& layer : layers(a)) {
    fmt::print("  {:<36} [{}]  x {} positions\n", layer.weight, fmt::join(layer.shape, ", "),
               layer.output_positions);
  }
}

void describe_dataset(const std::string& name) {
  const DatasetCard& card = find_dataset(name);
  fmt::print(
      "{}: {}\n  images {} x {} x {}, {} classes, {} to train, {} to test\n  mean {}, standard "
      "deviation {}\n",
      name, card.title, card.input.channels, card.input.height, card.input.width, card.classes,
      card.train_examples, card.test_examples, fmt::join(card.mean, ", "),
      fmt::join(card.deviation, ", "));
  for (const DatasetFile& file : card.files)
    fmt::print("  {} ({} bytes, SHA-256 {})\n", file.path, file.bytes, file.sha256);
  if (!card.folder.empty()) fmt::print("  images below {}\n", card.folder);
}

// Every value that isn't the same, by its place.
void compare_recipes(const std::string& first, const std::string& second) {
  const auto flat = [](const std::string& name) {
    return to_json(find_recipe(name, "", share_folder())).flatten();
  };
  const nlohmann::json a = flat(first);
  const nlohmann::json b = flat(second);
  std::set<std::string> places;
  for (const auto* const one : {&a, &b}) {
    for (const auto& [place, value] : one->items()) {
      if (place != "/name" && place != "/title") places.insert(place);
    }
  }
  const auto text = [](const nlohmann::json& recipe, const std::string& place) {
    return recipe.contains(place) ? recipe[place].dump() : std::string("-");
  };
  TextTable table({{"value"}, {first}, {second}});
  size_t different = 0;
  for (const std::string& place : places) {
    if (text(a, place) == text(b, place)) continue;
    table.add_row({place, text(a, place), text(b, place)});
    ++different;
  }
  if (different == 0) {
    fmt::print("{} and {} train and judge alike\n", first, second);
  } else {
    fmt::print("{}", table.render(1000));
  }
}

bool describe_suite(const std::string& name) {
  const auto file = share_folder() / "suites" / (name + ".json");
  if (!std::filesystem::is_regular_file(file)) return false;
  const nlohmann::json suite = parse_json_file(file.string());
  fmt::print("{}: {}\n  {}\n  'ticketbench plan {}' lists its runs\n", name,
             suite.value("title", ""), suite.value("claim", ""), name);
  return true;
}

// What an entry of a probe suite may say.
void describe_probe() {
  fmt::print("probe: what 'ticketbench probe' times; 'ticketbench list probes' names the ways\n\n");
  ProbeSpec spec;
  print_fields([&](Fields& f) { spec.fields(f); });
}

void describe(const std::string& name) {
  if (name == "probe") return describe_probe();
  if (Registry<MethodFactory>::instance().contains(name)) return describe_method(name);
  if (Registry<ModelFamily>::instance().contains(name)) return describe_model(name);
  if (Registry<DatasetCard>::instance().contains(name)) return describe_dataset(name);
  try {
    fmt::print("{}\n", to_json(find_recipe(name, "", share_folder())).dump(2));
  } catch (const std::invalid_argument& error) {
    // Unless it is a recipe with a mistake in it.
    if (!std::string_view(error.what()).starts_with("unknown recipe")) throw;
    if (describe_suite(name)) return;
    std::vector<std::string> known = Registry<MethodFactory>::instance().names();
    for (const auto& more :
         {Registry<ModelFamily>::instance().names(), Registry<DatasetCard>::instance().names(),
          recipe_names("", share_folder())}) {
      known.insert(known.end(), more.begin(), more.end());
    }
    throw std::invalid_argument(
        unknown_name("method, model, dataset, recipe or suite", name, known));
  }
}

}  // namespace

void add_describe(CLI::App& app, Exit&) {
  CLI::App* command =
      app.add_subcommand("describe", "fields with defaults and ranges, paper, deviations");
  auto name = std::make_shared<std::string>();
  auto other = std::make_shared<std::string>();
  command->add_option("name", *name, "a method, model, dataset, recipe or suite; or probe")
      ->required();
  command->add_option("other", *other, "a second recipe: prints how the two differ");
  command->callback([name, other] {
    if (other->empty()) {
      describe(*name);
    } else {
      compare_recipes(*name, *other);
    }
  });
}

}  // namespace ticketbench
