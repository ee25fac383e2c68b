#include "core/sgd.hpp"

#include "core/tests/support.hpp"

#include <functional>

namespace ticketbench {
namespace {

using torch::Tensor;

/// The textbook's update for one number, as torch.optim.SGD documents it.
struct Reference {
  SgdSettings settings;
  double w;
  double momentum = 0;
  bool first = true;
  void step(double gradient, double factor) {
    const double g = gradient + settings.weight_decay * w;
    momentum = first ? g : settings.momentum * momentum + g;
    first = false;
    const double direction = settings.nesterov ? g + settings.momentum * momentum : momentum;
    w -= settings.learning_rate * factor * (settings.momentum == 0 ? g : direction);
  }
};

/// No two elements alike, so that one in another's place shows; 4-D ones in channels-last memory.
Tensor ramp(torch::IntArrayRef shape, double scale) {
  int64_t numel = 1;
  for (const int64_t s : shape) numel *= s;
  const Tensor t = (torch::arange(numel, torch::kFloat32) - 3.3) * scale;
  const Tensor shaped = t.reshape(shape);
  return shape.size() == 4 ? shaped.contiguous(torch::MemoryFormat::ChannelsLast) : shaped;
}

/// Largest difference from the reference after three steps with other gradients and factors each.
double deviation_from_reference(const SgdSettings& settings, const Tensor& start,
                                torch::MemoryFormat gradient_format) {
  const Tensor w = start.clone().requires_grad_();
  Sgd sgd({w}, settings);
  std::vector<Reference> reference;
  const Tensor flat_start = start.flatten();
  for (int64_t i = 0; i < flat_start.numel(); ++i)
    reference.push_back({settings, flat_start[i].item<double>()});
  const std::vector<double> factors{1, 0.5, 0.1};
  for (size_t k = 0; k < factors.size(); ++k) {
    Tensor gradient = ramp(start.sizes(), 0.01 * static_cast<double>(k + 1)).sin();
    if (start.dim() == 4) gradient = gradient.contiguous(gradient_format);
    const Tensor before = gradient.clone();
    w.mutable_grad() = gradient;
    sgd.step(factors[k]);
    BOOST_TEST(torch::equal(gradient, before));
    const Tensor flat = gradient.flatten();
    for (size_t i = 0; i < reference.size(); ++i)
      reference[i].step(flat[static_cast<int64_t>(i)].item<double>(), factors[k]);
  }
  const Tensor found = w.detach().flatten();
  const Tensor found_momentum = sgd.momenta().at(0).flatten();
  double worst = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    worst = std::max(worst, std::abs(found[at].item<double>() - reference[i].w));
    if (settings.momentum != 0)
      worst = std::max(worst, std::abs(found_momentum[at].item<double>() - reference[i].momentum));
  }
  return worst;
}

BOOST_AUTO_TEST_SUITE(sgd)

// One number by hand, momentum 0.9, decay 0.1, rate 0.5, w = 1, gradients 1, 1, 0:
//   g = 1.1    m = 1.1     w = 1 - 0.55             =  0.45
//   g = 1.045  m = 2.035   w = 0.45 - 1.0175        = -0.5675
//   g = -0.05675  m = 1.77475  w = -0.5675 - 0.887375 = -1.454875
// Decay added to the step and not to the gradient, or momentum with dampening, differs at step 2.
BOOST_AUTO_TEST_CASE(momentum_and_weight_decay_by_hand) {
  const Tensor w = torch::ones({1}).requires_grad_();
  Sgd sgd({w}, {.learning_rate = 0.5, .momentum = 0.9, .weight_decay = 0.1});
  BOOST_TEST(sgd.momenta().at(0).item<double>() == 0.0);
  const auto close = boost::test_tools::tolerance(1e-6);
  const std::vector<std::pair<double, double>> expected{{1, 0.45}, {1, -0.5675}, {0, -1.454875}};
  for (const auto& [gradient, value] : expected) {
    w.mutable_grad() = torch::full({1}, gradient);
    sgd.step(1);
    BOOST_TEST(w.item<double>() == value, close);
  }
  BOOST_TEST(sgd.momenta().at(0).item<double>() == 1.77475, close);
}

// Nesterov, no decay, rate 1, gradients 1, 1: m = 1, step 1.9; m = 1.9, step 1 + 1.71.
BOOST_AUTO_TEST_CASE(nesterov_by_hand) {
  const Tensor w = torch::zeros({1}).requires_grad_();
  Sgd sgd({w}, {.learning_rate = 1, .momentum = 0.9, .nesterov = true});
  const auto close = boost::test_tools::tolerance(1e-6);
  for (const double expected : {-1.9, -4.61}) {
    w.mutable_grad() = torch::ones({1});
    sgd.step(1);
    BOOST_TEST(w.item<double>() == expected, close);
  }
}

// The factor scales the rate and not the momentum: it follows a schedule while momentum lives on.
BOOST_AUTO_TEST_CASE(the_factor_is_no_part_of_the_momentum) {
  const Tensor w = torch::zeros({1}).requires_grad_();
  Sgd sgd({w}, {.learning_rate = 1, .momentum = 0.5});
  w.mutable_grad() = torch::ones({1});
  sgd.step(0);
  BOOST_TEST(w.item<double>() == 0.0);
  BOOST_TEST(sgd.momenta().at(0).item<double>() == 1.0);
  sgd.step(0.1);
  BOOST_TEST(w.item<double>() == -0.15, boost::test_tools::tolerance(1e-6));
}

// The kernel walks raw memory. Sizes that aren't a multiple of a vector register, more than one
// chunk of a thread, and gradients that lie in another order than the weights, as a method's own
// may: paired by memory instead of by index, nearly all elements are wrong.
BOOST_AUTO_TEST_CASE(every_layout_and_size_against_the_textbook) {
  const std::vector<SgdSettings> all{
      {.learning_rate = 0.1, .momentum = 0},
      {.learning_rate = 0.1, .momentum = 0, .weight_decay = 0.05},
      {.learning_rate = 0.1, .momentum = 0.9},
      {.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.05},
      {.learning_rate = 0.1, .momentum = 0.9, .nesterov = true},
      {.learning_rate = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 0.05},
  };
  const std::vector<std::vector<int64_t>> shapes{{1}, {37}, {5, 7}, {4, 3, 3, 2}, {6, 5, 1, 1}};
  for (size_t s = 0; s < all.size(); ++s) {
    for (const auto& shape : shapes) {
      for (const auto format :
           {torch::MemoryFormat::ChannelsLast, torch::MemoryFormat::Contiguous}) {
        BOOST_TEST_CONTEXT("settings " << s << ", " << torch::IntArrayRef(shape)) {
          BOOST_TEST(deviation_from_reference(all[s], ramp(shape, 0.01), format) < 1e-6);
        }
      }
    }
  }
}

// 200,000 elements are split between threads: the last chunk and the tail of each must move too.
BOOST_AUTO_TEST_CASE(every_element_of_a_large_tensor_moves_once) {
  const Tensor w = torch::zeros({200'003}).requires_grad_();
  Sgd sgd({w}, {.learning_rate = 1, .momentum = 0.9});
  w.mutable_grad() = torch::ones({200'003});
  sgd.step(1);
  BOOST_TEST(torch::equal(w.detach(), torch::full({200'003}, -1.0F)));
}

// No gradient is not a gradient of zero: weight decay and momentum would move the tensor.
BOOST_AUTO_TEST_CASE(tensors_without_a_gradient_are_left_alone) {
  const Tensor a = torch::ones({3}).requires_grad_();
  const Tensor b = torch::ones({2}).requires_grad_();
  Sgd sgd({a, b}, {.learning_rate = 0.5, .momentum = 0.9, .weight_decay = 0.1});
  sgd.step(1);
  BOOST_TEST(torch::equal(a.detach(), torch::ones({3})));
  b.mutable_grad() = torch::ones({2});
  sgd.step(1);
  BOOST_TEST(torch::equal(a.detach(), torch::ones({3})));
  BOOST_TEST(b[0].item<double>() == 0.45, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(sgd.momenta().at(0).count_nonzero().item<int64_t>() == 0);
  sgd.zero_grad();
  BOOST_TEST(!b.grad().defined());
}

// What the trainer relies on: where weight, momentum and gradient are exactly zero, the weight
// stays exactly zero, decay or not; and momentum set to zero from outside is seen.
BOOST_AUTO_TEST_CASE(zero_stays_zero) {
  const Tensor w = torch::tensor({0.0, 1.0}, torch::kFloat32).requires_grad_();
  Sgd sgd({w}, {.learning_rate = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 5e-4});
  for (int i = 0; i < 5; ++i) {
    w.mutable_grad() = torch::tensor({0.0, 1.0}, torch::kFloat32);
    sgd.step(1);
  }
  BOOST_TEST(w[0].item<double>() == 0.0);
  BOOST_TEST(sgd.momenta().at(0)[0].item<double>() == 0.0);
  sgd.momenta().at(0).zero_();
  w.mutable_grad() = torch::zeros({2});
  const double before = w[1].item<double>();
  sgd.step(1);
  BOOST_TEST(std::abs(w[1].item<double>() - before) < 1e-3);
}

// A gradient of autograd's own beside channels-last weights: the loss is sum(w * ramp), its
// gradient the ramp itself.
BOOST_AUTO_TEST_CASE(autograds_own_gradients_fit) {
  const Tensor w = ramp({4, 3, 3, 2}, 0.01).requires_grad_();
  const Tensor before = w.detach().clone();
  const Tensor weights = ramp({4, 3, 3, 2}, 1);
  (w * weights).sum().backward();
  Sgd sgd({w}, {.learning_rate = 0.5, .momentum = 0});
  sgd.step(1);
  BOOST_TEST(torch::allclose(w.detach(), before - 0.5 * weights));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
