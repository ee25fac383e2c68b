#include "suites/harness/harness_lab.hpp"

#include "core/sha256.hpp"
#include "suites/harness/operating_point.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace ticketbench {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

json to_json(const Spent& s) {
  return {{"iterations", s.iterations},
          {"examples", s.examples},
          {"macs", s.macs},
          {"train_seconds", s.train_seconds},
          {"wait_seconds", s.wait_seconds}};
}

Spent spent_from_json(const json& j) {
  return {j.at("iterations"), j.at("examples"), j.at("macs"), j.at("train_seconds"),
          j.at("wait_seconds")};
}

void put(NamedTensors& into, const std::string& prefix, const NamedTensors& tensors) {
  for (const auto& [name, t] : tensors) into[prefix + name] = t;
}

// Tensors below a prefix, by the rest of their names, in memory of their own: a mapped file has
// neither the alignment nor the memory format that a tensor made afresh has, and kernels may differ
// by both.
NamedTensors take(const NamedTensors& from, const std::string& prefix) {
  NamedTensors result;
  for (const auto& [name, t] : from) {
    if (name.starts_with(prefix)) result[name.substr(prefix.size())] = t.clone();
  }
  return result;
}

MaskSet mask_from(const NamedTensors& stored, const std::string& prefix) {
  MaskSet mask;
  for (const auto& [name, t] : take(stored, prefix)) mask[name] = t.view(torch::kBool);
  return mask;
}

void copy_into(const torch::Tensor& target, const torch::Tensor& source) {
  const torch::NoGradGuard no_grad;
  torch::Tensor(target).copy_(source);
}

// In place where it can be: the method's closures may hold views.
void give_back(torch::Tensor& tensor, const torch::Tensor& stored, const torch::Device& device) {
  torch::Tensor value = stored.clone().to(device);
  if (tensor.scalar_type() == torch::kBool) value = value.view(torch::kBool);
  if (tensor.sizes() == value.sizes()) {
    copy_into(tensor, value);
  } else {
    tensor = value;
  }
}

}  // namespace

HarnessLab::HarnessLab(LabOptions options)
    : options_(std::move(options)),
      journal_(options_.folder / "journal", options_.identity, options_.program),
      started_(Clock::now()),
      saved_(started_) {
  const Recipe& recipe = options_.recipe;
  const Images& all = options_.dataset->train;
  const int64_t size = recipe.train_size(all.size());
  const int64_t held_out = recipe.validation_examples;
  if (size <= 0) {
    throw std::invalid_argument(fmt::format("recipe {}: {} validation images of {} training images",
                                            recipe.name, held_out, size + held_out));
  }
  train_ = all.slice(0, size);
  const auto& mean = recipe.mean.empty() ? options_.dataset_card->mean : recipe.mean;
  const auto& deviation = recipe.mean.empty() ? options_.dataset_card->deviation : recipe.deviation;
  const int64_t resize = recipe.augmentation.test_resize;
  validation_ = {all.slice(size, size + held_out), mean, deviation, resize};
  const Images& test = options_.dataset->test;
  test_ = {test.slice(0, recipe.test_size(test.size())), mean, deviation, resize};
}

NetPtr HarnessLab::empty_net(const Architecture& architecture, std::vector<std::string> prunable) {
  return std::make_shared<Net>(architecture, std::move(prunable), options_.device);
}

NetPtr HarnessLab::net(const Architecture& architecture, std::string_view stream) {
  NetPtr made = empty_net(architecture, prunable_names(architecture, options_.recipe.prunable));
  initialise(*made, Stream(options_.seed, stream), options_.recipe.initialisation.convolutions,
             options_.recipe.initialisation.norms);
  return made;
}

Ticket HarnessLab::source(int64_t level) {
  if (!options_.source)
    throw std::invalid_argument(
        "this run has no source: name one in the suite (\"source\": {\"run\": ...})");
  Ticket ticket = options_.source(level);
  // Off the mapping, on the device: a method may change it.
  for (NamedTensors* group : std::initializer_list<NamedTensors*>{&ticket.mask, &ticket.rewind_to,
                                                                  &ticket.trained, &ticket.extra}) {
    for (const auto& [name, t] : *group) (*group)[name] = t.clone().to(options_.device);
  }
  return ticket;
}

