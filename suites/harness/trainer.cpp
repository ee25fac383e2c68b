#include "suites/harness/trainer.hpp"

#include "suites/harness/operating_point.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace ticketbench {

int64_t phase_iterations(const Phase& phase, int64_t batches_per_epoch) {
  return to_iterations(phase.length, 0, batches_per_epoch);
}

int64_t span_end(const Span& span, int64_t iterations) {
  const int64_t to = span.to.value_or(iterations);
  if (span.from < 0 || span.from > to || to > iterations) {
    throw std::invalid_argument(
        fmt::format("iterations [{}, {}) of phase {} were asked for; it has {}", span.from, to,
                    span.phase, iterations));
  }
  return to;
}

class Trainer::Step : public TrainStep {
 public:
  explicit Step(Trainer& trainer) : TrainStep(trainer.net_, trainer.mask_), trainer_(trainer) {}
  void apply(const MaskSet& next) override { trainer_.change_mask(next); }
  [[nodiscard]] torch::Tensor momentum(const std::string& name) const override {
    return trainer_.session_.momenta.at(name);
  }
  Update update = Update::apply;

 private:
  Trainer& trainer_;
};

Trainer::Trainer(TrainerOptions options, Net& net, MaskSet& mask, const Hooks& hooks,
                 Session& session, Spent& spent)
    : options_(std::move(options)),
      net_(net),
      mask_(mask),
      hooks_(hooks),
      session_(session),
      spent_(spent),
      iterations_(0),
      per_epoch_(Loader(options_.loader, options_.order, options_.augment).batches_per_epoch()),
      last_report_(std::chrono::steady_clock::now()) {
  iterations_ = phase_iterations(*options_.phase, per_epoch_);
  check_mask(net_, mask_);
  build_groups();
  rebuild_masks();
  enforce_mask();
  if (!session_.sums.defined()) {
    session_.sums =
        torch::zeros({3}, torch::TensorOptions().dtype(torch::kFloat64).device(net_.device()));
  }
}

// Parameters by what decays; momenta are those of the session, so they outlive this object.
void Trainer::build_groups() {
  std::vector<torch::Tensor> decayed;
  std::vector<torch::Tensor> exempt;
  std::vector<std::string> decayed_names;
  std::vector<std::string> exempt_names;
  const Optimizer& o = options_.phase->optimizer;
  for (const auto& [name, w] : net_.parameters()) {
    if (hooks_.frozen && hooks_.frozen(name)) continue;
    bool decays = true;
    if (w.dim() == 1) {
      const std::string weight = name.substr(0, name.rfind('.')) + ".weight";
      const bool is_norm = net_.parameters().at(weight).dim() == 1;
      decays = is_norm ? o.decay_norms : o.decay_biases;
    }
    (decays ? decayed : exempt).push_back(w);
    (decays ? decayed_names : exempt_names).push_back(name);
  }
  const auto add = [&](const std::vector<torch::Tensor>& tensors,
                       const std::vector<std::string>& names, double decay) {
    if (tensors.empty()) return;
    groups_.push_back(
        {Sgd(tensors, {o.learning_rate, o.momentum, o.nesterov, decay}), std::nullopt});
    const std::vector<torch::Tensor>& momenta = groups_.back().sgd.momenta();
    for (size_t i = 0; i < names.size(); ++i) {
      if (session_.momenta.contains(names[i]))
        torch::Tensor(momenta[i]).copy_(session_.momenta.at(names[i]));
      session_.momenta[names[i]] = momenta[i];
    }
  };
  add(decayed, decayed_names, o.weight_decay);
  add(exempt, exempt_names, 0);

  const torch::NoGradGuard no_grad;
  for (size_t g = 0; g < hooks_.parameters.size(); ++g) {
    const ParameterGroup& group = hooks_.parameters[g];
    groups_.push_back({Sgd(group.tensors, group.settings), group.schedule});
    const std::vector<torch::Tensor>& momenta = groups_.back().sgd.momenta();
    for (size_t i = 0; i < group.tensors.size(); ++i) {
      const std::string key = fmt::format("{}/{}", g, i);
      if (session_.group_momenta.contains(key) &&
          session_.group_momenta.at(key).sizes() == momenta[i].sizes())
        torch::Tensor(momenta[i]).copy_(session_.group_momenta.at(key));
      session_.group_tensors[key] = group.tensors[i];
      session_.group_momenta[key] = momenta[i];
    }
  }
}

