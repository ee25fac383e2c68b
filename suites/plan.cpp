#include "suites/plan.hpp"

#include "core/axes.hpp"
#include "core/files.hpp"
#include "core/method.hpp"
#include "core/sha256.hpp"
#include "reports/json_schema.hpp"
#include "suites/harness/loader.hpp"
#include "suites/suite_schema.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <stdexcept>

namespace ticketbench {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& file, const std::string& pointer,
                         const std::string& what) {
  throw std::invalid_argument(fmt::format("{}: {}: {}", file, pointer, what));
}

// One suite while it is being resolved.
struct Suite {
  std::string file;  // as the user named it
  fs::path path;
  json document;
  std::vector<std::string> set;  // assignments that reached it
};

// A run with one value for each axis, before seeds.
struct Variant {
  std::string label;  // "density=0.05", the values of its axes
  std::string dataset;
  std::string model;
  std::string recipe;
  std::string method;
  json fields;
  std::string source_run;  // empty: none
  std::optional<int64_t> source_level;
  std::string pointer;
  size_t index;  // of the run in its suite
};

// As it is typed: quoted where a shell would read anything into it.
std::string shell_word(const std::string& text) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_-./=,:+@%").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// Suites and what changes them, as options of a command.
std::string typed(const std::vector<std::string>& suites, const std::vector<std::string>& set,
                  const std::vector<std::string>& plugins) {
  std::string text;
  for (const std::string& suite : suites) text += (text.empty() ? "" : " ") + shell_word(suite);
  for (const std::string& assignment : set) text += " --set " + shell_word(assignment);
  for (const std::string& plugin : plugins) text += " --plugin " + shell_word(plugin);
  return text;
}

fs::path find_suite(const std::string& name, const fs::path& share) {
  for (const fs::path& candidate : {fs::path(name), share / name, share / "suites" / name,
                                    share / "suites" / (name + ".json")}) {
    if (fs::is_regular_file(candidate)) return candidate;
  }
  if (fs::is_directory(name))
    throw std::invalid_argument(fmt::format("{}: a folder found, a suite file expected", name));
  throw std::invalid_argument(fmt::format(
      "{}: no such file, and {}", name,
      unknown_name("suite", fs::path(name).replace_extension().string(), suite_names(share))));
}

// "POINTER=VALUE": runs are addressed by name, the value is JSON or else a text.
void set_value(std::vector<Suite>& suites, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos || !assignment.starts_with('/')) {
    throw std::invalid_argument(fmt::format(
        "--set {}: expected POINTER=VALUE, such as /runs/snip/density=0.05", assignment));
  }
  const std::string pointer = assignment.substr(0, equals);
  const std::string text = assignment.substr(equals + 1);
  json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) value = text;

  std::vector<std::string> run_names;
  std::string missing;  // of a run that is there
  bool done = false;
  for (Suite& suite : suites) {
    std::string resolved = pointer;
    if (pointer.starts_with("/runs/") && suite.document.contains("runs")) {
      const size_t end = pointer.find('/', 6);
      const std::string name =
          pointer.substr(6, end == std::string::npos ? std::string::npos : end - 6);
      const json& runs = suite.document["runs"];
      size_t index = 0;
      for (; index < runs.size() && runs[index].value("name", "") != name; ++index)
        run_names.push_back(runs[index].value("name", ""));
      if (index == runs.size()) continue;
      resolved =
          fmt::format("/runs/{}{}", index, end == std::string::npos ? "" : pointer.substr(end));
    }
    try {
      const json::json_pointer target(resolved);
      if (!suite.document.contains(target.parent_pointer())) {
        missing = target.parent_pointer().to_string();
        continue;
      }
      suite.document[target] = value;
      suite.set.push_back(assignment);
      done = true;
    } catch (const json::exception& error) {
      throw std::invalid_argument(fmt::format("--set {}: {}", assignment, error.what()));
    }
  }
  if (!done) {
    if (!pointer.starts_with("/runs/")) {
      throw std::invalid_argument(fmt::format(
          "--set {}: the suite has no such place; runs are set as /runs/NAME/FIELD=VALUE",
          assignment));
    }
    const std::string name = pointer.substr(6, pointer.find('/', 6) - 6);
    if (!missing.empty()) {
      throw std::invalid_argument(fmt::format("--set {}: run '{}' has no \"{}\" to set it in",
                                              assignment, name,
                                              missing.substr(missing.rfind('/') + 1)));
    }
    throw std::invalid_argument(
        fmt::format("--set {}: {}", assignment, unknown_name("run", name, run_names)));
  }
}

