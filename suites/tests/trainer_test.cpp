#include "suites/harness/trainer.hpp"

#include "core/score.hpp"
#include "core/select.hpp"
#include "suites/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <torch/optim/sgd.h>

#include <limits>
#include <set>

namespace ticketbench {
namespace {

using nlohmann::json;

Recipe plain_recipe() {
  Recipe recipe = toy_recipe();
  recipe.augmentation = {.padding = 1, .flip = true};
  Phase& train = recipe.phases["train"];
  train.optimizer = {.learning_rate = 0.05, .nesterov = true, .weight_decay = 5e-4};
  train.schedule = {.kind = RateKind::cosine, .warmup = {2, Duration::Unit::iterations}};
  return recipe;
}

// The loop written out: batches, forward, backward, and for each parameter by itself
//   v = momentum * v + (g + decay * w),   w = w - rate * factor * (g + decay * w + momentum * v).
// Bit for bit only with the trainer's own kernel, for others round differently.
class ByHand {
 public:
  ByHand(const Recipe& recipe, Net& net)
      : phase_(recipe.phases.at("train")),
        net_(net),
        loader_({.images = toy_options({}, recipe).dataset->train,
                 .mean = toy_card().mean,
                 .deviation = toy_card().deviation,
                 .augmentation = recipe.augmentation,
                 .batch_size = phase_.batch_size},
                Stream(1, "order"), Stream(1, "augment")) {
    for (const auto& [name, w] : net.parameters()) momenta_[name] = torch::zeros_like(w.detach());
  }

  void train(int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) {
      gradients(i);
      const Optimizer& o = phase_.optimizer;
      const torch::NoGradGuard no_grad;
      for (const auto& [name, w] : net_.parameters()) {
        at::_fused_sgd_({w}, {w.grad()}, {momenta_.at(name)}, o.weight_decay, o.momentum, rate(i),
                        0, o.nesterov, false, false);
      }
    }
  }

  // The same with LibTorch's optimizer, which has no code in common with the kernel above.
  void train_by_optimizer(int64_t to) {
    const Optimizer& o = phase_.optimizer;
    torch::optim::SGD sgd(net_.parameters().tensors(), torch::optim::SGDOptions(1)
                                                           .momentum(o.momentum)
                                                           .nesterov(o.nesterov)
                                                           .weight_decay(o.weight_decay));
    for (int64_t i = 0; i < to; ++i) {
      gradients(i);
      static_cast<torch::optim::SGDOptions&>(sgd.param_groups()[0].options()).lr(rate(i));
      sgd.step();
    }
  }

 private:
  void gradients(int64_t i) {
    const Batch batch = loader_.at(i);
    net_.zero_grad();
    torch::cross_entropy_loss(net_.forward(batch.images, BnMode::train), batch.labels).backward();
  }
  [[nodiscard]] double rate(int64_t i) const {
    return phase_.optimizer.learning_rate * phase_.schedule.factor(i, 12, 6);
  }

