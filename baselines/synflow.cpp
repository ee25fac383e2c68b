// SynFlow: prunes at initialisation without data, in many rounds, so that no layer collapses.
// Tanaka, Kunin, Yamins, Ganguli. NeurIPS 2020, arXiv:2006.05467, Algorithm 1.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct Synflow {
  static constexpr Card card{
      .name = "synflow",
      .title = "SynFlow",
      .paper = "arXiv:2006.05467",
      .place = "Algorithm 1",
      .bibtex =
          R"(@inproceedings{tanaka2020pruning, title = {Pruning neural networks without any data by iteratively conserving synaptic flow},
  author = {Tanaka, Hidenori and Kunin, Daniel and Yamins, Daniel L. K. and Ganguli, Surya}, booktitle = {NeurIPS}, year = {2020}})"};

  double density = 0.1;
  int64_t rounds = 100;

  void fields(Fields& f) {
    f("density", density, {1e-6, 1}, "fraction of the prunable weights kept");
    f("rounds", rounds, {1, 10000}, "n: pruning rounds, densities falling by equal ratios");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    // In double: products over all layers leave the range of float.
    const NetPtr linear = net->clone(torch::kFloat64);
    {
      const torch::NoGradGuard no_grad;
      for (const auto& [name, w] : linear->parameters()) torch::Tensor(w).abs_();
    }
    const InputShape& in = net->architecture().input;
    const Batch ones{torch::ones({1, in.channels, in.height, in.width},
                                 torch::dtype(torch::kFloat64).device(net->device())),
                     torch::zeros({1}, torch::kInt64)};

    MaskSet mask = MaskSet::ones(*net);
    for (int64_t round = 1; round <= rounds; ++round) {
      linear->zero_grad();
      lab.logits(*linear, ones, BnMode::eval, masked_weights(mask)).sum().backward();
      const double now = exponential_schedule(
          1, density, static_cast<double>(round) / static_cast<double>(rounds));
      mask = keep_top(sensitivity(*linear), now, Scope::global, mask);
    }

    lab.train(*net, mask, {});
    lab.record(*net, mask, 0, {.rewind_to = initial, .density = density});
  }
};

TICKETBENCH_REGISTER_METHOD(Synflow);

}  // namespace
}  // namespace ticketbench