std::vector<std::string> names_of(const json& value) {
  return value.is_array() ? value.get<std::vector<std::string>>()
                          : std::vector<std::string>{value.get<std::string>()};
}

// Where a value of a run's harness is written: at the run, or for all of them.
std::string harness_pointer(const Suite& suite, const Variant& variant, const std::string& key) {
  const json& run = suite.document.at("runs").at(variant.index);
  const bool own = run.contains("harness") && run.at("harness").contains(key);
  return (own ? variant.pointer : "") + "/harness/" + key;
}

// All variants of one run of a suite, fields resolved.
std::vector<Variant> expand(const Suite& suite, size_t index,
                            const std::vector<std::string>& run_names) {
  const json& run = suite.document["runs"][index];
  const std::string pointer = fmt::format("/runs/{}", index);
  const std::string method_name = run.at("method");
  std::unique_ptr<Method> method;
  try {
    method = make_method(method_name);
  } catch (const std::invalid_argument& error) {
    refuse(suite.file, pointer + "/method", error.what());
  }
  const FieldsFunction declare = [&](Fields& f) { method->fields(f); };
  std::set<std::string> lists;
  for (const FieldDoc& doc : describe_fields(declare)) {
    if (doc.is_list) lists.insert(doc.name);
  }

  json fields = run;
  for (const char* key : {"name", "method", "harness", "requires", "source"}) fields.erase(key);
  json harness = suite.document["harness"];
  if (run.contains("harness")) harness.update(run["harness"]);

  std::vector<std::optional<int64_t>> levels{std::nullopt};
  std::string source;
  const Needs needs = method->card().needs;
  if (run.contains("source")) {
    source = run["source"].at("run");
    if (std::find(run_names.begin(), run_names.end(), source) == run_names.end()) {
      refuse(suite.file, pointer + "/source/run", unknown_name("run", source, run_names));
    }
    if (needs == Needs::none) {
      refuse(suite.file, pointer + "/source",
             fmt::format("{} starts from nothing and takes no source", method_name));
    }
    if (run["source"].contains("level")) {
      levels.clear();
      const json& level = run["source"]["level"];
      for (const json& l : level.is_array() ? level : json::array({level})) {
        levels.push_back(l.is_string() ? std::nullopt : std::optional(l.get<int64_t>()));
      }
    }
  } else if (needs != Needs::none) {
    std::vector<std::string> others = run_names;
    std::erase(others, run.at("name").get<std::string>());
    refuse(suite.file, pointer,
           fmt::format("{} starts from a {} run; add \"source\": {{\"run\": NAME}} (there is: {})",
                       method_name, to_string(needs), fmt::join(others, ", ")));
  }

  std::vector<Variant> variants;
  const auto is_list = [&](const std::string& path) { return lists.contains(path); };
  std::vector<AxisChoice> combinations;
  try {
    combinations = axis_choices("", fields, is_list);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("{}: {}{}", suite.file, pointer, error.what()));
  }
  for (const std::string& dataset : names_of(harness["dataset"])) {
    for (const std::string& model : names_of(harness["model"])) {
      for (const std::string& recipe : names_of(harness["recipe"])) {
        for (const std::optional<int64_t>& level : levels) {
          for (const AxisChoice& choice : combinations) {
            const auto fresh = make_method(method_name);
            const FieldsFunction own = [&](Fields& f) { fresh->fields(f); };
            try {
              read_fields(own, choice.value, pointer);
            } catch (const std::invalid_argument& error) {
              throw std::invalid_argument(fmt::format("{}: {}", suite.file, error.what()));
            }
            std::vector<std::string> label = choice.label;
            if (levels.size() > 1)
              label.push_back(level ? fmt::format("level={}", *level) : "level=last");
            if (harness["dataset"].is_array()) label.push_back(dataset);
            if (harness["model"].is_array()) label.push_back(model);
            if (harness["recipe"].is_array()) label.push_back(recipe);
            variants.push_back({fmt::format("{}", fmt::join(label, " ")), dataset, model, recipe,
                                method_name, write_fields(own), source, level, pointer, index});
          }
        }
      }
    }
  }
  return variants;
}

