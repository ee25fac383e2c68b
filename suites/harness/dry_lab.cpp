#include "suites/harness/dry_lab.hpp"

#include "core/widths.hpp"
#include "suites/harness/loader.hpp"
#include "suites/harness/trainer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace ticketbench {
namespace {

bool same(const Architecture& a, const Architecture& b) {
  return nlohmann::json(a) == nlohmann::json(b);
}

// What a narrowed network stands for: its share of the narrowed model, of the true one.
int64_t by_share(int64_t whole, int64_t part, int64_t narrowed_whole) {
  return std::llround(static_cast<double>(whole) *
                      (static_cast<double>(part) / static_cast<double>(narrowed_whole)));
}

}  // namespace

std::vector<int64_t> RunCost::levels() const {
  std::vector<int64_t> result;
  for (const Outline& ticket : tickets) result.push_back(ticket.level);
  return result;
}

const RunCost::Outline& RunCost::ticket(const std::optional<int64_t>& level) const {
  for (const Outline& ticket : tickets) {
    if (level ? ticket.level == *level : &ticket == &tickets.back()) return ticket;
  }
  throw std::invalid_argument(fmt::format("level {} found; the source records the levels {}",
                                          level ? std::to_string(*level) : "last",
                                          fmt::join(levels(), ", ")));
}

DryLab::DryLab(Architecture model, const RunCost* source, std::optional<int64_t> level,
               const Recipe& recipe, const DatasetCard& dataset, double width)
    : model_(std::move(model)),
      shown_(narrowed(model_, width)),
      source_(source),
      level_(level),
      recipe_(recipe),
      dataset_(dataset),
      width_(width) {}

double DryLab::macs(const Architecture& shown) const {
  return static_cast<double>(by_share(mac_count(model_), mac_count(shown), mac_count(shown_)));
}

int64_t DryLab::parameters(const Architecture& shown) const {
  return by_share(parameter_count(model_), parameter_count(shown), parameter_count(shown_));
}

const RunCost& DryLab::cost() const {
  if (width_ != 1 && !model_alone_)
    throw std::invalid_argument("a narrowed lab recorded a network that isn't the model");
  return cost_;
}

NetPtr DryLab::empty_net(const Architecture& architecture, std::vector<std::string> prunable) {
  return std::make_shared<Net>(architecture, std::move(prunable), torch::kCPU);
}

NetPtr DryLab::net(const Architecture& architecture, std::string_view) {
  return empty_net(architecture, prunable_names(architecture, recipe_.prunable));
}

Ticket DryLab::source(int64_t level) {
  if (source_ == nullptr)
    throw std::invalid_argument(
        "this run has no source: name one in the suite (\"source\": {\"run\": ...})");
  cost_.source_levels.insert(level);
  const RunCost::Outline& outline =
      source_->ticket(level == kSourceLevel ? level_ : std::optional(level));
  const Architecture shown = narrowed(outline.architecture, width_);
  const NetPtr made = net(shown, "init");
  return {.architecture = shown,
          .prunable = made->prunable_names(),
          .mask = MaskSet::ones(*made),
          .rewind_to = outline.has_rewind ? made->snapshot() : State{},
          .rewind_iteration = outline.rewind_iteration,
          .trained = made->snapshot(),
          .extra = outline.extra.clone(),
          .level = outline.level};
}

Batch DryLab::batch(std::string_view, int64_t, std::string_view) {
  return {torch::zeros({2, dataset_.input.channels, dataset_.input.height, dataset_.input.width}),
          torch::zeros({2}, torch::kInt64)};
}

std::vector<Batch> DryLab::batches(int64_t count, const Draw& draw) {
  const int64_t images =
      count * (draw.batch_size > 0 ? draw.batch_size : recipe_.phase("train").batch_size);
  cost_.train_examples += images;
  cost_.macs += 3 * macs(shown_) * static_cast<double>(images);
  return std::vector<Batch>(static_cast<size_t>(count), batch("", 0, "train"));
}

// Not the network: only something every parameter has a (zero) gradient of.
torch::Tensor DryLab::logits(const Net& net, const Batch& batch, BnMode,
                             const EffectiveWeight& effective) {
  torch::Tensor sum = torch::zeros({});
  for (const auto& [name, w] : net.parameters())
    sum = sum + ((effective ? effective(name, w) : w) * 0).sum().to(torch::kFloat32);
  return torch::zeros({batch.labels.size(0), net.architecture().classes()}) + sum;
}