std::vector<Batch> HarnessLab::batches(int64_t count, const Draw& draw) {
  LoaderOptions options = loader_options(options_.recipe.phase("train"));
  if (draw.batch_size > 0) options.batch_size = draw.batch_size;
  options.augmentation = options.augmentation.of_tests();
  const Stream order(options_.seed, draw.stream);
  if (draw.class_balanced) {
    // Round by round one image of each class, each class in random order of its own.
    std::vector<std::vector<int64_t>> by_class(static_cast<size_t>(options_.dataset_card->classes));
    Rng rng = order.at(0);
    for (const int64_t i : rng.permutation(train_.size())) {
      by_class[static_cast<size_t>(train_.labels[i].item<int64_t>())].push_back(i);
    }
    std::vector<int64_t> chosen;
    const auto wanted = static_cast<size_t>(std::min(count * options.batch_size, train_.size()));
    for (size_t round = 0; chosen.size() < wanted; ++round) {
      for (const auto& members : by_class) {
        if (round < members.size() && chosen.size() < wanted) chosen.push_back(members[round]);
      }
    }
    options.images = train_.select(torch::tensor(chosen, torch::kInt64));
    options.shuffle = false;
  }
  Loader loader(options, order, Stream(options_.seed, draw.stream + "/augment"));
  std::vector<Batch> result;
  for (int64_t i = 0; i < count; ++i) result.push_back(loader.at(i));
  return result;
}

Batch HarnessLab::batch(std::string_view stream, int64_t iteration, std::string_view phase_name) {
  auto& loader = loaders_[fmt::format("{} {}", phase_name, stream)];
  if (!loader) {
    loader = std::make_unique<Loader>(loader_options(options_.recipe.phase(phase_name)),
                                      Stream(options_.seed, fmt::format("{}/order", stream)),
                                      Stream(options_.seed, fmt::format("{}/augment", stream)));
  }
  return loader->at(iteration);
}

torch::Tensor HarnessLab::logits(const Net& net, const Batch& batch, BnMode mode,
                                 const EffectiveWeight& effective) {
  const int64_t passes = torch::GradMode::is_enabled() ? 3 : 1;
  spent_.macs += static_cast<double>(passes * mac_count(net.architecture()) * batch.labels.size(0));
  // Training mode without its effect on the running statistics; putting those back afterwards would
  // invalidate the graph that holds them.
  return net.forward(batch.images, mode == BnMode::train ? BnMode::batch_only : mode, effective);
}

Rng HarnessLab::rng(std::string_view stream, int64_t index) {
  return Stream(options_.seed, stream).at(0, static_cast<uint64_t>(index));
}

LoaderOptions HarnessLab::loader_options(const Phase& phase) const {
  return {.images = train_,
          .mean = test_.mean,
          .deviation = test_.deviation,
          .augmentation = options_.recipe.augmentation,
          .batch_size = phase.batch_size,
          .last_batch = options_.recipe.last_batch,
          .device = options_.device};
}

int64_t HarnessLab::iterations_per_epoch(std::string_view name) {
  return batches_per_epoch(train_.size(), options_.recipe.phase(name).batch_size,
                           options_.recipe.last_batch);
}

int64_t HarnessLab::iterations(std::string_view name) {
  return phase_iterations(options_.recipe.phase(name), iterations_per_epoch(name));
}

Session& HarnessLab::session_of(const Net& net, const Span& span) {
  Session& session = sessions_[&net];
  const bool goes_on = session.net.lock().get() == &net && session.phase == span.phase &&
                       session.order == span.order && session.next == span.from && !session.stopped;
  if (!goes_on) {
    session = Session{};
    session.net = net.weak_from_this();
    session.phase = span.phase;
    session.order = span.order;
    session.next = span.from;
  }
  return session;
}

double HarnessLab::active_seconds() const {
  return seconds_before_ + seconds_since(started_);
}