// Indices of the suite's runs, sources first. Throws where sources form a cycle.
std::vector<size_t> source_order(const Suite& suite, const std::vector<std::string>& names) {
  std::vector<size_t> order;
  std::vector<int> state(names.size(), 0);  // 0 new, 1 open, 2 done
  std::vector<std::string> path;
  const std::function<void(size_t)> visit = [&](size_t index) {
    if (state[index] == 2) return;
    path.push_back(names[index]);
    if (state[index] == 1) {
      path.erase(path.begin(), std::find(path.begin(), path.end() - 1, names[index]));
      refuse(suite.file, fmt::format("/runs/{}/source/run", index),
             fmt::format("sources form a cycle: {}", fmt::join(path, " -> ")));
    }
    state[index] = 1;
    const json& run = suite.document["runs"][index];
    if (run.contains("source")) {
      const auto source =
          std::find(names.begin(), names.end(), run["source"].at("run").get<std::string>());
      if (source != names.end()) visit(static_cast<size_t>(source - names.begin()));
    }
    state[index] = 2;
    path.pop_back();
    order.push_back(index);
  };
  for (size_t i = 0; i < names.size(); ++i) visit(i);
  return order;
}

class Planner {
 public:
  explicit Planner(const PlanOptions& options) : options_(options) {}

  void add(const Suite& suite) {
    std::vector<std::string> names;
    for (const json& run : suite.document["runs"]) {
      const std::string name = run.at("name");
      if (std::find(names.begin(), names.end(), name) != names.end()) {
        refuse(suite.file, fmt::format("/runs/{}/name", names.size()),
               fmt::format("'{}' names two runs", name));
      }
      names.push_back(name);
    }
    std::vector<uint64_t> seeds = options_.seeds;
    if (seeds.empty()) seeds = suite.document["seeds"].get<std::vector<uint64_t>>();

    std::map<std::string, std::vector<Variant>> variants;
    for (const size_t index : source_order(suite, names)) {
      variants[names[index]] = expand(suite, index, names);
    }
    for (const uint64_t seed : seeds) {
      // By run name: the planned runs of this seed, for those that start from them.
      std::map<std::string, std::vector<size_t>> planned;
      for (const size_t index : source_order(suite, names)) {
        const std::string& name = names[index];
        const json& run = suite.document["runs"][index];
        const json needs = run.value("requires", suite.document.value("requires", json::object()));
        for (const Variant& variant : variants.at(name)) {
          std::vector<std::optional<size_t>> sources{std::nullopt};
          if (!variant.source_run.empty()) {
            sources.clear();
            sources = sources_of(variant, planned.at(variant.source_run));
          }
          for (const std::optional<size_t>& source : sources) {
            std::string label = name;
            if (!variant.label.empty()) label += " " + variant.label;
            if (sources.size() > 1) label += " from " + plan.runs[*source].label;
            planned[name].push_back(
                add_run(suite, variant, source, seed, label, needs.value("device", "")));
          }
        }
      }
    }
  }

  Plan plan;

 private:
  size_t add_run(const Suite& suite, const Variant& variant, std::optional<size_t> source,
                 uint64_t seed, const std::string& label, const std::string& device) {
    RunSpec spec{.dataset = variant.dataset,
                 .model = variant.model,
                 .recipe = recipe(suite, variant),
                 .method = variant.method,
                 .fields = variant.fields,
                 .source = {},
                 .seed = seed};
    try {
      if (source) {
        check_source(suite, variant, plan.runs[*source]);
        spec.source = SourceSpec{plan.runs[*source].hash, variant.source_level};
      }
      check_view(spec.recipe.augmentation, find_dataset(spec.dataset).input);
      static_cast<void>(spec.architecture());  // throws for an unknown model
    } catch (const std::invalid_argument& error) {
      const std::string message = error.what();
      if (message.starts_with(suite.file)) throw;
      refuse(suite.file,
             harness_pointer(suite, variant,
                             message.starts_with("unknown model") ? "model" : "dataset"),
             message);
    }
    const std::string hash = spec.hash();
    for (size_t i = 0; i < plan.runs.size(); ++i) {
      if (plan.runs[i].hash != hash) continue;
      // No part of its identity: what one of two suites doesn't require isn't required.
      if (plan.runs[i].device != device) plan.runs[i].device.clear();
      return i;
    }
    std::string cost_key;
    const RunCost cost = cost_of(suite, variant, spec, source, cost_key);
    std::set<std::optional<int64_t>> source_levels;
    for (const int64_t level : cost.source_levels)
      source_levels.insert(level == kSourceLevel ? variant.source_level : level);
    cost_keys_.push_back(cost_key);
    plan.runs.push_back({.name = suite.document["runs"][variant.index]["name"],
                         .label = label,
                         .spec = spec,
                         .hash = hash,
                         .device = device,
                         .suite_title = suite.document["title"],
                         .suite_file = suite.file,
                         .command = command(suite, spec, hash),
                         .source_levels = source_levels,
                         .cost = cost});
    return plan.runs.size() - 1;
  }