Rng DryLab::rng(std::string_view stream, int64_t index) {
  return Stream(0, stream).at(0, static_cast<uint64_t>(index));
}

int64_t DryLab::iterations_per_epoch(std::string_view name) {
  return batches_per_epoch(recipe_.train_size(dataset_.train_examples),
                           recipe_.phase(name).batch_size, recipe_.last_batch);
}

int64_t DryLab::iterations(std::string_view name) {
  return phase_iterations(recipe_.phase(name), iterations_per_epoch(name));
}

void DryLab::count_evaluation(const Net& net, int64_t examples) {
  cost_.test_examples += examples;
  cost_.macs += macs(net.architecture()) * static_cast<double>(examples);
}

void DryLab::check_fits(const Net& net) const {
  const Architecture& a = net.architecture();
  if (a.classes() == dataset_.classes && a.input == dataset_.input) return;
  throw std::invalid_argument(fmt::format(
      "a network of {} classes on {}x{}x{} images is trained on {}, which has {} "
      "classes of {}x{}x{}: the source is of another dataset",
      a.classes(), a.input.channels, a.input.height, a.input.width, dataset_.name, dataset_.classes,
      dataset_.input.channels, dataset_.input.height, dataset_.input.width));
}

void DryLab::train(Net& net, MaskSet&, const Span& span, const Hooks&) {
  check_fits(net);
  const int64_t end = iterations(span.phase);
  const int64_t to = span_end(span, end);
  const int64_t steps = to - span.from;
  if (steps == 0) return;
  const int64_t images = steps * std::min(recipe_.phase(span.phase).batch_size,
                                          recipe_.train_size(dataset_.train_examples));
  cost_.iterations += steps;
  cost_.train_examples += images;
  cost_.macs += 3 * macs(net.architecture()) * static_cast<double>(images);
  // Weights and momentum; where an epoch is selected its weights as well.
  cost_.journal_bytes +=
      (recipe_.selection == Selection::final ? 8 : 12) * parameters(net.architecture());
  if (recipe_.evaluation == EvaluationTime::each_epoch || recipe_.selection != Selection::final) {
    const int64_t epoch = iterations_per_epoch(span.phase);
    const int64_t last = to == end && steps > 0 && end % epoch != 0 ? 1 : 0;  // not a whole one
    count_evaluation(net,
                     (to / epoch - span.from / epoch + last) *
                         (recipe_.test_size(dataset_.test_examples) + recipe_.validation_examples));
  }
}

std::shared_ptr<Sgd> DryLab::optimizer(const std::vector<torch::Tensor>& tensors,
                                       const SgdSettings& settings) {
  return std::make_shared<Sgd>(tensors, settings);
}

Accuracy DryLab::evaluate(const Net& net, Split split) {
  const int64_t examples = split == Split::train ? recipe_.train_size(dataset_.train_examples)
                           : split == Split::validation ? recipe_.validation_examples
                                                        : recipe_.test_size(dataset_.test_examples);
  count_evaluation(net, examples);
  return {.examples = examples};
}

void DryLab::record(const Net& net, const MaskSet& mask, int64_t level,
                    const RecordOptions& options) {
  check_fits(net);
  check_mask(net, mask);
  count_evaluation(net, recipe_.test_size(dataset_.test_examples) + recipe_.validation_examples);
  for (const RunCost::Outline& before : cost_.tickets) {
    if (before.level == level)
      throw std::invalid_argument(fmt::format("level {} is recorded twice", level));
  }
  const bool own = same(net.architecture(), shown_);
  model_alone_ = model_alone_ && own;
  RunCost::Outline outline{.level = level,
                           .architecture = own ? model_ : net.architecture(),
                           .density = mask.density(),
                           .asked_density = options.density,
                           .rewind_iteration = options.rewind_iteration,
                           .has_rewind = !options.rewind_to.empty(),
                           .extra = {}};
  for (const auto& [name, t] : options.extra)
    outline.extra[name] = torch::zeros({}, t.options()).expand(t.sizes());
  cost_.tickets.push_back(std::move(outline));
  const int64_t weights = 4 * parameters(net.architecture());
  const int64_t masked =
      by_share(parameters(net.architecture()), mask.total(), parameter_count(net.architecture()));
  cost_.ticket_bytes =
      std::max(cost_.ticket_bytes, masked + weights + (options.rewind_to.empty() ? 0 : weights));
}

}  // namespace ticketbench
