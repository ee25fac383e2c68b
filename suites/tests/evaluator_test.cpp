#include "suites/harness/evaluator.hpp"

#include "suites/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

namespace ticketbench {
namespace {

// Images of one pixel and four channels, 255 in the channel of the label; a linear layer that
// doubles its input: logits 2 for the class shown and 0 for the others.
EvaluationSet one_hot(int64_t count) {
  const torch::Tensor labels = torch::arange(count) % 4;
  const torch::Tensor pixels = (torch::one_hot(labels, 4) * 255).to(torch::kUInt8);
  return {{pixels.view({count, 1, 1, 4}).contiguous(), labels}, {0, 0, 0, 0}, {1, 1, 1, 1}};
}

std::shared_ptr<Net> doubling_net() {
  Architecture a{.model = "linear", .input = {4, 1, 1}};
  a.classifier = {{.name = "fc", .in = 4, .out = 4, .bias = false}};
  auto net = std::make_shared<Net>(a, std::vector<std::string>{"fc.weight"}, torch::kCPU);
  const torch::NoGradGuard no_grad;
  torch::Tensor(net->parameters().at("fc.weight")).copy_(2 * torch::eye(4));
  return net;
}

BOOST_AUTO_TEST_SUITE(evaluator)

// 10 and 260 images fill no batch of 250. Correct answers over the nominal batch size, or a mean
// over batches, would give 0.04 and 0.52 and not 1.
BOOST_AUTO_TEST_CASE(a_perfect_net_is_perfect_on_ragged_batches) {
  const auto net = doubling_net();
  for (const int64_t count : {10, 250, 260, 500}) {
    const Accuracy result = predict(*net, one_hot(count)).evaluation;
    BOOST_TEST(result.examples == count);
    BOOST_TEST(result.top1_correct == count);
    BOOST_TEST(result.top5_correct == count);
    BOOST_TEST(result.top1() == 1.0);
  }
}

// The last three labels are wrong, all in the batch of 10 after that of 250: the loss is the mean
// over images, 257 of log(e^2 + 3) - 2 and 3 of log(e^2 + 3). A mean of the two batches' means
// would weigh the wrong ones 25 times as much.
BOOST_AUTO_TEST_CASE(the_loss_is_the_mean_over_images) {
  EvaluationSet set = one_hot(260);
  for (int64_t i = 257; i < 260; ++i) set.images.labels[i] = (i + 1) % 4;
  const Predictions result = predict(*doubling_net(), set);
  BOOST_TEST(result.evaluation.top1_correct == 257);
  BOOST_TEST(result.evaluation.top5_correct ==
             260);  // of four classes all are among the first five
  const double wrong = std::log(std::exp(2.0) + 3);
  BOOST_TEST(result.evaluation.loss == (257 * (wrong - 2) + 3 * wrong) / 260,
             boost::test_tools::tolerance(1e-6));
  BOOST_TEST(torch::equal(result.top1, torch::arange(260) % 4));
}

// A method's weights are the ones that count: turned round by one class, none is right. Nothing is
// left behind for autograd.
BOOST_AUTO_TEST_CASE(it_uses_effective_weights_and_no_autograd) {
  const auto net = doubling_net();
  bool recorded = false;
  const Predictions result =
      predict(*net, one_hot(10), [&](const std::string&, const torch::Tensor& w) {
        torch::Tensor turned = w.roll(1, 0);
        recorded = recorded || turned.requires_grad();
        return turned;
      });
  BOOST_TEST(result.evaluation.top1_correct == 0);
  BOOST_TEST(!recorded);
  BOOST_TEST(!net->parameters().at("fc.weight").grad().defined());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