  static void check_source(const Suite& suite, const Variant& variant, const PlannedRun& from) {
    const std::optional<int64_t>& level = variant.source_level;
    const std::vector<int64_t> recorded = from.cost.levels();
    if (level && std::find(recorded.begin(), recorded.end(), *level) == recorded.end()) {
      refuse(suite.file, variant.pointer + "/source/level",
             fmt::format("{} found; run '{}' records the levels {}", *level, from.label,
                         fmt::join(recorded, ", ")));
    }
    const RunCost::Outline& ticket = from.cost.ticket(level);
    const Needs needs = make_method(variant.method)->card().needs;
    if (needs == Needs::curve &&
        std::all_of(from.cost.tickets.begin(), from.cost.tickets.end(),
                    [](const RunCost::Outline& t) { return t.asked_density == 1; })) {
      refuse(suite.file, variant.pointer + "/source/run",
             fmt::format("{} starts from a sparse ticket; run '{}' records only dense ones",
                         variant.method, from.label));
    }
    if (needs == Needs::dense && ticket.density < 1) {
      refuse(suite.file, variant.pointer + "/source",
             fmt::format("{} starts from a dense ticket; that of level {} of run '{}' has density "
                         "{:.4g}; choose another with \"level\"",
                         variant.method, ticket.level, from.label, ticket.density));
    }
  }

  // A source with axes of its own gives a run each; where the harness is an axis of both, only the
  // equal ones.
  std::vector<std::optional<size_t>> sources_of(const Variant& variant,
                                                const std::vector<size_t>& planned) const {
    std::vector<std::optional<size_t>> all;
    std::vector<std::optional<size_t>> equal;
    for (const size_t s : planned) {
      const RunSpec& spec = plan.runs[s].spec;
      all.emplace_back(s);
      if (spec.dataset == variant.dataset && spec.model == variant.model &&
          spec.recipe.name == variant.recipe)
        equal.emplace_back(s);
    }
    return equal.empty() ? all : equal;
  }

  // Everything that names the run, so that it can be typed again.
  std::string command(const Suite& suite, const RunSpec& spec, const std::string& hash) const {
    return fmt::format("ticketbench run {} --only {} --seeds {}{}",
                       typed({suite.file}, suite.set, options_.plugins), hash.substr(0, 12),
                       spec.seed, find_dataset(spec.dataset).on_disk() ? " --data DIR" : "");
  }

  const Recipe& recipe(const Suite& suite, const Variant& variant) {
    const std::string key = suite.file + "\n" + variant.recipe;
    auto it = recipes_.find(key);
    if (it == recipes_.end()) {
      try {
        it = recipes_.emplace(key, find_recipe(variant.recipe, suite.path, options_.share)).first;
      } catch (const std::invalid_argument& error) {
        const std::string message = error.what();
        if (!message.starts_with("unknown recipe")) throw;
        refuse(suite.file, harness_pointer(suite, variant, "recipe"), message);
      }
    }
    return it->second;
  }