// Optimizers and declared state of the method, by what they are.
NamedTensors HarnessLab::own_tensors() const {
  NamedTensors own;
  for (size_t k = 0; k < optimizers_.size(); ++k) {
    for (size_t i = 0; i < optimizers_[k]->tensors().size(); ++i) {
      own[fmt::format("optimizer/{}/{}", k, i)] = optimizers_[k]->tensors()[i];
      own[fmt::format("optimizer_momentum/{}/{}", k, i)] = optimizers_[k]->momenta()[i];
    }
  }
  for (const auto& [name, tensor] : states_) own["state/" + name] = *tensor;
  for (const auto& [name, tensors] : group_states_) put(own, "states/" + name + "/", *tensors);
  return own;
}

void HarnessLab::put_back(const NamedTensors& own) const {
  for (size_t k = 0; k < optimizers_.size(); ++k) {
    for (size_t i = 0; i < optimizers_[k]->tensors().size(); ++i) {
      const std::string key = fmt::format("optimizer/{}/{}", k, i);
      if (!own.contains(key)) continue;
      copy_into(optimizers_[k]->tensors()[i], own.at(key));
      copy_into(optimizers_[k]->momenta()[i],
                own.at(fmt::format("optimizer_momentum/{}/{}", k, i)));
    }
  }
  for (const auto& [name, tensor] : states_) {
    const std::string key = "state/" + name;
    if (!own.contains(key)) continue;
    give_back(*tensor, own.at(key), options_.device);
  }
  for (const auto& [name, tensors] : group_states_) {
    for (const auto& [key, value] : take(own, "states/" + name + "/"))
      give_back((*tensors)[key], value, options_.device);
  }
}

TensorFile HarnessLab::collect(const Net& net, const MaskSet& mask, const Session& session,
                               const json& epochs) const {
  TensorFile file;
  put(file.tensors, "net/", net.parameters());
  put(file.tensors, "net/", net.buffers());
  put(file.tensors, "mask/", mask);
  put(file.tensors, "momentum/", session.momenta);
  put(file.tensors, "group/", session.group_tensors);
  put(file.tensors, "group_momentum/", session.group_momenta);
  put(file.tensors, "best/", session.best_state);
  put(file.tensors, "best_mask/", session.best_mask);
  put(file.tensors, "best_group/", session.best_group_tensors);
  put(file.tensors, "best_own/", session.best_own);
  put(file.tensors, "own/", own_tensors());
  if (session.sums.defined()) file.tensors["sums"] = session.sums;
  file.metadata["run"] = json{
      {"next", session.next},
      {"stopped", session.stopped},
      {"best_score", session.best_score},
      {"best_epoch", session.best_epoch},
      {"epochs", epochs},
      {"points", points_},
      {"point_seconds", point_seconds_},
      {"measures", measures_},
      {"spent", to_json(spent_)},
      {"seconds",
       active_seconds()}}.dump();
  return file;
}

json HarnessLab::restore(const TensorFile& stored, Net& net, MaskSet& mask, Session& session) {
  const auto& t = stored.tensors;
  net.load(take(t, "net/"));
  const MaskSet loaded = mask_from(t, "mask/");
  mask = {};
  for (const std::string& name : net.prunable_names())
    mask[name] = loaded.at(name).to(options_.device);
  session.momenta = {};
  for (const auto& [name, m] : take(t, "momentum/")) {
    session.momenta[name] = torch::empty_like(net.parameters().at(name).detach()).copy_(m);
  }
  session.group_tensors = take(t, "group/");
  session.group_momenta = take(t, "group_momentum/");
  session.best_state = take(t, "best/");
  session.best_mask = {};
  if (const MaskSet best = mask_from(t, "best_mask/"); !best.empty()) {
    for (const std::string& name : net.prunable_names())
      session.best_mask[name] = best.at(name).to(options_.device);
  }
  session.best_group_tensors = take(t, "best_group/");
  session.best_own = take(t, "best_own/");
  if (t.contains("sums")) session.sums = t.at("sums").clone().to(options_.device);
  put_back(take(t, "own/"));
  const json run = json::parse(stored.metadata.at("run"));
  session.next = run.at("next");
  session.stopped = run.at("stopped");
  session.best_score = run.at("best_score");
  session.best_epoch = run.at("best_epoch");
  // Hooks record and measure too, and don't run again where their training is over.
  points_ = run.at("points");
  point_seconds_ = run.at("point_seconds");
  measures_ = run.at("measures");
  for (const json& point : points_) judge(point);
  spent_ = spent_from_json(run.at("spent"));
  seconds_before_ = run.at("seconds").get<double>() - seconds_since(started_);
  return run.at("epochs");
}

