#include "core/tests/fake_lab.hpp"

#include "core/model.hpp"
#include "core/score.hpp"
#include "core/select.hpp"
#include "core/sha256.hpp"

#include <ATen/Parallel.h>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace ticketbench {
namespace {

constexpr PrunableRule kEverything{.classifier = true};

// One thread: the nets are too small for more, and sums have one order.
struct OneThread {
  OneThread() { at::set_num_threads(1); }
};
BOOST_TEST_GLOBAL_FIXTURE(OneThread);

// One iteration of the loop, as hooks see it.
class Step : public TrainStep {
 public:
  Step(Net& step_net, MaskSet& step_mask) : TrainStep(step_net, step_mask), mask_(step_mask) {
    for (const auto& [name, w] : step_net.parameters())
      momenta[name] = torch::zeros_like(w.detach());
  }
  void apply(const MaskSet& next) override {
    check_mask(net, next);
    const torch::NoGradGuard no_grad;
    for (const auto& [name, m] : next) {
      const torch::Tensor fresh = mask_.at(name).logical_and(m).logical_not();
      torch::Tensor(net.parameters().at(name)).masked_fill_(fresh, 0);
      torch::Tensor(momenta.at(name)).masked_fill_(fresh, 0);
    }
    mask_ = next;
  }
  [[nodiscard]] torch::Tensor momentum(const std::string& name) const override {
    return momenta.at(name);
  }
  void enforce() {
    const torch::NoGradGuard no_grad;
    for (const auto& [name, m] : mask_) {
      torch::Tensor(net.parameters().at(name)).masked_fill_(m.logical_not(), 0);
      torch::Tensor(momenta.at(name)).masked_fill_(m.logical_not(), 0);
    }
  }
  NamedTensors momenta;

 private:
  MaskSet& mask_;
};

}  // namespace

FakeLab::FakeLab(Architecture architecture, uint64_t seed)
    : architecture_(std::move(architecture)), seed_(seed) {}

NetPtr FakeLab::empty_net(const Architecture& architecture, std::vector<std::string> prunable) {
  return std::make_shared<Net>(architecture, std::move(prunable), torch::kCPU);
}

NetPtr FakeLab::net(const Architecture& architecture, std::string_view stream) {
  nets.emplace_back(stream);
  NetPtr made = empty_net(architecture, prunable_names(architecture, kEverything));
  initialise(*made, Stream(seed_, stream), Initialisation::kaiming_fan_out, NormScale::one);
  if (stream == "init" && first) made->load(*first);
  return made;
}

Ticket FakeLab::source(int64_t level) {
  source_levels.push_back(level);
  if (!tickets) throw std::invalid_argument("the test gave no source");
  return tickets(level);
}

Batch FakeLab::batch(std::string_view stream, int64_t iteration, std::string_view) {
  if (!data.empty()) return data[static_cast<size_t>(iteration) % data.size()];
  constexpr int64_t kImages = 8;
  Rng numbers = Stream(seed_, stream).at(1, static_cast<uint64_t>(iteration));
  const InputShape& in = architecture_.input;
  Batch made{torch::empty({kImages, in.channels, in.height, in.width}),
             torch::arange(kImages) % architecture_.classes()};
  auto* pixel = made.images.mutable_data_ptr<float>();
  for (int64_t i = 0; i < made.images.numel(); ++i)
    *pixel++ = static_cast<float>(numbers.uniform() - 0.5);
  return made;
}

std::vector<Batch> FakeLab::batches(int64_t count, const Draw& draw) {
  std::vector<Batch> result;
  for (int64_t i = 0; i < count; ++i) result.push_back(batch(draw.stream, i, "train"));
  return result;
}

torch::Tensor FakeLab::logits(const Net& net, const Batch& batch, BnMode mode,
                              const EffectiveWeight& effective) {
  return net.forward(batch.images, mode == BnMode::train ? BnMode::batch_only : mode, effective);
}

Rng FakeLab::rng(std::string_view stream, int64_t index) {
  streams.emplace(stream);
  return Stream(seed_, stream).at(0, static_cast<uint64_t>(index));
}