  // Seeds don't change what a run costs.
  RunCost cost_of(const Suite& suite, const Variant& variant, RunSpec spec,
                  std::optional<size_t> source, std::string& key) {
    spec.seed = 0;
    if (source) spec.source->hash = cost_keys_[*source];
    key = sha256(spec.document().dump());
    const auto known = costs_.find(key);
    if (known != costs_.end()) return known->second;
    const auto method = make_method(spec.method);
    read_fields([&](Fields& f) { method->fields(f); }, spec.fields, "");
    const Architecture architecture = spec.architecture();
    const auto cost = [&](double width) {
      DryLab lab(architecture, source ? &plan.runs[*source].cost : nullptr, variant.source_level,
                 spec.recipe, find_dataset(spec.dataset), width);
      method->run(lab);
      return lab.cost();
    };
    // What a narrow network can't tell, or refuses, the true one does.
    if (parameter_count(architecture) > kCheapParameters) {
      try {
        return costs_[key] = cost(narrow_width(architecture));
      } catch (const std::exception&) {
      }
    }
    try {
      return costs_[key] = cost(1);
    } catch (const std::exception& error) {
      const std::string message = error.what();  // LibTorch's go on with a stack trace
      refuse(suite.file, variant.pointer,
             fmt::format("{}: {}", spec.method, message.substr(0, message.find('\n'))));
    }
  }

  static constexpr int64_t kCheapParameters = 100'000;
  // A family's models share it, so that a ticket of one fits the other.
  static double narrow_width(const Architecture& architecture) {
    int64_t widest = 1;
    for (const ConvUnit* unit : units(architecture)) widest = std::max(widest, unit->conv.out);
    for (const auto& layer : architecture.classifier) widest = std::max(widest, layer.in);
    return std::min(1.0, 16.0 / static_cast<double>(widest));
  }

  const PlanOptions& options_;
  std::map<std::string, Recipe> recipes_;
  std::map<std::string, RunCost> costs_;
  std::vector<std::string> cost_keys_;  ///< of plan.runs: equal where only seeds differ
};

}  // namespace

namespace {

std::vector<fs::path> recipe_folders(const fs::path& suite, const fs::path& share) {
  std::vector<fs::path> folders;
  if (!suite.empty()) {
    for (fs::path at = fs::absolute(suite).parent_path(); at.has_relative_path();
         at = at.parent_path()) {
      folders.push_back(at / "recipes");
    }
  }
  folders.push_back(share / "suites" / "recipes");
  std::erase_if(folders, [](const fs::path& folder) { return !fs::is_directory(folder); });
  return folders;
}

}  // namespace

std::vector<std::string> suite_names(const fs::path& share) {
  const std::set<std::string> others{"recipes", "probes", "schema", "tests", "datasets.json"};
  const fs::path folder = share / "suites";
  std::set<std::string> names;
  if (!fs::is_directory(folder)) return {};
  for (auto it = fs::recursive_directory_iterator(folder); it != fs::recursive_directory_iterator();
       ++it) {
    if (others.contains(it->path().filename())) {
      it.disable_recursion_pending();
    } else if (it->path().extension() == ".json") {
      names.insert(fs::relative(it->path(), folder).replace_extension().string());
    }
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> recipe_names(const fs::path& suite, const fs::path& share) {
  std::set<std::string> names;
  for (const fs::path& folder : recipe_folders(suite, share)) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".json")
        names.insert(fs::relative(entry.path(), folder).replace_extension().string());
    }
  }
  return {names.begin(), names.end()};
}

Recipe find_recipe(const std::string& name, const fs::path& suite, const fs::path& share) {
  for (const fs::path& folder : recipe_folders(suite, share)) {
    const fs::path file = folder / (name + ".json");
    if (fs::is_regular_file(file))
      return parse_recipe(parse_json(read_file(file), file.string()), name, file.string());
  }
  throw std::invalid_argument(unknown_name("recipe", name, recipe_names(suite, share)));
}

json RunSpec::document() const {
  const DatasetCard& card = find_dataset(dataset);
  json files = json::array();
  for (const DatasetFile& file : card.files) files.push_back(file.sha256);
  json j{{"harness",
          {{"version", kHarnessVersion},
           {"dataset", dataset},
           {"data",
            {{"version", card.version},
             {"sha256", files},
             {"mean", recipe.mean.empty() ? card.mean : recipe.mean},
             {"deviation", recipe.mean.empty() ? card.deviation : recipe.deviation}}},
           {"model", model},
           {"architecture_sha256", sha256(json(architecture()).dump())},
           {"recipe", to_json(recipe)}}},
         {"method",
          {{"name", method}, {"version", make_method(method)->card().version}, {"fields", fields}}},
         {"source", nullptr},
         {"seed", seed}};
  j["harness"]["recipe"].erase("title");  // words for people change no result
  if (source) {
    j["source"] = {{"hash", source->hash}, {"level", "last"}};
    if (source->level) j["source"]["level"] = *source->level;
  }
  return j;
}

