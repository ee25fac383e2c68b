#include "suites/harness/dry_lab.hpp"

#include "suites/harness/loader.hpp"
#include "suites/harness/trainer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace ticketbench {
namespace {

int64_t train_size(const Recipe& recipe, const DatasetCard& dataset) {
  const int64_t all = recipe.train_examples == 0
                          ? dataset.train_examples
                          : std::min(recipe.train_examples, dataset.train_examples);
  return all - recipe.validation_examples;
}

int64_t test_size(const Recipe& recipe, const DatasetCard& dataset) {
  return recipe.test_examples == 0 ? dataset.test_examples
                                   : std::min(recipe.test_examples, dataset.test_examples);
}

}  // namespace

DryLab::DryLab(Architecture model, const Architecture* source, const Recipe& recipe,
               const DatasetCard& dataset)
    : model_(std::move(model)), source_(source), recipe_(recipe), dataset_(dataset) {}

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
  const NetPtr made = net(*source_, "init");
  return {.architecture = *source_,
          .prunable = made->prunable_names(),
          .mask = MaskSet::ones(*made),
          .rewind_to = made->snapshot(),
          .trained = made->snapshot()};
}

Batch DryLab::batch(std::string_view, int64_t) {
  return {torch::zeros({2, dataset_.input.channels, dataset_.input.height, dataset_.input.width}),
          torch::zeros({2}, torch::kInt64)};
}

std::vector<Batch> DryLab::batches(int64_t count, const Draw& draw) {
  cost_.train_examples +=
      count * (draw.batch_size > 0 ? draw.batch_size : phase("train").batch_size);
  cost_.macs += 3 * mac_count(model_) * count *
                (draw.batch_size > 0 ? draw.batch_size : phase("train").batch_size);
  return std::vector<Batch>(static_cast<size_t>(count), batch("", 0));
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

const Phase& DryLab::phase(std::string_view name) const {
  const auto it = recipe_.phases.find(std::string(name));
  if (it == recipe_.phases.end()) {
    std::vector<std::string> names;
    for (const auto& [key, value] : recipe_.phases) names.push_back(key);
    throw std::invalid_argument(
        fmt::format("recipe {}: {}", recipe_.name, unknown_name("phase", name, names)));
  }
  return it->second;
}

int64_t DryLab::iterations_per_epoch(std::string_view name) {
  return batches_per_epoch(train_size(recipe_, dataset_), phase(name).batch_size,
                           recipe_.last_batch);
}

int64_t DryLab::iterations(std::string_view name) {
  return phase_iterations(phase(name), iterations_per_epoch(name));
}

void DryLab::count_evaluation(const Net& net, int64_t examples) {
  cost_.test_examples += examples;
  cost_.macs += mac_count(net.architecture()) * examples;
}

void DryLab::train(Net& net, MaskSet&, const Span& span, const Hooks&) {
  const int64_t end = iterations(span.phase);
  const int64_t to = span_end(span, end);
  const int64_t steps = to - span.from;
  const int64_t images =
      steps * std::min(phase(span.phase).batch_size, train_size(recipe_, dataset_));
  cost_.iterations += steps;
  cost_.train_examples += images;
  cost_.macs += 3 * mac_count(net.architecture()) * images;
  cost_.journal_bytes += 8 * parameter_count(net.architecture());
  if (recipe_.evaluation == EvaluationTime::each_epoch || recipe_.selection != Selection::final) {
    const int64_t epoch = iterations_per_epoch(span.phase);
    const int64_t last = to == end && steps > 0 && end % epoch != 0 ? 1 : 0;  // not a whole one
    count_evaluation(net, (to / epoch - span.from / epoch + last) *
                              (test_size(recipe_, dataset_) + recipe_.validation_examples));
  }
}

std::shared_ptr<Sgd> DryLab::optimizer(const std::vector<torch::Tensor>& tensors,
                                       const SgdSettings& settings) {
  return std::make_shared<Sgd>(tensors, settings);
}

Accuracy DryLab::evaluate(const Net& net, Split split) {
  const int64_t examples = split == Split::train        ? train_size(recipe_, dataset_)
                           : split == Split::validation ? recipe_.validation_examples
                                                        : test_size(recipe_, dataset_);
  count_evaluation(net, examples);
  return {.examples = examples};
}

void DryLab::record(const Net& net, const MaskSet& mask, int64_t level,
                    const RecordOptions& options) {
  check_mask(net, mask);
  count_evaluation(net, test_size(recipe_, dataset_) + recipe_.validation_examples);
  if (std::find(cost_.levels.begin(), cost_.levels.end(), level) != cost_.levels.end()) {
    throw std::invalid_argument(fmt::format("level {} is recorded twice", level));
  }
  cost_.levels.push_back(level);
  const int64_t weights = 4 * parameter_count(net.architecture());
  cost_.ticket_bytes = std::max(cost_.ticket_bytes,
                                mask.total() + weights + (options.rewind_to.empty() ? 0 : weights));
}

}  // namespace ticketbench
