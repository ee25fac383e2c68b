// The hooks of training, each used as the method it was made for would use it. None of these is
// that method; each has the seam the method needs and numbers that show whether it holds.

#include "core/score.hpp"
#include "core/select.hpp"
#include "suites/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

namespace ticketbench {
namespace {

using nlohmann::json;

// 6 iterations with everything on that could bring pruned weights back.
Recipe lively_recipe() {
  Recipe recipe = toy_recipe();
  Phase& train = recipe.phases["train"];
  train.length = {6, Duration::Unit::iterations};
  train.optimizer = {.learning_rate = 0.05, .nesterov = true, .weight_decay = 1e-2};
  return recipe;
}

// Steps that can be written down: w - rate * gradient.
Recipe bare_recipe(double rate = 0.1) {
  Recipe recipe = lively_recipe();
  recipe.phases["train"].optimizer = {.learning_rate = rate, .momentum = 0, .weight_decay = 0};
  return recipe;
}

// dL / d(tensor that the forward pass uses) for each prunable weight, with nothing of the trainer.
NamedTensors gradients(const Net& net, const Batch& batch, const EffectiveWeight& effective = {}) {
  NamedTensors leaves;
  const auto leaf = [&](const std::string& name, const torch::Tensor& w) {
    const torch::Tensor used = effective ? effective(name, w) : w;
    if (w.dim() == 1 || name == "fc.weight") return used.detach();
    leaves[name] = used.detach().requires_grad_();
    return leaves[name];
  };
  const torch::Tensor loss =
      torch::cross_entropy_loss(net.forward(batch.images, BnMode::batch_only, leaf), batch.labels);
  const auto found = torch::autograd::grad({loss}, leaves.tensors());
  NamedTensors result;
  for (size_t i = 0; i < found.size(); ++i) result[leaves.names()[i]] = found[i];
  return result;
}

NamedTensors own_gradients(const Net& net) {
  NamedTensors result;
  for (const auto& [name, w] : prunable(net)) result[name] = w.grad().clone();
  return result;
}

NamedTensors momenta(const TrainStep& step) {
  NamedTensors result;
  for (const std::string& name : step.net.prunable_names())
    result[name] = step.momentum(name).clone();
  return result;
}

bool close(const torch::Tensor& a, const torch::Tensor& b) {
  return torch::allclose(a, b, 1e-4, 1e-6);
}

bool all_zero(const torch::Tensor& t) {
  return t.count_nonzero().item<int64_t>() == 0;
}

// Elements of `t` where `where`.
torch::Tensor at(const torch::Tensor& t, const torch::Tensor& where) {
  return t.detach().masked_select(where);
}

BOOST_AUTO_TEST_SUITE(hooks)

// Momentum, decay and Nesterov all move a pruned weight of an optimizer that doesn't know the mask
// Looked at when an iteration is all over, not inside a hook.
BOOST_AUTO_TEST_CASE(hard_masks_hold_at_the_end_of_every_iteration) {
  ToyLab toy(lively_recipe());
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = random_mask(*net);
  const State initial = net->snapshot();
  NamedTensors live_momenta;  // of the optimizer itself, not copies
  int64_t iterations = 0;
  toy.end_of_iteration = [&] {
    ++iterations;
    BOOST_TEST(all_zero(pruned_of(net->parameters(), mask)));
    BOOST_TEST(all_zero(pruned_of(live_momenta, mask)));
    return false;
  };
  toy.lab.train(*net, mask, {}, {.after_step = [&](TrainStep& step) {
    for (const std::string& name : net->prunable_names()) live_momenta[name] = step.momentum(name);
  }});
  BOOST_TEST(iterations == 6);
  BOOST_TEST((mask == random_mask(*net)));
  for (const auto& [name, m] : mask) {
    BOOST_TEST(!torch::equal(at(net->parameters().at(name), m), at(initial.at(name), m)));
    BOOST_TEST(!all_zero(at(live_momenta.at(name), m)));
  }
}

// Weights a hook writes where nothing is kept are gone when the iteration ends, whichever hook.
BOOST_AUTO_TEST_CASE(hard_masks_hold_against_hooks) {
  ToyLab toy(lively_recipe());
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = random_mask(*net);
  toy.end_of_iteration = [&] {
    BOOST_TEST(all_zero(pruned_of(net->parameters(), mask)));
    return false;
  };
  const auto scribble = [](TrainStep& step) {
    const torch::NoGradGuard no_grad;
    torch::Tensor(step.net.parameters().at("conv1.weight")).add_(1);
  };
  const auto scribble_on = [&](TrainStep& step) {
    scribble(step);
    return Update::apply;
  };
  toy.lab.train(*net, mask, {}, {.before_forward = scribble});
  toy.lab.train(*net, mask, {}, {.after_backward = scribble_on});
  toy.lab.train(*net, mask, {}, {.after_backward = [&](TrainStep& step) {
    scribble(step);
    return Update::skip;
  }});
  toy.lab.train(*net, mask, {}, {.after_step = scribble});
  toy.lab.train(*net, mask, {}, {.after_epoch = scribble_on});
}

// Gradients of pruned weights are zero for who doesn't ask, so that another engine need not compute
// them.
BOOST_AUTO_TEST_CASE(gradients_of_pruned_weights_are_there_for_who_asks) {
  ToyLab toy(lively_recipe());
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = random_mask(*net);
  const auto asks = [](int64_t iteration) { return iteration == 2 || iteration == 3; };
  const auto look = [&](TrainStep& step) {
    const NamedTensors found = own_gradients(step.net);
    BOOST_TEST(all_zero(pruned_of(found, step.mask)) == !asks(step.iteration));
    for (const auto& [name, m] : mask) BOOST_TEST(!all_zero(at(found.at(name), m)));
  };
  toy.lab.train(*net, mask, {},
                {.after_backward =
                     [&](TrainStep& step) {
                       look(step);
                       return Update::apply;
                     },
                 .after_step = look,
                 .needs_dense_gradient = asks});
  BOOST_TEST(all_zero(pruned_of(net->parameters(), mask)));
}

// BiP: the net is trained as mask * w on one stream of batches while all weights live on, scores of
// the method's own optimizer are moved on another stream. One step of each is written down:
//   lower: w - rate * mask * g(mask * w)      upper: s - rate * w * g(mask * w)
// A mask that is enforced on the weights loses them; a gradient that stops at the mask never moves
// the score of a pruned weight; one stream for both gives the same batch twice.
BOOST_AUTO_TEST_CASE(bip_trains_latent_weights_and_scores) {
  Recipe recipe = bare_recipe();
  recipe.evaluation = EvaluationTime::each_epoch;
  ToyLab toy(recipe);
  Lab& lab = toy.lab;
  const NetPtr net = lab.fresh_net();
  MaskSet everything = MaskSet::ones(*net);
  NamedTensors scores;
  for (const auto& [name, w] : prunable(*net))
    scores[name] = w.detach().abs().clone().requires_grad_();
  const auto optimizer =
      lab.optimizer(scores.tensors(), {.learning_rate = 0.3, .momentum = 0, .weight_decay = 0});
  MaskSet mask = keep_top(scores, 0.3, Scope::global, everything);

  const EffectiveWeight masked = [&](const std::string& name, const torch::Tensor& w) {
    return mask.contains(name) ? w * mask.at(name) : w;
  };
  // Straight through: the value of the mask, the gradient of the score; the weights stand still.
  const EffectiveWeight scored = [&](const std::string& name, const torch::Tensor& w) {
    if (!mask.contains(name)) return w.detach();
    const torch::Tensor& s = scores.at(name);
    return w.detach() * (mask.at(name) + (s - s.detach()));
  };
  State before;
  NamedTensors expected;
  const Hooks hooks{
      .effective_weight = masked,
      .before_forward =
          [&](TrainStep& step) {
            before = step.net.snapshot();
            expected = gradients(step.net, *step.batch, masked);
          },
      .after_step =
          [&](TrainStep& step) {
            for (const auto& [name, m] : mask) {
              const torch::Tensor& w = step.net.parameters().at(name);
              const torch::Tensor pruned = m.logical_not();
              BOOST_TEST(torch::equal(at(w, pruned), at(before.at(name), pruned)));
              BOOST_TEST(close(at(w, m), at(before.at(name) - 0.1 * expected.at(name), m)));
            }
            const Batch upper = toy.lab.batch("upper", step.iteration, "train");
            BOOST_TEST(!torch::equal(upper.images, step.batch->images));
            BOOST_TEST(
                torch::equal(upper.images, toy.lab.batch("upper", step.iteration, "train").images));

            const NamedTensors g = gradients(step.net, upper, masked);
            const NamedTensors old = scores.clone();
            optimizer->zero_grad();
            toy.lab.loss(step.net, upper, BnMode::batch_only, scored).backward();
            optimizer->step(1);
            int64_t moved = 0;
            for (const auto& [name, s] : scores) {
              const torch::Tensor& w = step.net.parameters().at(name);
              BOOST_TEST(close(s, old.at(name) - 0.3 * w * g.at(name)));
              moved +=
                  at(s - old.at(name), mask.at(name).logical_not()).count_nonzero().item<int64_t>();
            }
            BOOST_TEST(moved > 1000);
            mask = keep_top(scores, 0.3, Scope::global, everything);
          }};
  const MaskSet first = mask;
  lab.train(*net, everything, {}, hooks);
  BOOST_TEST((mask != first));
  BOOST_TEST(mask.kept() == first.kept());
  BOOST_TEST(everything.density() == 1.0);
  BOOST_TEST(!all_zero(pruned_of(net->parameters(), mask)));

  // Judged as the forward pass sees it, also by the record.
  lab.record(*net, mask, 0);
  const json results = toy.lab.results();
  BOOST_TEST(results.at("points")[0].at("test") ==
             results.at("curves")[0].at("epochs")[0].at("test"));
}

// Hydra: scores are the parameters, weights stand still. Norms still learn. The scores have a rate
// of their own, constant, while the phase warms up from nothing: a group on the phase's schedule
// would stand still in the first iteration.
BOOST_AUTO_TEST_CASE(hydra_trains_scores_of_frozen_weights) {
  Recipe recipe = bare_recipe();
  recipe.phases["train"].schedule.warmup = {6, Duration::Unit::iterations};
  ToyLab toy(recipe);
  const NetPtr net = toy.lab.fresh_net();
  MaskSet everything = MaskSet::ones(*net);
  NamedTensors scores;
  for (const auto& [name, w] : prunable(*net))
    scores[name] = w.detach().abs().clone().requires_grad_();
  const EffectiveWeight effective = [&](const std::string& name, const torch::Tensor& w) {
    if (!scores.contains(name)) return w;
    const torch::Tensor& s = scores.at(name);
    const torch::Tensor kept = largest(s, torch::ones_like(s, torch::kBool), s.numel() / 2);
    return w * (kept + (s - s.detach()));
  };
  const State before = net->snapshot();
  NamedTensors old;
  NamedTensors g;
  const Hooks hooks{
      .effective_weight = effective,
      .parameters = {{.tensors = scores.tensors(),
                      .settings = {.learning_rate = 0.3, .momentum = 0, .weight_decay = 0},
                      .schedule = RateSchedule{.kind = RateKind::constant}}},
      .frozen = [&](const std::string& name) { return scores.contains(name); },
      .before_forward =
          [&](TrainStep& step) {
            old = scores.clone();
            g = gradients(step.net, *step.batch, effective);
          },
      .after_step =
          [&](TrainStep& step) {
            for (const auto& [name, s] : scores) {
              const torch::Tensor& w = step.net.parameters().at(name);
              BOOST_TEST(close(s, old.at(name) - 0.3 * w * g.at(name)));
              BOOST_TEST(!torch::equal(s, old.at(name)));
            }
            const bool moved =
                !torch::equal(step.net.parameters().at("bn1.weight"), before.at("bn1.weight"));
            BOOST_TEST(moved == (step.iteration > 0));
          }};
  toy.lab.train(*net, everything, {}, hooks);
  for (const auto& [name, w] : prunable(*net)) BOOST_TEST(torch::equal(w, before.at(name)));
}

// STR: w becomes sign(w) max(|w| - sigmoid(t), 0) with a threshold t a layer, in a group with decay
// of its own. By hand: dL/dt = -sigmoid'(t) * sum over |w| > sigmoid(t) of sign(w) g, and
// t moves by -rate * (dL/dt + decay * t). The phase's decay or rate on t gives another number.
BOOST_AUTO_TEST_CASE(str_trains_thresholds) {
  ToyLab toy(bare_recipe());
  const NetPtr net = toy.lab.fresh_net();
  MaskSet everything = MaskSet::ones(*net);
  NamedTensors thresholds;
  for (const auto& [name, w] : prunable(*net))
    thresholds[name] = torch::full({}, -3.0, torch::requires_grad());
  const EffectiveWeight effective = [&](const std::string& name, const torch::Tensor& w) {
    if (!thresholds.contains(name)) return w;
    return w.sign() * torch::relu(w.abs() - torch::sigmoid(thresholds.at(name)));
  };
  State before;
  NamedTensors old;
  NamedTensors g;
  const Hooks hooks{
      .effective_weight = effective,
      .parameters = {{.tensors = thresholds.tensors(),
                      .settings = {.learning_rate = 0.2, .momentum = 0, .weight_decay = 0.05},
                      .schedule = {}}},
      .before_forward =
          [&](TrainStep& step) {
            before = step.net.snapshot();
            old = thresholds.clone();
            g = gradients(step.net, *step.batch, effective);
          },
      .after_step =
          [&](TrainStep&) {
            for (const auto& [name, t] : thresholds) {
              const torch::Tensor& w = before.at(name);
              const double s = 1 / (1 + std::exp(-old.at(name).item<double>()));
              const torch::Tensor alive = w.abs() > s;
              const double slope =
                  -s * (1 - s) * at(w.sign() * g.at(name), alive).sum().item<double>();
              const double value = old.at(name).item<double>();
              BOOST_TEST(t.item<double>() == value - 0.2 * (slope + 0.05 * value),
                         boost::test_tools::tolerance(1e-4));
              // A weight below its threshold has no gradient, one above has all of it.
              const torch::Tensor& now = net->parameters().at(name);
              BOOST_TEST(torch::equal(at(now, alive.logical_not()), at(w, alive.logical_not())));
              BOOST_TEST(close(at(now, alive), at(w - 0.1 * g.at(name), alive)));
            }
          }};
  toy.lab.train(*net, everything, {}, hooks);
}

// DPF: the forward pass is masked, but every weight gets the gradient of its masked value: pruned
// ones move and may come back. With mask * w they would stand still.
BOOST_AUTO_TEST_CASE(dpf_moves_pruned_weights_straight_through) {
  ToyLab toy(bare_recipe());
  const NetPtr net = toy.lab.fresh_net();
  MaskSet everything = MaskSet::ones(*net);
  const MaskSet mask = random_mask(*net);
  const EffectiveWeight masked = [&](const std::string& name, const torch::Tensor& w) {
    return mask.contains(name) ? w * mask.at(name) : w;
  };
  const EffectiveWeight straight_through = [&](const std::string& name, const torch::Tensor& w) {
    return mask.contains(name) ? w + (w * mask.at(name) - w).detach() : w;
  };
  State before;
  NamedTensors g;
  double loss = 0;
  const Hooks hooks{
      .effective_weight = straight_through,
      .before_forward =
          [&](TrainStep& step) {
            before = step.net.snapshot();
            g = gradients(step.net, *step.batch, masked);
            loss = toy.lab.loss(step.net, *step.batch, BnMode::batch_only, masked).item<double>();
          },
      .after_step =
          [&](TrainStep& step) {
            BOOST_TEST(step.loss.item<double>() == loss, boost::test_tools::tolerance(1e-5));
            for (const auto& [name, m] : mask) {
              const torch::Tensor& w = step.net.parameters().at(name);
              BOOST_TEST(close(w, before.at(name) - 0.1 * g.at(name)));
              BOOST_TEST(!all_zero(at(w - before.at(name), m.logical_not())));
            }
          }};
  toy.lab.train(*net, everything, {}, hooks);
}

// RigL: at iterations 2 and 4 the smallest tenth of each layer makes room for the largest gradients
// among the pruned, instead of the optimizer's step. In that iteration nothing but the moved
// connections may change; grown ones start from nothing, whatever they were before.
BOOST_AUTO_TEST_CASE(rigl_moves_connections_instead_of_a_step) {
  ToyLab toy(lively_recipe());
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = random_mask(*net);
  const int64_t kept = mask.kept();
  const auto due = [](int64_t iteration) { return iteration == 2 || iteration == 4; };
  State before;
  NamedTensors momentum_before;
  NamedTensors live_momenta;
  MaskSet mask_before;
  bool updated = false;
  int64_t updates = 0;
  toy.end_of_iteration = [&] {
    BOOST_TEST(mask.kept() == kept);
    BOOST_TEST(all_zero(pruned_of(net->parameters(), mask)));
    BOOST_TEST(all_zero(pruned_of(live_momenta, mask)));
    for (const auto& [name, m] : mask) {
      const torch::Tensor stayed = m.logical_and(mask_before.at(name));
      const torch::Tensor grown = m.logical_and(mask_before.at(name).logical_not());
      const torch::Tensor& w = net->parameters().at(name);
      BOOST_TEST(torch::equal(at(w, stayed), at(before.at(name), stayed)) == updated);
      BOOST_TEST(grown.sum().item<int64_t>() == (updated ? m.sum().item<int64_t>() / 10 : 0));
      BOOST_TEST(all_zero(at(w, grown)));
      BOOST_TEST(all_zero(at(live_momenta.at(name), grown)));
      if (updated) {
        BOOST_TEST(
            torch::equal(at(live_momenta.at(name), stayed), at(momentum_before.at(name), stayed)));
      }
    }
    if (updated) {
      for (const auto& [name, w] : net->parameters())
        if (w.dim() == 1) BOOST_TEST(torch::equal(w, before.at(name)));
    }
    updates += updated ? 1 : 0;
    return false;
  };
  const Hooks hooks{
      .after_backward =
          [&](TrainStep& step) {
            before = step.net.snapshot();
            momentum_before = momenta(step);
            for (const std::string& name : net->prunable_names())
              live_momenta[name] = step.momentum(name);
            mask_before = step.mask;
            updated = due(step.iteration);
            const NamedTensors found = own_gradients(step.net);
            if (!updated) {
              BOOST_TEST(all_zero(pruned_of(found, step.mask)));
              return Update::apply;
            }
            const NamedTensors dense = gradients(step.net, *step.batch);
            MaskSet next = step.mask;
            for (const auto& [name, w] : prunable(step.net)) {
              BOOST_TEST(torch::allclose(found.at(name), dense.at(name), 1e-3, 1e-5));
              const torch::Tensor& active = step.mask.at(name);
              const int64_t count = active.sum().item<int64_t>() / 10;
              const torch::Tensor stay = active.logical_xor(smallest(w.abs(), active, count));
              next[name] = stay.logical_or(largest(w.grad().abs(), active.logical_not(), count));
            }
            step.apply(next);
            BOOST_TEST((step.mask == next));
            return Update::skip;
          },
      .needs_dense_gradient = due};
  toy.lab.train(*net, mask, {}, hooks);
  BOOST_TEST(updates == 2);
  BOOST_TEST((mask != random_mask(*net)));
}

// GraNet: prune, then drop and grow, both in after_step of one iteration, the gradient dense there.
// Of four connections in conv1, one by one: dropped and grown again keeps its value and momentum;
// pruned by the first change and grown by the second starts anew; pruned long ago and grown starts
// anew; dropped for good is gone. An update by way of zeros in between would lose the first.
BOOST_AUTO_TEST_CASE(granet_changes_the_mask_twice_in_one_iteration) {
  ToyLab toy(lively_recipe());
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = random_mask(*net);
  bool done = false;
  MaskSet wanted;
  NamedTensors live_momenta;
  State expected;
  NamedTensors expected_momenta;
  const auto update = [&](TrainStep& step) {
    if (step.iteration != 3) return;
    done = true;
    BOOST_TEST(!all_zero(pruned_of(own_gradients(step.net), step.mask)));
    expected = step.net.snapshot();
    expected_momenta = momenta(step);
    const MaskSet before = step.mask;

    const MaskSet pruned = keep_top(magnitude(step.net), 0.4, Scope::global, step.mask);
    step.apply(pruned);
    BOOST_TEST(all_zero(pruned_of(step.net.parameters(), pruned)));
    BOOST_TEST(all_zero(pruned_of(momenta(step), pruned)));

    MaskSet next = step.mask;
    const std::string name = "conv1.weight";
    const auto first_of = [](const torch::Tensor& where) {
      return where.flatten().nonzero()[0].item<int64_t>();
    };
    const torch::Tensor candidates = pruned.at(name).flatten();
    const int64_t dropped = first_of(candidates);
    const int64_t regrown = candidates.nonzero()[1].item<int64_t>();
    const int64_t pruned_now = first_of(before.at(name).logical_and(pruned.at(name).logical_not()));
    const int64_t pruned_long_ago = first_of(before.at(name).logical_not());
    torch::Tensor flat = next[name].view({-1});
    flat[dropped] = false;
    flat[regrown] = false;  // dropped
    flat[regrown] = true;   // and grown again
    flat[pruned_now] = true;
    flat[pruned_long_ago] = true;
    step.apply(next);
    wanted = next;
    BOOST_TEST(step.mask.kept() == pruned.kept() + 1);

    for (NamedTensors* tensors : {&expected, &expected_momenta}) {
      for (const auto& [n, m] : pruned)
        torch::Tensor(tensors->at(n)).masked_fill_(m.logical_not(), 0);
      BOOST_TEST(tensors->at(name).contiguous().view({-1})[regrown].item<double>() != 0);
      torch::Tensor(tensors->at(name))
          .masked_fill_(torch::arange(flat.numel()).eq(dropped).view_as(next.at(name)), 0);
    }
    for (const std::string& n : net->prunable_names()) live_momenta[n] = step.momentum(n);
  };
  toy.end_of_iteration = [&] {
    if (!done) return false;
    done = false;
    BOOST_TEST((mask == wanted));
    for (const auto& [name, m] : mask) {
      BOOST_TEST(torch::equal(net->parameters().at(name), expected.at(name)));
      BOOST_TEST(torch::equal(live_momenta.at(name), expected_momenta.at(name)));
    }
    return false;
  };
  toy.lab.train(*net, mask, {},
                {.after_step = update,
                 .needs_dense_gradient = [](int64_t iteration) { return iteration == 3; }});
  BOOST_TEST(expected.size() > 0U);
  BOOST_TEST((mask == wanted));
}

// Growing in an ordinary iteration: the grown weights are zero when the optimizer steps, and step
// like the others from the next gradient on.
BOOST_AUTO_TEST_CASE(a_mask_may_change_before_the_step) {
  ToyLab toy(lively_recipe());
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = random_mask(*net);
  const MaskSet other = keep_top(random_scores(*net, Stream(8, "mask").at(0)), 0.5,
                                 Scope::per_layer, MaskSet::ones(*net));
  toy.end_of_iteration = [&] {
    BOOST_TEST(all_zero(pruned_of(net->parameters(), mask)));
    return false;
  };
  for (const bool dense : {false, true}) {
    const Hooks hooks{.after_backward =
                          [&](TrainStep& step) {
                            if (step.iteration == 2) step.apply(other);
                            if (step.iteration == 4) step.apply(random_mask(step.net));
                            return Update::apply;
                          },
                      .needs_dense_gradient = [&](int64_t) { return dense; }};
    toy.lab.train(*net, mask, {}, hooks);
    BOOST_TEST((mask == random_mask(*net)));
  }
}

// before_forward comes before the forward pass: a mask changed there is in the loss of the same
// iteration.
BOOST_AUTO_TEST_CASE(before_forward_changes_what_the_iteration_sees) {
  ToyLab toy(bare_recipe());
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  double expected = 0;
  const Hooks hooks{
      .before_forward =
          [&](TrainStep& step) {
            BOOST_TEST(!step.loss.defined());
            step.apply(random_mask(step.net, 0.9 - 0.1 * static_cast<double>(step.iteration)));
            expected = toy.lab.loss(step.net, *step.batch).item<double>();
          },
      .after_backward =
          [&](TrainStep& step) {
            BOOST_TEST(step.loss.item<double>() == expected, boost::test_tools::tolerance(1e-5));
            return Update::apply;
          }};
  toy.lab.train(*net, mask, {}, hooks);
  BOOST_TEST((mask == random_mask(*net, 0.4)));
}

// Early-Bird: the phase ends with the second of its epochs, whole and judged. What is trained
// afterwards starts anew.
BOOST_AUTO_TEST_CASE(early_bird_stops_after_an_epoch) {
  Recipe recipe = lively_recipe();
  recipe.phases["train"].length = {4, Duration::Unit::epochs};
  ToyLab toy(recipe);
  const NetPtr net = toy.lab.fresh_net();
  const State initial = net->snapshot();
  MaskSet mask = MaskSet::ones(*net);
  int64_t iterations = 0;
  toy.end_of_iteration = [&] {
    ++iterations;
    return false;
  };
  toy.lab.train(*net, mask, {}, {.after_epoch = [](TrainStep& step) {
    return step.epoch == 1 ? Update::stop : Update::apply;
  }});
  BOOST_TEST(iterations == 12);
  const json curve = toy.lab.results().at("curves")[0];
  BOOST_TEST(curve.at("to") == 12);
  BOOST_TEST(curve.at("epochs").size() == 2U);

  const State searched = net->snapshot();
  toy.lab.rewind(*net, initial);
  toy.lab.train(*net, mask, {.to = 12}, {});
  BOOST_TEST(same(net->snapshot(), searched));
}

// Stopped by a gradient, the step of that iteration is still taken and its epoch has a row.
BOOST_AUTO_TEST_CASE(a_phase_may_stop_within_an_epoch) {
  Recipe recipe = lively_recipe();
  recipe.phases["train"].length = {12, Duration::Unit::iterations};
  const auto train = [&](std::optional<int64_t> to, bool stop, json& results) {
    ToyLab toy(recipe);
    const NetPtr net = toy.lab.fresh_net();
    MaskSet mask = MaskSet::ones(*net);
    toy.lab.train(*net, mask, {.to = to}, {.after_backward = [&](TrainStep& step) {
      return stop && step.iteration == 7 ? Update::stop : Update::apply;
    }});
    results = toy.lab.results();
    return net->snapshot();
  };
  json stopped;
  json cut;
  BOOST_TEST(same(train({}, true, stopped), train(8, false, cut)));
  const json& rows = stopped.at("curves")[0].at("epochs");
  BOOST_TEST_REQUIRE(rows.size() == 2U);
  BOOST_TEST(rows[1].at("iteration") == 8);
  BOOST_TEST(rows[1].at("train_examples") == 32);
}

// What a method learns beside the weights belongs to its best epoch too: weights of one epoch under
// thresholds of another are no network that ever was.
BOOST_AUTO_TEST_CASE(selection_puts_the_tensors_of_the_method_back_too) {
  Recipe recipe = lively_recipe();
  recipe.phases["train"].length = {3, Duration::Unit::epochs};
  recipe.selection = Selection::best_test;
  ToyLab toy(recipe);
  Lab& lab = toy.lab;
  const NetPtr net = lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  torch::Tensor in_group = torch::zeros({2}, torch::requires_grad());
  torch::Tensor in_optimizer = torch::zeros({2}, torch::requires_grad());
  torch::Tensor declared = torch::zeros({2});
  const auto optimizer = lab.optimizer({in_optimizer}, {});
  lab.state("declared", declared);
  const Hooks hooks{.parameters = {{.tensors = {in_group}, .settings = {}, .schedule = {}}},
                    .after_step = [&](TrainStep& step) {
                      if (step.iteration % 6 != 5) return;
                      const torch::NoGradGuard no_grad;
                      const auto value = static_cast<double>(step.epoch + 1);
                      in_group.fill_(value);
                      in_optimizer.fill_(value);
                      declared = torch::full({2}, value);
                      if (step.epoch == 1) return;  // the only one that isn't at chance
                      torch::Tensor(step.net.parameters().at("fc.weight")).zero_();
                      torch::Tensor(step.net.parameters().at("fc.bias")).zero_();
                    }};
  lab.train(*net, mask, {}, hooks);
  for (const torch::Tensor& t : {in_group, in_optimizer, declared})
    BOOST_TEST(torch::equal(t.detach(), torch::full({2}, 2.0)));
}

// Between two spans of a phase a method may put new tensors in its group; their values are its own,
// only the momentum goes on.
BOOST_AUTO_TEST_CASE(a_group_may_get_new_tensors_between_spans) {
  ToyLab toy(lively_recipe());
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  const auto group = [](const torch::Tensor& t) {
    return Hooks{.parameters = {{.tensors = {t}, .settings = {}, .schedule = {}}}};
  };
  const torch::Tensor first = torch::full({2}, 1.0, torch::requires_grad());
  toy.lab.train(*net, mask, {.to = 3}, group(first));
  const torch::Tensor second = torch::full({2}, 5.0, torch::requires_grad());
  toy.lab.train(*net, mask, {.from = 3}, group(second));
  BOOST_TEST(torch::equal(first.detach(), torch::full({2}, 1.0)));
  BOOST_TEST(torch::equal(second.detach(), torch::full({2}, 5.0)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