std::string RunSpec::hash() const {
  return sha256(document().dump());
}

Architecture RunSpec::architecture() const {
  const DatasetCard& data = find_dataset(dataset);
  return make_architecture(model,
                           {.input = data.input, .classes = data.classes, .stem = recipe.stem});
}

const PlannedRun* Plan::find(const std::string& hash) const {
  const auto it =
      std::find_if(runs.begin(), runs.end(), [&](const PlannedRun& r) { return r.hash == hash; });
  return it == runs.end() ? nullptr : &*it;
}

Plan make_plan(const std::vector<std::string>& suites, const PlanOptions& options) {
  std::vector<Suite> loaded;
  for (const std::string& name : suites) {
    const fs::path path = find_suite(name, options.share);
    loaded.push_back({name, path, parse_json(read_file(path), name)});
    if (loaded.back().document.is_object() && loaded.back().document.contains("phases")) {
      throw std::invalid_argument(
          fmt::format("{}: a recipe found, a suite expected; a suite names its recipe in "
                      "/harness/recipe",
                      name));
    }
    validate(loaded.back().document, suite_schema(), name);
  }
  for (const std::string& assignment : options.set) set_value(loaded, assignment);
  Planner planner(options);
  for (const Suite& suite : loaded) {
    if (!options.set.empty()) validate(suite.document, suite_schema(), suite.file);
    planner.add(suite);
  }
  planner.plan.options = typed(suites, options.set, options.plugins);
  return std::move(planner.plan);
}

Plan select_runs(const Plan& plan, const std::vector<std::string>& words) {
  std::set<std::string> wanted;
  for (const std::string& word : words) {
    bool any = false;
    for (const PlannedRun& run : plan.runs) {
      if (!run.hash.starts_with(word) && run.name != word) continue;
      any = true;
      for (const PlannedRun* r = &run; r != nullptr;
           r = r->spec.source ? plan.find(r->spec.source->hash) : nullptr)
        wanted.insert(r->hash);
    }
    if (!any)
      throw std::invalid_argument(fmt::format(
          "--only {}: no run of these suites has such a hash or name; see 'ticketbench plan'",
          word));
  }
  Plan result{.runs = {}, .options = plan.options};
  for (const PlannedRun& run : plan.runs) {
    if (wanted.contains(run.hash)) result.runs.push_back(run);
  }
  return result;
}

std::vector<std::vector<size_t>> chains(const Plan& plan) {
  std::vector<std::vector<size_t>> found;
  std::map<std::string, size_t> chain_of;
  for (size_t i = 0; i < plan.runs.size(); ++i) {
    const std::optional<SourceSpec>& source = plan.runs[i].spec.source;
    const size_t chain = source ? chain_of.at(source->hash) : found.size();
    if (!source) found.emplace_back();
    found[chain].push_back(i);
    chain_of[plan.runs[i].hash] = chain;
  }
  return found;
}

Plan shard(const Plan& plan, int64_t index, int64_t count) {
  if (count < 1 || index < 1 || index > count) {
    throw std::invalid_argument(
        fmt::format("--shard {}/{}: expected I/N with 1 <= I <= N", index, count));
  }
  struct Chain {
    std::vector<size_t> runs;
    double work;
  };
  std::vector<Chain> largest;
  for (std::vector<size_t>& runs : chains(plan)) {
    double work = 0;
    for (const size_t run : runs) work += plan.runs[run].cost.macs;
    largest.push_back({std::move(runs), work});
  }
  // The largest chain to the part with least work so far; equal ones in the plan's order.
  std::stable_sort(largest.begin(), largest.end(),
                   [](const Chain& a, const Chain& b) { return a.work > b.work; });
  std::vector<double> load(static_cast<size_t>(count), 0);
  std::set<size_t> mine;
  for (const Chain& chain : largest) {
    const auto least = std::min_element(load.begin(), load.end());
    *least += chain.work;
    if (least - load.begin() == index - 1) mine.insert(chain.runs.begin(), chain.runs.end());
  }
  Plan result{.runs = {}, .options = plan.options};
  for (const size_t run : mine) result.runs.push_back(plan.runs[run]);
  return result;
}

}  // namespace ticketbench