// Each phase and each named order sees the images in an order of its own: fine-tuning doesn't
// repeat the crops of the first epochs.
Stream HarnessLab::stream_of(const Span& span, std::string_view what) const {
  std::string name = span.phase == "train" ? "" : span.phase + "/";
  if (!span.order.empty()) name += span.order + "/";
  return {options_.seed, name + std::string(what)};
}

TrainerOptions HarnessLab::trainer_options(const Span& span,
                                           std::function<void()> checkpoint) const {
  const Phase& settings = options_.recipe.phase(span.phase);
  return {.recipe = &options_.recipe,
          .phase = &settings,
          .loader = loader_options(settings),
          .order = stream_of(span, "order"),
          .augment = stream_of(span, "augment"),
          .validation = validation_.images.size() > 0 ? &validation_ : nullptr,
          .test = &test_,
          .own = [this] { return own_tensors(); },
          .put_back = [this](const NamedTensors& own) { put_back(own); },
          .progress =
              [this](const Progress& p) {
                if (options_.progress) options_.progress(p, static_cast<int64_t>(points_.size()));
              },
          .checkpoint = std::move(checkpoint)};
}

void HarnessLab::train(Net& net, MaskSet& mask, const Span& span, const Hooks& hooks) {
  const int64_t to = span_end(span, iterations(span.phase));
  check_mask(net, mask);
  if (to == span.from) {  // nothing to train, to save or to replay
    apply_mask(net, mask);
    net.zero_grad();
    return;
  }
  Session& session = session_of(net, span);
  const json arguments{{"phase", span.phase},
                       {"order", span.order},
                       {"from", span.from},
                       {"to", to},
                       {"mask", mask.sha256()}};
  // Epochs under the mask of an earlier span are no candidates for the best of this one.
  if (!session.mask.empty() && !(session.mask == mask)) {
    session.best_score = -1;
    session.best_epoch = 0;
  }
  json epochs = json::array();
  const auto take_up = [&](const TensorFile& stored) {
    epochs = restore(stored, net, mask, session);
    for (size_t g = 0; g < hooks.parameters.size(); ++g) {
      for (size_t i = 0; i < hooks.parameters[g].tensors.size(); ++i) {
        copy_into(hooks.parameters[g].tensors[i],
                  session.group_tensors.at(fmt::format("{}/{}", g, i)));
      }
    }
  };

  if (const Journal::Entry* entry = journal_.replay("train", arguments)) {
    take_up({journal_.replayed_tensors(), {{"run", entry->result.dump()}}});
  } else {
    if (const auto unfinished = journal_.unfinished(arguments)) take_up(*unfinished);
    const auto checkpoint = [&] {
      const bool interrupted = options_.interrupted && options_.interrupted();
      const bool late = options_.timeout_seconds > 0 && active_seconds() > options_.timeout_seconds;
      if (!interrupted && !late && seconds_since(saved_) < options_.save_every_seconds) return;
      journal_.save_unfinished(arguments, collect(net, mask, session, epochs));
      saved_ = Clock::now();
      if (interrupted) throw Interrupted{};
      if (late) throw TimedOut{};
    };
    Trainer trainer(trainer_options(span, checkpoint), net, mask, hooks, session, spent_);
    training_ = true;
    trainer.run(to, epochs);
    training_ = false;
    const TensorFile finished = collect(net, mask, session, epochs);
    journal_.append({"train", arguments, json::parse(finished.metadata.at("run"))},
                    finished.tensors);
    saved_ = Clock::now();
  }
  net.zero_grad();  // also after a replay: what the method does next finds the same net
  session.mask = mask;
  session.final_epoch =
      (session.next + iterations_per_epoch(span.phase) - 1) / iterations_per_epoch(span.phase);
  curves_.push_back(
      {{"phase", span.phase}, {"from", span.from}, {"to", session.next}, {"epochs", epochs}});
}

