#include "core/score.hpp"
#include "core/select.hpp"
#include "core/sha256.hpp"
#include "suites/harness/harness_lab.hpp"
#include "suites/harness/operating_point.hpp"
#include "suites/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <optional>
#include <set>

namespace ticketbench {
namespace {

using nlohmann::json;

bool equal(const Batch& a, const Batch& b) {
  return torch::equal(a.images, b.images) && torch::equal(a.labels, b.labels);
}

// A net whose every answer is `label`.
NetPtr constant_net(Lab& lab, int64_t label) {
  NetPtr net = lab.fresh_net();
  const torch::NoGradGuard no_grad;
  torch::Tensor(net->parameters().at("fc.weight")).zero_();
  torch::Tensor bias = net->parameters().at("fc.bias");
  bias.zero_();
  bias[label] = 1;
  return net;
}

BOOST_AUTO_TEST_SUITE(lab)

// Scoring in training mode that updates running statistics perturbs the model. In each mode,
// with the backward pass that scores need.
// A method that scores after a training must not add to the gradients of its last step.
BOOST_AUTO_TEST_CASE(training_leaves_no_gradients) {
  ToyLab toy;
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  toy.lab.train(*net, mask, {.to = 1}, {});
  for (const auto& [name, w] : net->parameters()) BOOST_TEST(!w.grad().defined(), name);
}

BOOST_AUTO_TEST_CASE(scoring_leaves_norm_statistics_alone) {
  ToyLab toy;
  Lab& lab = toy.lab;
  const NetPtr net = lab.fresh_net();
  const State before = net->snapshot();
  std::vector<double> losses;
  for (const BnMode mode : {BnMode::train, BnMode::batch_only, BnMode::eval}) {
    const torch::Tensor loss = lab.loss(*net, lab.batches(1)[0], mode);
    loss.backward();
    losses.push_back(loss.item<double>());
    BOOST_TEST(same(net->snapshot(), before));
    BOOST_TEST(net->parameters().at("conv1.weight").grad().count_nonzero().item<int64_t>() > 0);
    net->zero_grad();
  }
  // Both use the batch's statistics; an untrained net's running ones are others.
  BOOST_TEST(losses[0] == losses[1], boost::test_tools::tolerance(1e-6));
  BOOST_TEST(std::abs(losses[0] - losses[2]) > 1e-3);
}

// Two passes over one batch must agree with a pass over each: statistics that were restored too
// early or not at all change the second loss.
BOOST_AUTO_TEST_CASE(losses_may_be_summed_before_the_backward_pass) {
  ToyLab toy;
  Lab& lab = toy.lab;
  const NetPtr net = lab.fresh_net();
  const std::vector<Batch> batches = lab.batches(2);
  (lab.loss(*net, batches[0], BnMode::train) + lab.loss(*net, batches[1], BnMode::train))
      .backward();
  const torch::Tensor together = net->parameters().at("conv1.weight").grad().clone();
  net->zero_grad();
  for (const Batch& batch : batches) lab.loss(*net, batch).backward();
  BOOST_TEST(torch::allclose(net->parameters().at("conv1.weight").grad(), together, 1e-4, 1e-6));
}

// Second derivatives through convolutions, norms and in-place ReLUs: d/dw of (dL/dw . v) against a
// difference of gradients, in double.
BOOST_AUTO_TEST_CASE(the_loss_is_differentiable_twice) {
  ToyLab toy;
  Lab& lab = toy.lab;
  const NetPtr net = lab.fresh_net()->clone(torch::kFloat64);
  Batch batch = lab.batches(1)[0];
  batch.images = batch.images.to(torch::kFloat64);
  const torch::Tensor w = net->parameters().at("layer2.0.conv1.weight");
  const torch::Tensor v = random_scores(*net, lab.rng("v")).at("layer2.0.conv1.weight");
  const auto gradient = [&](bool again) {
    return torch::autograd::grad({lab.loss(*net, batch)}, {w}, {}, again, again)[0];
  };
  const torch::Tensor product = torch::autograd::grad({(gradient(true) * v).sum()}, {w})[0];
  const auto moved = [&](double by) {
    const torch::Tensor old = w.detach().clone();
    {
      const torch::NoGradGuard no_grad;
      torch::Tensor(w).add_(v, by);
    }
    const torch::Tensor g = gradient(false).detach();
    const torch::NoGradGuard no_grad;
    torch::Tensor(w).copy_(old);
    return g;
  };
  constexpr double kStep = 1e-6;
  const torch::Tensor difference = (moved(kStep) - moved(-kStep)) / (2 * kStep);
  // A ReLU that switches inside the step spoils single numbers, not the direction.
  const double cosine =
      ((product * difference).sum() / (product.norm() * difference.norm())).item<double>();
  BOOST_TEST(cosine > 0.999);
  BOOST_TEST((product.norm() / difference.norm()).item<double>() == 1,
             boost::test_tools::tolerance(0.02));
}

// The same at each call and after other draws; un-augmented though the recipe augments: 96 images
// of no augmentation are exactly the training images.
BOOST_AUTO_TEST_CASE(batches_are_the_same_at_each_call_and_plain) {
  Recipe recipe = toy_recipe();
  recipe.augmentation = {.padding = 2, .flip = true};
  ToyLab toy(recipe);
  Lab& lab = toy.lab;
  const std::vector<Batch> first = lab.batches(6);
  BOOST_TEST(first.size() == 6U);
  static_cast<void>(lab.rng("batches"));
  const std::vector<Batch> second = lab.batches(6);
  torch::Tensor sum = torch::zeros({3}, torch::kFloat64);
  int64_t images = 0;
  for (size_t i = 0; i < first.size(); ++i) {
    BOOST_TEST(equal(first[i], second[i]));
    sum += first[i].images.to(torch::kFloat64).sum({0, 2, 3});
    images += first[i].labels.numel();
  }
  BOOST_TEST(images == 96);
  const torch::Tensor pixels = toy_options({}).dataset->train.pixels.to(torch::kFloat64);
  const torch::Tensor all = ((pixels / 255 - 0.5) / 0.25).sum({0, 1, 2});
  BOOST_TEST(torch::allclose(sum, all, 1e-5));

  BOOST_TEST(lab.batches(1, {.batch_size = 5})[0].labels.numel() == 5);
  BOOST_TEST(!equal(lab.batches(1, {.stream = "other"})[0], first[0]));
  LabOptions options = toy_options(toy.folder.path() / "other", recipe);
  options.seed = 2;
  HarnessLab other(options);
  BOOST_TEST(!equal(static_cast<Lab&>(other).batches(1)[0], first[0]));
}

// 12 images of four classes hold three of each; 10 hold three of two and two of the others. Batches
// drawn at random do so with a chance below 1 %.
BOOST_AUTO_TEST_CASE(class_balanced_batches_are_balanced) {
  ToyLab toy;
  Lab& lab = toy.lab;
  const Draw draw{.class_balanced = true, .batch_size = 12};
  const std::vector<Batch> batches = lab.batches(3, draw);
  std::set<std::vector<float>> distinct;
  for (const Batch& batch : batches) {
    BOOST_TEST(torch::equal(batch.labels.bincount(), torch::full({4}, 3, torch::kInt64)));
    for (int64_t i = 0; i < 12; ++i) {
      const torch::Tensor image = batch.images[i].contiguous();
      distinct.insert({image.const_data_ptr<float>(), image.const_data_ptr<float>() + 192});
    }
  }
  BOOST_TEST(distinct.size() == 36U);
  BOOST_TEST(equal(batches[2], lab.batches(3, draw)[2]));
  const Batch ten = lab.batches(1, {.class_balanced = true, .batch_size = 10})[0];
  BOOST_TEST(ten.labels.bincount().min().item<int64_t>() == 2);
  BOOST_TEST(ten.labels.bincount().max().item<int64_t>() == 3);
}

// A second stream: augmented, a function of its name and iteration, an epoch of it a permutation,
// in another order than the first.
BOOST_AUTO_TEST_CASE(a_named_stream_of_batches) {
  Recipe recipe = toy_recipe();
  recipe.augmentation = {.padding = 1, .flip = true};
  ToyLab toy(recipe);
  const Batch sixth = toy.lab.batch("upper", 6, "train");
  std::vector<torch::Tensor> labels;
  for (int64_t i = 0; i < 6; ++i) labels.push_back(toy.lab.batch("upper", i, "train").labels);
  BOOST_TEST(torch::equal(torch::cat(labels).bincount(), torch::full({4}, 24, torch::kInt64)));
  BOOST_TEST(equal(sixth, toy.lab.batch("upper", 6, "train")));
  BOOST_TEST(!equal(sixth, toy.lab.batch("upper", 0, "train")));
  BOOST_TEST(!equal(sixth, toy.lab.batch("lower", 6, "train")));
}

// A stream is named by (seed, name, index); the order of calls doesn't matter.
BOOST_AUTO_TEST_CASE(random_streams_are_named) {
  ToyLab toy;
  Lab& lab = toy.lab;
  const uint64_t mask0 = lab.rng("mask").bits64();
  std::set<uint64_t> all{mask0, lab.rng("mask", 1).bits64(), lab.rng("masks").bits64(),
                         lab.rng("init").bits64()};
  BOOST_TEST(lab.rng("mask", 0).bits64() == mask0);
  LabOptions options = toy_options(toy.folder.path() / "other");
  options.seed = 2;
  HarnessLab other(options);
  all.insert(other.rng("mask", 0).bits64());
  BOOST_TEST(all.size() == 5U);
}

// "init" and "reinit" are two draws; a seed changes both; a ticket's weights come back as they
// were.
BOOST_AUTO_TEST_CASE(nets_are_drawn_from_their_stream) {
  ToyLab toy;
  Lab& lab = toy.lab;
  BOOST_TEST(same(lab.fresh_net()->snapshot(), lab.fresh_net()->snapshot()));
  BOOST_TEST(!same(lab.fresh_net()->snapshot(), lab.fresh_net("reinit")->snapshot()));
  LabOptions options = toy_options(toy.folder.path() / "other");
  options.seed = 2;
  HarnessLab other(options);
  BOOST_TEST(!same(lab.fresh_net()->snapshot(), static_cast<Lab&>(other).fresh_net()->snapshot()));
  BOOST_TEST(
      lab.fresh_net()->prunable_names() == prunable_names(toy_architecture(), PrunableRule{}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lengths_come_from_the_recipe) {
  Recipe recipe = toy_recipe();
  recipe.phases["finetune"].length = {2.5, Duration::Unit::epochs};
  recipe.phases["finetune"].batch_size = 40;
  recipe.validation_examples = 16;  // 80 images are left: 5 batches of 16, 2 of 40
  ToyLab toy(recipe);
  Lab& lab = toy.lab;
  BOOST_TEST(lab.iterations() == 12);
  BOOST_TEST(lab.iterations_per_epoch() == 5);
  BOOST_TEST(lab.iterations("finetune") == 5);
  BOOST_TEST(lab.iterations_per_epoch("finetune") == 2);
  BOOST_TEST(lab.iterations_of({0.25, Duration::Unit::fraction}) == 3);
  BOOST_TEST(lab.iterations_of({1, Duration::Unit::epochs}, "finetune") == 2);
  BOOST_TEST(refusal([&] { lab.iterations("trian"); }) ==
             "recipe toy: unknown phase 'trian'; did you mean 'train'?");
  recipe.validation_examples = 96;
  BOOST_TEST(refusal([&] { ToyLab none(recipe); }) ==
             "recipe toy: 96 validation images of 96 training images");
}

// A net that always says class 2 is right on 25 of the 100 test images, and on 8 of the last 32
// training images, whose loss is that of logits 0, 0, 1, 0.
BOOST_AUTO_TEST_CASE(splits_are_evaluated_apart) {
  Recipe recipe = toy_recipe();
  recipe.validation_examples = 32;
  recipe.train_examples = 88;
  recipe.test_examples = 50;
  ToyLab toy(recipe);
  const NetPtr net = constant_net(toy.lab, 2);
  const Accuracy test = toy.lab.evaluate(*net, Split::test);
  const Accuracy validation = toy.lab.evaluate(*net, Split::validation);
  const Accuracy train = toy.lab.evaluate(*net, Split::train);
  BOOST_TEST(test.examples == 50);
  BOOST_TEST(test.top1_correct == 12);
  BOOST_TEST(test.top5_correct == 50);
  BOOST_TEST(validation.examples == 32);
  BOOST_TEST(validation.top1_correct == 8);
  BOOST_TEST(train.examples == 56);
  BOOST_TEST(train.top1_correct == 14);
  BOOST_TEST(validation.loss == std::log(std::exp(1.0) + 3) - 0.25,
             boost::test_tools::tolerance(1e-6));

  ToyLab without;
  BOOST_TEST(refusal([&] { without.lab.evaluate(*net, Split::validation); }) ==
             "recipe toy holds out no validation images");
}

// Counts by hand on resnet8 at 8x8: conv1 has 432 weights on 64 positions; layer1.0.conv1 keeps 5
// of 2,304 on 64 positions, all of them in its first filter; layer3.0.conv2 loses 1,000 of 36,864
// on 4 positions; the rest is whole. Prunable: 432 + 2 * 2304 + 4608 + 9216 + 512 + 18432 + 36864
// + 2048 = 76,720. Besides: norms 2 * (16 * 3 + 32 * 3 + 64 * 3) = 672, classifier 64 * 4 + 4.
BOOST_AUTO_TEST_CASE(a_record_holds_counts) {
  ToyLab toy;
  Lab& lab = toy.lab;
  const NetPtr net = constant_net(lab, 1);
  MaskSet mask = MaskSet::ones(*net);
  mask["layer1.0.conv1.weight"].zero_();
  mask["layer1.0.conv1.weight"].view({-1}).slice(0, 10, 15).fill_(true);
  mask["layer3.0.conv2.weight"].view({-1}).slice(0, 0, 1000).fill_(false);
  const State untouched = net->snapshot();
  const double asked = (76720.0 - (2304 - 5) - 1000) / 76720.0;
  lab.record(*net, mask, 7, {.rewind_to = untouched, .density = asked, .structure = {}});
  BOOST_TEST(same(net->snapshot(), untouched));

  const json point = toy.lab.results().at("points")[0];
  const int64_t pruned = (2304 - 5) + 1000;
  const json counts = point.at("counts");
  BOOST_TEST(counts.at("prunable_params") == 76720);
  BOOST_TEST(counts.at("kept_prunable") == 76720 - pruned);
  BOOST_TEST(counts.at("total_params") == 76720 + 672 + 260);
  BOOST_TEST(counts.at("kept_total") == 76720 + 672 + 260 - pruned);
  BOOST_TEST(counts.at("exact_k_deviation") == 0);
  BOOST_TEST(point.at("density").at("prunable").get<double>() ==
             (76720.0 - static_cast<double>(pruned)) / 76720);

  const int64_t dense_macs =
      64 * (432 + 2 * 2304) + 16 * (4608 + 9216 + 512) + 4 * (18432 + 36864 + 2048) + 256;
  const int64_t kept_macs = dense_macs - 64 * (2304 - 5) - 4 * 1000;
  BOOST_TEST(point.at("macs").at("dense") == dense_macs);
  BOOST_TEST(point.at("macs").at("kept") == kept_macs);
  BOOST_TEST(point.at("layer_collapse") == false);
  BOOST_TEST(point.at("layers").size() == 9U);
  const json layer = point.at("layers")[1];
  BOOST_TEST(layer.at("name") == "layer1.0.conv1.weight");
  BOOST_TEST(layer.at("kept") == 5);
  BOOST_TEST(layer.at("kept_macs") == 5 * 64);
  BOOST_TEST(layer.at("dead_filters") == 15);
  // 1,000 weights are one filter of 576 and part of the next.
  BOOST_TEST(point.at("layers")[7].at("dead_filters") == 1);

  BOOST_TEST(point.at("level") == 7);
  BOOST_TEST(point.at("test").at("top1_correct") == 25);
  BOOST_TEST(point.at("test").at("examples") == 100);
  BOOST_TEST(point.at("val").is_null());
  BOOST_TEST(point.at("final_epoch") == 0);
  BOOST_TEST(point.at("mask_sha256") == mask.sha256());
  const torch::Tensor answers = torch::ones({100}, torch::kInt64);
  BOOST_TEST(point.at("prediction_sha256") ==
             sha256({static_cast<const char*>(answers.data_ptr()), answers.nbytes()}));
  BOOST_TEST(toy.lab.mistrust() ==
             "level 7: accuracy 25.00 % is within three standard errors of chance (25.00 %)");

  const Ticket ticket = load_ticket(toy.folder.path() / "ticket_7.safetensors");
  BOOST_TEST((ticket.mask == mask));
  BOOST_TEST(ticket.level == 7);
  BOOST_TEST(same(ticket.rewind_to, untouched));
  BOOST_TEST(pruned_of(ticket.trained, mask).count_nonzero().item<int64_t>() == 0);
}

// 3 x kept multiply-adds x images, masks of both spans counted apart; a second phase adds up.
BOOST_AUTO_TEST_CASE(a_record_holds_the_work_done_so_far) {
  ToyLab toy;
  Lab& lab = toy.lab;
  const NetPtr net = lab.fresh_net();
  MaskSet mask = MaskSet::ones(*net);
  const int64_t dense = kept_macs(net->architecture(), mask);
  lab.train(*net, mask, {});
  lab.record(*net, mask, 0);
  mask = random_mask(*net);
  const int64_t half = kept_macs(net->architecture(), mask);
  lab.train(*net, mask, {.phase = "finetune"});
  lab.record(*net, mask, 1);
  const json points = toy.lab.results().at("points");
  // As text: to JSON's comparison 5 and 5.0 are one number.
  BOOST_TEST(points[0].at("train").dump() ==
             json({{"iterations", 12}, {"examples", 192}, {"macs", 3 * 192 * dense}}).dump());
  BOOST_TEST(points[1].at("train").dump() ==
             json({{"iterations", 18}, {"examples", 288}, {"macs", 3 * (192 * dense + 96 * half)}})
                 .dump());
  BOOST_TEST(macs_json(0x1p53 - 1).dump() == "9007199254740991");
  BOOST_TEST(macs_json(0x1p53).dump() == "9.007199254740992e+15");
  BOOST_TEST(points[0].at("final_epoch") == 2);
  BOOST_TEST(points[1].at("final_epoch") == 1);
  BOOST_TEST(points[1].at("selected_epoch") == 1);
  BOOST_TEST(toy.lab.mistrust() == "");

  const json timing = toy.lab.timing();
  BOOST_TEST(timing.at("points").size() == 2U);
  BOOST_TEST(timing.at("images_per_second").get<double>() > 0);
  const double wait = timing.at("wait_fraction");
  BOOST_TEST((wait >= 0 && wait <= 1));
}

BOOST_AUTO_TEST_CASE(results_that_cannot_be_believed_are_mistrusted) {
  {
    ToyLab toy;
    const NetPtr net = toy.lab.fresh_net();
    MaskSet mask = MaskSet::ones(*net);
    mask["layer3.0.downsample.0.weight"].zero_();
    toy.lab.record(*net, mask, 2, {});
    BOOST_TEST(toy.lab.mistrust() == "level 2: a prunable layer has nothing kept");
  }
  ToyLab toy;
  const NetPtr net = toy.lab.fresh_net();
  {
    const torch::NoGradGuard no_grad;
    torch::Tensor(net->parameters().at("fc.bias")).fill_(std::nan(""));
  }
  toy.lab.record(*net, MaskSet::ones(*net), 0, {});
  BOOST_TEST(toy.lab.mistrust() == "level 0: the test loss is not finite");
  BOOST_TEST(toy.lab.results().at("points")[0].at("test").at("loss").is_null());
}

// A single weight off is a defect of the method, or of selection; of whole filters no exact number
// can be asked, and where nothing was asked nothing is off.
BOOST_AUTO_TEST_CASE(a_mask_that_is_off_by_one_weight_is_mistrusted) {
  const auto verdict = [](std::optional<double> density, StructureKind kind, json& deviation) {
    ToyLab toy;
    const NetPtr net = toy.lab.fresh_net();
    MaskSet mask = random_mask(*net);
    toy.lab.record(*net, mask, 1, {.density = density, .structure = {.kind = kind}});
    deviation = toy.lab.results().at("points")[0].at("counts").at("exact_k_deviation");
    return toy.lab.mistrust();
  };
  const NetPtr net = ToyLab().lab.fresh_net();
  const int64_t kept = random_mask(*net).kept();
  const double one_more = static_cast<double>(kept + 1) / 76720;
  json deviation;
  BOOST_TEST(verdict(one_more, StructureKind::unstructured, deviation) ==
             fmt::format("level 1: {} weights kept, -1 of them off the density asked for", kept));
  BOOST_TEST(deviation == -1);
  BOOST_TEST(verdict(one_more, StructureKind::filter, deviation).find("off the density") ==
             std::string::npos);
  BOOST_TEST(deviation == -1);
  BOOST_TEST(verdict({}, StructureKind::unstructured, deviation).find("off the density") ==
             std::string::npos);
  BOOST_TEST(deviation.is_null());
}

BOOST_AUTO_TEST_CASE(a_record_takes_only_its_own_masks) {
  ToyLab toy;
  const NetPtr net = toy.lab.fresh_net();
  MaskSet mask;
  mask["conv1.weight"] = torch::ones({16, 3, 3, 3}, torch::kBool);
  BOOST_TEST(refusal([&] {
               toy.lab.record(*net, mask, 0, {});
             }).starts_with("the mask covers [conv1.weight], but the prunable weights are ["));
}

// A source's tensors are the method's own: what it does to them must not reach the file (they are
// mapped), nor the next call.
BOOST_AUTO_TEST_CASE(a_source_is_a_copy) {
  ToyLab first;
  {
    Lab& lab = first.lab;
    const NetPtr net = lab.fresh_net();
    lab.record(*net, random_mask(*net), 3, {.rewind_to = net->snapshot()});
  }
  const auto file = first.folder.path() / "ticket_3.safetensors";
  std::vector<int64_t> asked;
  const TemporaryFolder folder;
  LabOptions options = toy_options(folder.path());
  options.source = [&](int64_t level) {
    asked.push_back(level);
    return load_ticket(file);
  };
  HarnessLab harness(options);
  Lab& lab = harness;
  Ticket ticket = lab.source();
  const NetPtr net = lab.net(ticket, ticket.rewind_to);
  BOOST_TEST(same(net->snapshot(), first.lab.net(toy_architecture(), "init")->snapshot()));
  BOOST_TEST(net->prunable_names() == ticket.prunable, boost::test_tools::per_element());
  ticket.mask["conv1.weight"].zero_();
  ticket.rewind_to["fc.bias"].fill_(3);
  BOOST_TEST((lab.source(3).mask == random_mask(*net)));
  BOOST_TEST(same(lab.source(3).rewind_to, net->snapshot()));
  BOOST_TEST(asked == std::vector<int64_t>({kSourceLevel, 3, 3}), boost::test_tools::per_element());

  BOOST_TEST(refusal([&] { first.lab.source(kSourceLevel); }) ==
             "this run has no source: name one in the suite (\"source\": {\"run\": ...})");
}

BOOST_AUTO_TEST_CASE(measures_are_series) {
  ToyLab toy;
  toy.lab.measure("distance", 0.5, "fraction", 1);
  toy.lab.measure("plasticity", 2, "percent", 1);
  toy.lab.measure("distance", 0.25, "fraction", 2);
  BOOST_TEST(toy.lab.results().at("measures") ==
             json::parse(R"([{"name": "distance", "unit": "fraction",
                              "points": [{"at": 1.0, "value": 0.5}, {"at": 2.0, "value": 0.25}]},
                             {"name": "plasticity", "unit": "percent",
                              "points": [{"at": 1.0, "value": 2.0}]}])"));
  // JSON has no word for it, so that a record with one could be written but not read.
  toy.lab.measure("plasticity", std::nan(""), "percent", 2);
  BOOST_TEST(toy.lab.results().at("measures")[1].at("points")[1].at("value").is_null());
}

// Scoring is work too: a batch of 16 forth and back, then forth alone.
BOOST_AUTO_TEST_CASE(scoring_passes_are_counted) {
  ToyLab toy;
  Lab& lab = toy.lab;
  const NetPtr net = lab.fresh_net();
  const Batch batch = lab.batches(1).at(0);
  static_cast<void>(lab.loss(*net, batch));
  {
    const torch::NoGradGuard no_grad;
    static_cast<void>(lab.logits(*net, batch));
  }
  lab.record(*net, MaskSet::ones(*net));
  BOOST_TEST(toy.lab.results().at("points")[0].at("train").at("macs") ==
             (3 + 1) * 16 * mac_count(toy_architecture()));
}

BOOST_AUTO_TEST_CASE(state_must_have_a_value) {
  ToyLab toy;
  torch::Tensor nothing;
  BOOST_TEST(refusal([&] { toy.lab.state("average", nothing); }) ==
             "state 'average' is declared with a tensor that has no value yet");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