void FakeLab::train(Net& net, MaskSet& mask, const Span& span, const Hooks& hooks) {
  const int64_t end = iterations(span.phase);
  Training training{span.phase, span.from, span.to.value_or(end), mask, net.snapshot(), State{}};
  check_mask(net, mask);
  apply_mask(net, mask);
  if (on_train) on_train(net, training);

  Step step(net, mask);
  step.iterations = end;
  bool go_on = !on_train;
  for (int64_t i = span.from; go_on && i < training.to; ++i) {
    const Batch next = batch(span.phase, i, span.phase);
    step.iteration = i;
    step.epoch = i / epoch;
    step.batch = &next;
    step.loss = torch::Tensor();
    if (hooks.before_forward) hooks.before_forward(step);
    net.zero_grad();
    for (const ParameterGroup& group : hooks.parameters) {
      for (torch::Tensor t : group.tensors) t.mutable_grad() = torch::Tensor();
    }
    step.loss = torch::cross_entropy_loss(
        net.forward(next.images, BnMode::train, hooks.effective_weight), next.labels);
    step.loss.backward();
    if (watch) {
      NamedTensors gradients;
      for (const auto& [name, w] : net.parameters())
        gradients[name] = w.grad().defined() ? w.grad().clone() : torch::zeros_like(w.detach());
      watched.push_back({i, step.mask, net.snapshot(), gradients, MaskSet(), State()});
    }
    // As the trainer does: who doesn't ask doesn't see them.
    if (!hooks.needs_dense_gradient || !hooks.needs_dense_gradient(i)) {
      for (const auto& [name, m] : step.mask) {
        torch::Tensor gradient = net.parameters().at(name).grad();
        if (gradient.defined()) gradient.masked_fill_(m.logical_not(), 0);
      }
    }
    Update update = hooks.after_backward ? hooks.after_backward(step) : Update::apply;
    if (update != Update::skip) {
      const torch::NoGradGuard no_grad;
      for (const auto& [name, w] : net.parameters()) {
        if (!w.grad().defined() || (hooks.frozen && hooks.frozen(name))) continue;
        torch::Tensor momentum = step.momenta.at(name);
        momentum.mul_(0.9).add_(w.grad());
        torch::Tensor(w).sub_(0.05 * momentum);
      }
      for (const ParameterGroup& group : hooks.parameters) {
        for (torch::Tensor t : group.tensors)
          if (t.grad().defined()) t.sub_(0.05 * t.grad());
      }
      step.enforce();
    }
    if (hooks.after_step) hooks.after_step(step);
    go_on = update != Update::stop;
    if (((i + 1) % epoch == 0 || i + 1 == end) && hooks.after_epoch)
      go_on = hooks.after_epoch(step) != Update::stop && go_on;
    step.enforce();
    if (watch) {
      watched.back().mask_after = step.mask;
      watched.back().weights_after = net.snapshot();
    }
  }
  step.enforce();
  net.zero_grad();
  training.after = net.snapshot();
  trainings.push_back(std::move(training));
}

void FakeLab::rewind(Net& net, const State& state) {
  net.load(state);
  rewinds.push_back(state.clone());
}

std::shared_ptr<Sgd> FakeLab::optimizer(const std::vector<torch::Tensor>& tensors,
                                        const SgdSettings& settings) {
  return std::make_shared<Sgd>(tensors, settings);
}

Accuracy FakeLab::evaluate(const Net&, Split) {
  return {.examples = 100, .top1_correct = 50, .top5_correct = 100, .loss = 1};
}

void FakeLab::record(const Net& net, const MaskSet& mask, int64_t level,
                     const RecordOptions& options) {
  check_mask(net, mask);
  RecordOptions copy = options;
  copy.rewind_to = options.rewind_to.clone();
  copy.extra = options.extra.clone();
  records.push_back({level, net.architecture(), mask, net.snapshot(), std::move(copy)});
}

Architecture linear_architecture(const std::vector<int64_t>& widths) {
  Architecture a{.model = "linear", .input = {widths.front(), 1, 1}};
  for (size_t i = 1; i < widths.size(); ++i) {
    a.classifier.push_back({.name = fmt::format("fc{}", i),
                            .in = widths[i - 1],
                            .out = widths[i],
                            .bias = false,
                            .relu = i + 1 < widths.size()});
  }
  return a;
}

Architecture small_resnet() {
  return make_architecture("resnet8", {.input = {3, 8, 8}, .classes = 4});
}

Ticket made_ticket(const Architecture& architecture, int64_t level, double density, uint64_t seed) {
  FakeLab lab(architecture, seed);
  const NetPtr before = lab.net(architecture, "before");
  const NetPtr after = lab.net(architecture, "after");
  Ticket ticket{.architecture = architecture,
                .prunable = after->prunable_names(),
                .mask = keep_top(magnitude(*after), density, Scope::global, MaskSet::ones(*after)),
                .rewind_to = before->snapshot(),
                .rewind_iteration = 2,
                .level = level};
  apply_mask(*after, ticket.mask);
  ticket.trained = after->snapshot();
  return ticket;
}

void run_method(Lab& lab, const std::string& method, const nlohmann::json& fields) {
  const auto made = make_method(method);
  if (!fields.is_null()) read_fields([&](Fields& f) { made->fields(f); }, fields, "");
  made->run(lab);
}

torch::Tensor sorted_top(const torch::Tensor& values, const torch::Tensor& candidates,
                         int64_t count) {
  std::vector<int64_t> places;
  for (int64_t i = 0; i < values.numel(); ++i) {
    if (candidates[i].item<bool>()) places.push_back(i);
  }
  std::stable_sort(places.begin(), places.end(), [&](int64_t a, int64_t b) {
    return values[a].item<double>() > values[b].item<double>();
  });
  torch::Tensor top = torch::zeros(values.sizes(), torch::kBool);
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) top[places.at(i)] = true;
  return top;
}

bool same(const NamedTensors& a, const NamedTensors& b) {
  if (a.names() != b.names()) return false;
  return std::all_of(a.begin(), a.end(), [&](const NamedTensors::Item& item) {
    return torch::equal(item.second, b.at(item.first));
  });
}

std::string hash_of(const NamedTensors& tensors) {
  Sha256 hash;
  for (const auto& [name, t] : tensors) {
    const torch::Tensor bytes = t.detach().contiguous();
    hash.update(name);
    hash.update({static_cast<const char*>(bytes.data_ptr()), bytes.nbytes()});
  }
  return hash.hex();
}

}  // namespace ticketbench