  Phase phase_;
  Net& net_;
  Loader loader_;
  NamedTensors momenta_;
};

NamedTensors copy_of_gradients(const Net& net) {
  NamedTensors gradients;
  for (const auto& [name, w] : net.parameters()) gradients[name] = w.grad().clone();
  return gradients;
}

BOOST_AUTO_TEST_SUITE(trainer)

// Everything that a mistake moves is on: momentum, Nesterov, decay, warm-up, cosine, augmentation,
// norm statistics.
BOOST_AUTO_TEST_CASE(plain_training_is_the_loop_by_hand_bit_for_bit) {
  const Recipe recipe = plain_recipe();
  ToyLab toy(recipe);
  const NetPtr net = toy.lab.fresh_net();
  const NetPtr by_hand = net->clone(torch::kFloat32);
  MaskSet mask = MaskSet::ones(*net);
  toy.lab.train(*net, mask, {}, {});
  ByHand(recipe, *by_hand).train(0, 12);
  BOOST_TEST(same(net->snapshot(), by_hand->snapshot()));
  BOOST_TEST(!same(net->snapshot(), toy.lab.fresh_net()->snapshot()));

  // Four steps, of which three move: from there on a ReLU here and there falls on the other side,
  // and rounding grows to more than rounding.
  const NetPtr by_optimizer = toy.lab.fresh_net();
  const NetPtr by_kernel = toy.lab.fresh_net();
  ByHand(recipe, *by_optimizer).train_by_optimizer(4);
  ByHand(recipe, *by_kernel).train(0, 4);
  for (const auto& [name, w] : by_optimizer->parameters())
    BOOST_TEST(torch::allclose(w, by_kernel->parameters().at(name), 1e-5, 1e-6), name);
}

// Cut inside and between epochs of 6. Momentum that starts anew, a schedule over the span instead
// of the phase, or sums of the running epoch that are lost at a cut, all show.
BOOST_AUTO_TEST_CASE(spans_join_to_the_whole_phase_bit_for_bit) {
  ToyLab whole(plain_recipe());
  const NetPtr net = whole.lab.fresh_net();
  MaskSet mask = random_mask(*net);
  whole.lab.train(*net, mask, {}, {});

  ToyLab parts(plain_recipe());
  const NetPtr other = parts.lab.fresh_net();
  MaskSet own = random_mask(*other);
  for (const auto& [from, to] : {std::pair{0, 0}, {0, 5}, {5, 6}, {6, 11}, {11, 12}})
    parts.lab.train(*other, own, {.from = from, .to = to}, {});
  BOOST_TEST(same(net->snapshot(), other->snapshot()));

  json rows = json::array();
  const json in_parts = parts.lab.results();
  for (const json& curve : in_parts.at("curves")) {
    for (const json& row : curve.at("epochs")) rows.push_back(row);
  }
  BOOST_TEST(rows == whole.lab.results().at("curves")[0].at("epochs"));
}

// Rewound to the very state it has, a net goes on as with a new optimizer; not rewound it goes on
// with its momentum. The two must differ, and each equals its loop by hand.
BOOST_AUTO_TEST_CASE(a_rewind_starts_momentum_anew) {
  const Recipe recipe = plain_recipe();
  const auto train = [&](bool rewound) {
    ToyLab toy(recipe);
    const NetPtr net = toy.lab.fresh_net();
    MaskSet mask = MaskSet::ones(*net);
    toy.lab.train(*net, mask, {.to = 6}, {});
    if (rewound) toy.lab.rewind(*net, toy.lab.snapshot(*net));
    toy.lab.train(*net, mask, {.from = 6}, {});
    return net->snapshot();
  };
  const auto by_hand = [&](bool anew) {
    const NetPtr net = ToyLab(recipe).lab.fresh_net();
    ByHand first(recipe, *net);
    first.train(0, 6);
    if (anew) {
      ByHand(recipe, *net).train(6, 12);
    } else {
      first.train(6, 12);
    }
    return net->snapshot();
  };
  BOOST_TEST(same(train(true), by_hand(true)));
  BOOST_TEST(same(train(false), by_hand(false)));
  BOOST_TEST(!same(train(true), train(false)));
}

// IMP's loop: back to W_k and over [k, end) again gives the same network, however much was trained
// in between.
BOOST_AUTO_TEST_CASE(rewinding_repeats_a_training) {
  ToyLab toy(plain_recipe());
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  toy.lab.train(*net, mask, {.to = 4}, {});
  const State w_k = toy.lab.snapshot(*net);
  std::vector<State> ends;
  for (int round = 0; round < 2; ++round) {
    toy.lab.rewind(*net, w_k);
    BOOST_TEST(same(net->snapshot(), w_k));
    toy.lab.train(*net, mask, {.from = 4}, {});
    ends.push_back(net->snapshot());
    toy.lab.train(*net, mask, {.phase = "finetune"}, {});
  }
  BOOST_TEST(same(ends[0], ends[1]));
}

// Warm-up over 2 of 12 iterations from a half, then a tenth from 4 and from 8 on. Without momentum
// and decay a step is rate * factor * gradient: a factor of the epoch, an off-by-one, or a schedule
// that is only reported, all miss it.
BOOST_AUTO_TEST_CASE(each_iteration_has_its_rate) {
  Recipe recipe = toy_recipe();
  Phase& phase = recipe.phases["train"];
  phase.optimizer = {.learning_rate = 0.2, .momentum = 0, .weight_decay = 0};
  phase.schedule = {
      .kind = RateKind::multi_step,
      .milestones = {{4, Duration::Unit::iterations}, {8, Duration::Unit::iterations}},
      .warmup = {2, Duration::Unit::iterations},
      .warmup_start = 0.5};
  const std::vector<double> factors{0.5, 0.75, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01};

  ToyLab toy(recipe);
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  NamedTensors gradients;
  State before;
  std::vector<double> seen;
  const Hooks hooks{.after_backward =
                        [&](TrainStep& step) {
                          gradients = copy_of_gradients(step.net);
                          before = step.net.snapshot();
                          seen.push_back(step.rate_factor);
                          return Update::apply;
                        },
                    .after_step =
                        [&](TrainStep& step) {
                          const double rate = 0.2 * factors[static_cast<size_t>(step.iteration)];
                          for (const auto& [name, w] : step.net.parameters()) {
                            BOOST_TEST(torch::allclose(
                                w, before.at(name) - rate * gradients.at(name), 1e-6, 1e-8));
                          }
                        }};
  toy.lab.train(*net, mask, {}, hooks);
  BOOST_TEST_REQUIRE(seen.size() == 12U);
  for (size_t i = 0; i < 12; ++i)
    BOOST_TEST(seen[i] == factors[i], boost::test_tools::tolerance(1e-5));

  const json rows = toy.lab.results().at("curves")[0].at("epochs");
  BOOST_TEST(rows[0].at("learning_rate").get<double>() == 0.02,
             boost::test_tools::tolerance(1e-5));  // iteration 5
  BOOST_TEST(rows[1].at("learning_rate").get<double>() == 0.002,
             boost::test_tools::tolerance(1e-5));  // iteration 11
}

// All four combinations. With rate 0.1 and a decay of one half an exempt tensor moves by -0.1 g,
// another by -0.1 g - 0.05 w; norm scales are 1, so theirs can't be missed. Shifts of norms and the
// classifier's bias have the same name and number of dimensions, but not the same exemption.
BOOST_AUTO_TEST_CASE(weight_decay_spares_what_is_exempt) {
  for (const bool norms : {false, true}) {
    for (const bool biases : {false, true}) {
      Recipe recipe = toy_recipe();
      Phase& phase = recipe.phases["train"];
      phase.length = {1, Duration::Unit::iterations};
      phase.optimizer = {.learning_rate = 0.1,
                         .momentum = 0,
                         .weight_decay = 0.5,
                         .decay_norms = norms,
                         .decay_biases = biases};
      ToyLab toy(recipe);
      const NetPtr net = toy.lab.fresh_net();
      for (const auto& [name, w] : net->parameters()) {
        const torch::NoGradGuard no_grad;
        if (w.dim() == 1) torch::Tensor(w).add_(1);
      }
      const State before = net->snapshot();
      MaskSet mask = MaskSet::ones(*net);
      NamedTensors gradients;
      toy.lab.train(*net, mask, {}, {.after_backward = [&](TrainStep& step) {
        gradients = copy_of_gradients(step.net);
        return Update::apply;
      }});
      for (const auto& [name, w] : net->parameters()) {
        const bool is_norm =
            name.find("bn") != std::string::npos || name.find("downsample.1") != std::string::npos;
        const bool decays = w.dim() > 1 || (is_norm ? norms : biases);
        const torch::Tensor& old = before.at(name);
        BOOST_TEST(torch::allclose(w, old - 0.1 * gradients.at(name) - (decays ? 0.05 : 0.0) * old,
                                   1e-5, 1e-6),
                   name << " with norms " << norms << " and biases " << biases);
      }
    }
  }
}

// Cross entropy against 0.9 on the label plus 0.1 spread evenly over all four classes, the label
// included. Spreading over the other three only, or smoothing at evaluation too, gives another
// number.
BOOST_AUTO_TEST_CASE(label_smoothing_spreads_over_all_classes) {
  Recipe recipe = toy_recipe();
  recipe.label_smoothing = 0.1;
  recipe.phases["train"].length = {1, Duration::Unit::iterations};
  ToyLab toy(recipe);
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  double by_hand = 0;
  double loss = 0;
  const Hooks hooks{.before_forward =
                        [&](TrainStep& step) {
                          const torch::NoGradGuard no_grad;
                          const torch::Tensor p = torch::log_softmax(
                              step.net.forward(step.batch->images, BnMode::batch_only), 1);
                          const torch::Tensor own = p.gather(1, step.batch->labels.unsqueeze(1));
                          by_hand = -(0.9 * own.mean() + 0.1 * p.mean()).item<double>();
                        },
                    .after_backward =
                        [&](TrainStep& step) {
                          loss = step.loss.item<double>();
                          return Update::apply;
                        }};
  toy.lab.train(*net, mask, {}, hooks);
  BOOST_TEST(loss == by_hand, boost::test_tools::tolerance(1e-5));

  const Accuracy test = toy.lab.evaluate(*net, Split::test);
  const LabOptions options = toy_options({});
  const torch::NoGradGuard no_grad;
  Loader loader({.images = options.dataset->test,
                 .mean = toy_card().mean,
                 .deviation = toy_card().deviation,
                 .augmentation = {.padding = 0, .flip = false},
                 .batch_size = 100,
                 .shuffle = false},
                Stream(0, ""), Stream(0, ""));
  const Batch all = loader.at(0);
  const torch::Tensor plain =
      torch::cross_entropy_loss(net->forward(all.images, BnMode::eval), all.labels);
  BOOST_TEST(test.loss == plain.item<double>(), boost::test_tools::tolerance(1e-5));
}

// 8 iterations, 6 to an epoch: a row at 6 and one at 8, of 96 and 32 images, with the mean loss
// over images and the whole number of correct answers.
BOOST_AUTO_TEST_CASE(epoch_rows_hold_sums_over_images) {
  Recipe recipe = toy_recipe();
  recipe.phases["train"].length = {8, Duration::Unit::iterations};
  recipe.evaluation = EvaluationTime::each_epoch;
  recipe.validation_examples = 0;
  ToyLab toy(recipe);
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  std::vector<double> losses;
  std::vector<int64_t> epochs;
  const Hooks hooks{.after_step =
                        [&](TrainStep& step) {
                          losses.push_back(step.loss.item<double>());
                          BOOST_TEST(step.iterations == 8);
                          BOOST_TEST(step.epoch == step.iteration / 6);
                        },
                    .after_epoch =
                        [&](TrainStep& step) {
                          epochs.push_back(step.epoch);
                          return Update::apply;
                        }};
  toy.lab.train(*net, mask, {}, hooks);
  BOOST_TEST(epochs == std::vector<int64_t>({0, 1}), boost::test_tools::per_element());

  const json curve = toy.lab.results().at("curves")[0];
  BOOST_TEST(curve.at("from") == 0);
  BOOST_TEST(curve.at("to") == 8);
  const json& rows = curve.at("epochs");
  BOOST_TEST_REQUIRE(rows.size() == 2U);
  BOOST_TEST(rows[0].at("epoch") == 1);
  BOOST_TEST(rows[1].at("epoch") == 2);
  BOOST_TEST(rows[0].at("iteration") == 6);
  BOOST_TEST(rows[1].at("iteration") == 8);
  BOOST_TEST(rows[0].at("train_examples") == 96);
  BOOST_TEST(rows[1].at("train_examples") == 32);
  BOOST_TEST(rows[1].at("train_loss").get<double>() == (losses[6] + losses[7]) / 2,
             boost::test_tools::tolerance(1e-5));
  BOOST_TEST(rows[1].at("test").at("examples") == 100);
  BOOST_TEST(rows[1].at("val").is_null());
  const Accuracy test = toy.lab.evaluate(*net, Split::test);
  BOOST_TEST(rows[1].at("test").at("top1_correct") == test.top1_correct);
}

// Four epochs whose accuracy is made: `spoilt` ones end with the classifier at zero, so they are at
// chance. Each epoch leaves another mask. What training gives back must be the weights and the mask
// of the epoch expected, not the last ones and not a mixture.
struct Selected {
  Selection rule;
  bool after_last_mask_change;
  std::set<int64_t> spoilt;      // epochs, counted from 0
  std::set<int64_t> mask_moves;  // epochs in whose first iteration the mask changes
  int64_t expected;              // epoch, counted from 1
};

void check_selection(const Selected& wanted) {
  Recipe recipe = toy_recipe();
  recipe.phases["train"].length = {4, Duration::Unit::epochs};
  recipe.selection = wanted.rule;
  recipe.select_after_last_mask_change = wanted.after_last_mask_change;
  recipe.validation_examples = 32;  // 64 images are left: 4 iterations an epoch
  ToyLab toy(recipe);
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  std::vector<State> states;
  std::vector<MaskSet> masks;
  const Hooks hooks{
      .after_step =
          [&](TrainStep& step) {
            if (step.iteration % 4 == 0 && wanted.mask_moves.contains(step.epoch)) {
              step.apply(keep_top(magnitude(step.net), 0.9 - 0.1 * static_cast<double>(step.epoch),
                                  Scope::global, step.mask));
            }
            if (step.iteration % 4 == 3 && wanted.spoilt.contains(step.epoch)) {
              const torch::NoGradGuard no_grad;
              torch::Tensor(step.net.parameters().at("fc.weight")).zero_();
              torch::Tensor(step.net.parameters().at("fc.bias")).zero_();
            }
          },
      .after_epoch =
          [&](TrainStep& step) {
            states.push_back(step.net.snapshot());
            masks.push_back(step.mask);
            return Update::apply;
          }};
  toy.lab.train(*net, mask, {}, hooks);
  BOOST_TEST_REQUIRE(states.size() == 4U);
  const auto epoch = static_cast<size_t>(wanted.expected - 1);
  BOOST_TEST(same(net->snapshot(), states[epoch]));
  BOOST_TEST((mask == masks[epoch]));

  toy.lab.record(*net, mask, 0, {});
  const json point = toy.lab.results().at("points")[0];
  BOOST_TEST(point.at("selection") == to_string(wanted.rule));
  BOOST_TEST(point.at("selected_epoch") == wanted.expected);
  BOOST_TEST(point.at("final_epoch") == 4);
  if (wanted.rule == Selection::best_val) {
    const json row = toy.lab.results().at("curves")[0].at("epochs")[epoch];
    BOOST_TEST(point.at("val") == row.at("val"));
    BOOST_TEST(point.at("val").at("examples") == 32);
  }
}

BOOST_AUTO_TEST_CASE(final_takes_the_last_epoch) {
  check_selection({Selection::final, false, {2, 3}, {0, 1, 2, 3}, 4});
}

BOOST_AUTO_TEST_CASE(best_val_takes_the_best_epoch_and_its_mask) {
  check_selection({Selection::best_val, false, {0, 2, 3}, {0, 1, 2, 3}, 2});
}

BOOST_AUTO_TEST_CASE(best_test_takes_the_best_epoch_and_its_mask) {
  check_selection({Selection::best_test, false, {0, 2, 3}, {0, 1, 2, 3}, 2});
}

// Epoch 2 is the best of all, but the mask still changes in epoch 3: of the two that count the
// third is at chance.
BOOST_AUTO_TEST_CASE(only_epochs_after_the_last_mask_change_may_count) {
  check_selection({Selection::best_val, true, {0, 2}, {0, 1, 2}, 4});
  check_selection({Selection::best_val, false, {0, 2, 3}, {0, 1, 2}, 2});
}

// Two equal epochs: the first one counts, as a later one is no better.
// A dense first span beats what follows under a mask that keeps almost nothing; had its epoch won,
// the pruned phase would end with a dense mask.
BOOST_AUTO_TEST_CASE(epochs_under_the_mask_of_an_earlier_span_do_not_count) {
  Recipe recipe = toy_recipe();
  recipe.selection = Selection::best_test;
  ToyLab toy(recipe);
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  toy.lab.train(*net, mask, {.to = 6}, {});
  const MaskSet few = random_mask(*net, 0.001);
  mask = few;
  toy.lab.train(*net, mask, {.from = 6}, {});
  BOOST_TEST((mask == few));
  BOOST_TEST(pruned_of(net->parameters(), few).count_nonzero().item<int64_t>() == 0);
}

// Fine-tuning over the crops and the order of the first epochs would see no image a new way; a
// named order is another one, and the same at each call.
BOOST_AUTO_TEST_CASE(each_phase_and_each_named_order_has_images_of_its_own) {
  Recipe recipe = plain_recipe();
  recipe.phases["finetune"] = recipe.phases["train"];
  ToyLab toy(recipe);
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  const auto first_batch = [&](const Span& span) {
    torch::Tensor images;
    toy.lab.train(*net, mask, span,
                  {.before_forward = [&](TrainStep& step) { images = step.batch->images; }});
    return images.clone();
  };
  const torch::Tensor plain = first_batch({.to = 1});
  BOOST_TEST(torch::equal(plain, first_batch({.to = 1})));
  BOOST_TEST(!torch::equal(plain, first_batch({.phase = "finetune", .to = 1})));
  const torch::Tensor other = first_batch({.to = 1, .order = "other"});
  BOOST_TEST(!torch::equal(plain, other));
  BOOST_TEST(torch::equal(other, first_batch({.to = 1, .order = "other"})));
}

// A gradient that overflowed at a pruned weight is thrown away; times zero it would stay NaN and
// end in the weight.
BOOST_AUTO_TEST_CASE(a_pruned_weight_stays_zero_whatever_its_gradient) {
  ToyLab toy;
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = random_mask(*net);
  const MaskSet pruned = mask;
  toy.lab.train(*net, mask, {.to = 1},
                {.after_backward =
                     [&](TrainStep& step) {
                       const torch::NoGradGuard no_grad;
                       for (const auto& [name, w] : prunable(step.net)) {
                         torch::Tensor g = w.grad();
                         g.masked_fill_(pruned.at(name).logical_not(),
                                        std::numeric_limits<float>::infinity());
                       }
                       return Update::apply;
                     },
                 .needs_dense_gradient = [](int64_t) { return true; }});
  BOOST_TEST(torch::equal(pruned_of(net->parameters(), mask),
                          torch::zeros_like(pruned_of(net->parameters(), mask))));
}

BOOST_AUTO_TEST_CASE(of_equal_epochs_the_first_counts) {
  check_selection({Selection::best_val, false, {0, 1, 2, 3}, {}, 1});
}

BOOST_AUTO_TEST_CASE(what_cannot_be_trained_is_refused) {
  ToyLab toy;
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  const auto train = [&](const Span& span) { toy.lab.train(*net, mask, span, {}); };
  BOOST_TEST(refusal([&] { train({.from = 3, .to = 13}); }) ==
             "iterations [3, 13) of phase train were asked for; it has 12");
  BOOST_TEST(refusal([&] { train({.from = 5, .to = 4}); }) ==
             "iterations [5, 4) of phase train were asked for; it has 12");
  BOOST_TEST(refusal([&] { train({.from = -1}); }) ==
             "iterations [-1, 12) of phase train were asked for; it has 12");
  BOOST_TEST(refusal([&] { train({.phase = "finetun"}); }) ==
             "recipe toy: unknown phase 'finetun'; did you mean 'finetune'?");
  mask["conv1.weight"] = torch::ones({16, 3, 3, 2}, torch::kBool);
  BOOST_TEST(refusal([&] { train({}); }) ==
             "the mask of conv1.weight has shape [16,3,3,2] of Bool, expected [16,3,3,3] of Bool");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