void Trainer::rebuild_masks() {
  sparse_weights_.clear();
  sparse_momenta_.clear();
  pruned_.clear();
  for (const auto& [name, m] : mask_) {
    if (m.all().item<bool>()) continue;
    const torch::Tensor& w = net_.parameters().at(name);
    sparse_weights_.push_back(w);
    // A frozen weight has no momentum; a tensor of its own keeps the lists parallel.
    if (!session_.momenta.contains(name)) session_.momenta[name] = torch::zeros_like(w.detach());
    sparse_momenta_.push_back(session_.momenta.at(name));
    // In the weight's memory format: one pass without strides.
    pruned_.push_back(
        torch::empty_like(w.detach(), w.options().dtype(torch::kBool)).copy_(m.logical_not()));
  }
  macs_per_image_ = kept_macs(net_.architecture(), mask_);
}

void Trainer::enforce_mask() {
  const torch::NoGradGuard no_grad;
  // Filled and not multiplied: nothing times infinity is not zero.
  for (size_t i = 0; i < pruned_.size(); ++i) {
    sparse_weights_[i].masked_fill_(pruned_[i], 0);
    sparse_momenta_[i].masked_fill_(pruned_[i], 0);
  }
}

void Trainer::mask_gradients() {
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < pruned_.size(); ++i) {
    torch::Tensor gradient = sparse_weights_[i].grad();
    if (gradient.defined()) gradient.masked_fill_(pruned_[i], 0);
  }
}

void Trainer::change_mask(const MaskSet& next) {
  check_mask(net_, next);
  const torch::NoGradGuard no_grad;
  for (const auto& [name, m] : next) {
    const torch::Tensor fresh = mask_.at(name).logical_and(m).logical_not();
    torch::Tensor w = net_.parameters().at(name);
    // Whatever isn't kept before and after starts from (or ends at) nothing.
    w.masked_fill_(fresh, 0);
    if (session_.momenta.contains(name))
      torch::Tensor(session_.momenta.at(name)).masked_fill_(fresh, 0);
  }
  if (!(mask_ == next)) {
    mask_ = next;
    rebuild_masks();
    if (options_.recipe->select_after_last_mask_change) {
      session_.best_score = -1;
      session_.best_epoch = 0;
    }
  }
}

bool Trainer::dense_gradient(int64_t iteration) const {
  return hooks_.needs_dense_gradient && hooks_.needs_dense_gradient(iteration);
}

// One iteration; false where a hook ends the phase.
bool Trainer::iterate(Prefetcher& batches, Step& step) {
  const Batch batch = batches.next();
  step.batch = &batch;
  step.loss = torch::Tensor();
  if (hooks_.before_forward) hooks_.before_forward(step);

  for (Group& group : groups_) group.sgd.zero_grad();
  net_.zero_grad();
  const torch::Tensor logits = net_.forward(batch.images, BnMode::train, hooks_.effective_weight);
  step.loss = at::cross_entropy_loss(logits, batch.labels, {}, at::Reduction::Mean, -100,
                                     options_.recipe->label_smoothing);
  step.loss.backward();
  {
    const torch::NoGradGuard no_grad;
    const auto n = static_cast<double>(batch.labels.size(0));
    session_.sums.add_(torch::stack({step.loss.detach().to(torch::kFloat64) * n,
                                     (logits.argmax(1) == batch.labels).sum().to(torch::kFloat64),
                                     torch::scalar_tensor(n, session_.sums.options())}));
  }
  spent_.iterations += 1;
  spent_.examples += batch.labels.size(0);
  spent_.macs += static_cast<double>(3 * macs_per_image_ * batch.labels.size(0));

  // Gradients of pruned weights are there only for hooks that ask for them: another engine need not
  // compute them.
  const bool dense = dense_gradient(step.iteration);
  if (!dense) mask_gradients();
  Update update = hooks_.after_backward ? hooks_.after_backward(step) : Update::apply;
  if (update != Update::skip) {
    if (!dense && hooks_.after_backward) mask_gradients();  // the mask may just have changed
    for (Group& group : groups_) {
      const double factor = group.schedule
                                ? group.schedule->factor(step.iteration, iterations_, per_epoch_)
                                : step.rate_factor;
      group.sgd.step(factor);
    }
  }
  // These may have moved pruned weights; without them the step leaves zeros as they are.
  if (dense || hooks_.before_forward || hooks_.after_backward) enforce_mask();
  if (hooks_.after_step) {
    hooks_.after_step(step);
    enforce_mask();
  }
  step.batch = nullptr;
  return update != Update::stop;
}