void HarnessLab::rewind(Net& net, const State& state) {
  net.load(state);
  sessions_.erase(&net);
}

std::shared_ptr<Sgd> HarnessLab::optimizer(const std::vector<torch::Tensor>& tensors,
                                           const SgdSettings& settings) {
  optimizers_.push_back(std::make_shared<Sgd>(tensors, settings));
  return optimizers_.back();
}

void HarnessLab::state(std::string_view name, torch::Tensor& tensor) {
  if (!tensor.defined())
    throw std::invalid_argument(
        fmt::format("state '{}' is declared with a tensor that has no value yet", name));
  states_[std::string(name)] = &tensor;
}

void HarnessLab::state(std::string_view name, NamedTensors& tensors) {
  group_states_[std::string(name)] = &tensors;
}

Accuracy HarnessLab::evaluate(const Net& net, Split split) {
  const json arguments{{"split", split == Split::train  ? "train"
                                 : split == Split::test ? "test"
                                                        : "validation"}};
  const Journal::Entry* const entry = training_ ? nullptr : journal_.replay("evaluate", arguments);
  if (entry != nullptr) return accuracy_from_json(entry->result);
  if (split == Split::validation && validation_.images.size() == 0) {
    throw std::invalid_argument(
        fmt::format("recipe {} holds out no validation images", options_.recipe.name));
  }
  const EvaluationSet train{train_, test_.mean, test_.deviation, test_.resize};
  const EvaluationSet& set = split == Split::train  ? train
                             : split == Split::test ? test_
                                                    : validation_;
  const Accuracy result = predict(net, set).evaluation;
  if (!training_) journal_.append({"evaluate", arguments, ticketbench::to_json(result)});
  return result;
}

void HarnessLab::record(const Net& net, const MaskSet& mask, int64_t level,
                        const RecordOptions& options) {
  const json arguments{{"level", level}, {"mask", mask.sha256()}};
  const auto keep = [&](const json& point, const json& seconds) {
    points_.push_back(point);
    point_seconds_.push_back(seconds);
    judge(point);
  };
  for (const json& point : points_) {
    if (point.at("level") == level)
      throw std::invalid_argument(fmt::format("level {} is recorded twice", level));
  }
  check_mask(net, mask);
  const NetPtr masked = net.clone(net.parameters().begin()->second.scalar_type());
  apply_mask(*masked, mask);
  const std::string file = fmt::format("ticket_{}.safetensors", level);
  const auto save = [&] {
    save_ticket(options_.folder / file, {.architecture = net.architecture(),
                                         .prunable = net.prunable_names(),
                                         .mask = mask,
                                         .rewind_to = options.rewind_to,
                                         .rewind_iteration = options.rewind_iteration,
                                         .trained = masked->snapshot(),
                                         .extra = options.extra,
                                         .level = level,
                                         .origin = options_.origin});
  };
  const Journal::Entry* const entry = training_ ? nullptr : journal_.replay("record", arguments);
  if (entry != nullptr) {
    if (!std::filesystem::exists(options_.folder / file)) save();
    spent_at_last_point_ = spent_;
    seconds_at_last_point_ = entry->result.at("seconds_total");
    seconds_before_ = std::max(seconds_before_, seconds_at_last_point_ - seconds_since(started_));
    keep(entry->result.at("point"), entry->result.at("seconds"));
    return;
  }
  const Predictions test = predict(*masked, test_);

  json point = describe_point(net.architecture(), mask, model(), options_.recipe.prunable);
  point["level"] = level;
  point["structure"] = to_string(options.structure.kind);
  point["counts"]["exact_k_deviation"] = nullptr;
  if (options.density) {
    point["counts"]["exact_k_deviation"] =
        mask.kept() - std::llround(*options.density * static_cast<double>(mask.total()));
  }
  point["test"] = ticketbench::to_json(test.evaluation);
  point["val"] = nullptr;
  if (validation_.images.size() > 0)
    point["val"] = ticketbench::to_json(predict(*masked, validation_).evaluation);
  const auto found = sessions_.find(&net);
  const bool trained = found != sessions_.end() && found->second.net.lock().get() == &net;
  const Session session = trained ? found->second : Session{};
  point["selection"] = to_string(options_.recipe.selection);
  point["final_epoch"] = session.final_epoch;
  point["selected_epoch"] = session.best_epoch > 0 ? session.best_epoch : session.final_epoch;
  point["train"] = {{"iterations", spent_.iterations},
                    {"examples", spent_.examples},
                    {"macs", macs_json(spent_.macs)}};
  point["mask_sha256"] = arguments.at("mask");
  point["prediction_sha256"] =
      sha256({static_cast<const char*>(test.top1.data_ptr()), test.top1.nbytes()});

  save();
  point["ticket"] = file;

  const double total = active_seconds();
  const double train_seconds = spent_.train_seconds - spent_at_last_point_.train_seconds;
  json seconds{{"level", level},
               {"seconds", total - seconds_at_last_point_},
               {"images_per_second", nullptr}};
  if (train_seconds > 0) {
    seconds["images_per_second"] =
        static_cast<double>(spent_.examples - spent_at_last_point_.examples) / train_seconds;
  }
  seconds_at_last_point_ = total;
  spent_at_last_point_ = spent_;
  if (!training_)
    journal_.append(
        {"record", arguments, {{"point", point}, {"seconds", seconds}, {"seconds_total", total}}});
  keep(point, seconds);
}