void Trainer::end_epoch(Step& step, nlohmann::json& epochs) {
  const torch::Tensor sums = session_.sums.to(torch::kCPU);
  const double examples = sums[2].item<double>();
  const double loss = sums[0].item<double>() / examples;
  nlohmann::json row{{"epoch", step.epoch + 1},
                     {"iteration", step.iteration + 1},
                     {"learning_rate", step.rate_factor * options_.phase->optimizer.learning_rate},
                     {"train_loss", nullptr},
                     {"train_examples", static_cast<int64_t>(examples)},
                     {"train_correct", sums[1].item<int64_t>()},
                     {"test", nullptr},
                     {"val", nullptr}};
  if (std::isfinite(loss)) row["train_loss"] = loss;
  session_.sums.zero_();

  const Recipe& recipe = *options_.recipe;
  const bool judge =
      recipe.evaluation == EvaluationTime::each_epoch || recipe.selection != Selection::final;
  double score = -1;
  const auto evaluate = [&](const EvaluationSet* set, const char* key, bool selects) {
    if (!judge || set == nullptr) return;
    const Accuracy e = predict(net_, *set, hooks_.effective_weight).evaluation;
    row[key] = to_json(e);
    if (selects) score = e.top1();
  };
  evaluate(options_.validation, "val", recipe.selection == Selection::best_val);
  evaluate(options_.test, "test", recipe.selection == Selection::best_test);
  epochs.push_back(row);

  if (recipe.selection != Selection::final && score > session_.best_score) {
    session_.best_score = score;
    session_.best_epoch = step.epoch + 1;
    session_.best_state = net_.snapshot();
    session_.best_mask = mask_;
    session_.best_group_tensors = session_.group_tensors.clone();
    if (options_.own) session_.best_own = options_.own().clone();
  }
}

void Trainer::report(const Step& step) {
  if (!options_.progress) return;
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - last_report_).count();
  if (seconds < 0.5) return;
  const torch::Tensor sums = session_.sums.to(torch::kCPU);
  const double examples = std::max(1.0, sums[2].item<double>());
  const auto steps = static_cast<double>(step.iteration + 1 - reported_iteration_);
  options_.progress(
      {.phase = session_.phase,
       .iteration = step.iteration + 1,
       .iterations = iterations_,
       .iterations_per_epoch = per_epoch_,
       .loss = sums[0].item<double>() / examples,
       .accuracy = sums[1].item<double>() / examples,
       .images_per_second = steps * static_cast<double>(options_.loader.batch_size) / seconds});
  last_report_ = now;
  reported_iteration_ = step.iteration + 1;
}

void Trainer::run(int64_t to, nlohmann::json& epochs) {
  const auto start = std::chrono::steady_clock::now();
  const double spent_before = spent_.train_seconds;
  const double wait_before = spent_.wait_seconds;
  double other_seconds = 0;  // evaluating, hooks between epochs, saving
  const auto apart = [&](const auto& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    other_seconds += took.count();
    last_report_ += std::chrono::duration_cast<std::chrono::steady_clock::duration>(took);
  };
  Prefetcher batches(Loader(options_.loader, options_.order, options_.augment), session_.next, to);
  Step step(*this);
  step.iterations = iterations_;
  reported_iteration_ = session_.next;
  while (session_.next < to && !session_.stopped) {
    step.iteration = session_.next;
    step.epoch = step.iteration / per_epoch_;
    step.rate_factor = options_.phase->schedule.factor(step.iteration, iterations_, per_epoch_);
    bool go_on = iterate(batches, step);
    report(step);
    if ((step.iteration + 1) % per_epoch_ == 0 || step.iteration + 1 == iterations_ || !go_on) {
      apart([&] {
        end_epoch(step, epochs);
        if (hooks_.after_epoch) {
          go_on = hooks_.after_epoch(step) != Update::stop && go_on;
          enforce_mask();
        }
      });
    }
    session_.next += 1;
    session_.stopped = !go_on;
    spent_.train_seconds =
        spent_before +
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() -
        other_seconds;
    spent_.wait_seconds = wait_before + batches.waited_seconds();
    if (options_.checkpoint) apart(options_.checkpoint);
  }
  const bool phase_ends = session_.next == iterations_ || session_.stopped;
  if (phase_ends && session_.best_epoch > 0) {
    net_.load(session_.best_state);
    mask_ = session_.best_mask;
    const torch::NoGradGuard no_grad;
    for (const auto& [name, t] : session_.best_group_tensors)
      torch::Tensor(session_.group_tensors.at(name)).copy_(t);
    if (options_.put_back) options_.put_back(session_.best_own);
  }
}

}  // namespace ticketbench