void HarnessLab::judge(const json& point) {
  if (!mistrust_.empty()) return;
  const json& test = point.at("test");
  const std::string where = fmt::format("level {}: ", point.at("level").get<int64_t>());
  const double examples = test.at("examples");
  const double chance = 1.0 / static_cast<double>(options_.dataset_card->classes);
  const double spread = std::sqrt(chance * (1 - chance) / examples);
  const double accuracy = test.at("top1_correct").get<double>() / examples;
  if (test.at("loss").is_null()) {
    mistrust_ = where + "the test loss is not finite";
  } else if (point.at("layer_collapse").get<bool>()) {
    mistrust_ = where + "a prunable layer has nothing kept";
  } else if (const json& deviation = point.at("counts").at("exact_k_deviation");
             point.at("structure") == "unstructured" && !deviation.is_null() && deviation != 0) {
    mistrust_ = where + fmt::format("{} weights kept, {} of them off the density asked for",
                                    point.at("counts").at("kept_prunable").get<int64_t>(),
                                    deviation.get<int64_t>());
  } else if (accuracy < chance + 3 * spread) {
    mistrust_ =
        where +
        fmt::format("accuracy {:.2f} % is within three standard errors of chance ({:.2f} %)",
                    100 * accuracy, 100 * chance);
  }
}

void HarnessLab::measure(std::string_view name, double value, std::string_view unit, double at) {
  const auto found = std::find_if(measures_.begin(), measures_.end(),
                                  [&](const json& m) { return m.at("name") == name; });
  json& series =
      found == measures_.end()
          ? measures_.emplace_back(json{{"name", name}, {"unit", unit}, {"points", json::array()}})
          : *found;
  json point{{"at", at}, {"value", nullptr}};
  if (std::isfinite(value)) point["value"] = value;
  series["points"].push_back(point);
}

json HarnessLab::results() const {
  return {{"points", points_}, {"measures", measures_}, {"curves", curves_}};
}

json HarnessLab::timing() const {
  json rate = nullptr;
  json waited = nullptr;
  if (spent_.train_seconds > 0) {
    rate = static_cast<double>(spent_.examples) / spent_.train_seconds;
    waited = spent_.wait_seconds / spent_.train_seconds;
  }
  return {{"seconds", active_seconds()},
          {"points", point_seconds_},
          {"images_per_second", rate},
          {"wait_fraction", waited}};
}

}  // namespace ticketbench
