// GraSP: prunes at initialisation what the gradient flow misses least.
// Wang, Zhang, Grosse. ICLR 2020, arXiv:2002.07376, Algorithm 2.

#include "core/method.hpp"

#include <torch/csrc/autograd/autograd.h>

namespace ticketbench {
namespace {

struct Grasp {
  static constexpr Card card{
      .name = "grasp",
      .title = "GraSP",
      .paper = "arXiv:2002.07376",
      .place = "Algorithm 2",
      .deviations = {"Scores are taken at the recipe's own initialisation; the authors draw the "
                     "classifier again.",
                     "Norms use the statistics of the batch and leave the running ones alone."},
      .bibtex =
          R"(@inproceedings{wang2020picking, title = {Picking Winning Tickets Before Training by Preserving Gradient Flow},
  author = {Wang, Chaoqi and Zhang, Guodong and Grosse, Roger}, booktitle = {ICLR}, year = {2020}})"};

  double density = 0.1;
  int64_t samples_per_class = 10;
  int64_t num_batches = 1;
  double temperature = 200;
  Duration rewind{};

  void fields(Fields& f) {
    f("density", density, {0, 1}, "fraction of the prunable weights kept");
    f("samples_per_class", samples_per_class, {1, 1000}, "images of each class in a batch");
    f("num_batches", num_batches, {1, 1000}, "class-balanced batches the product is summed over");
    f("temperature", temperature, {1e-3, 1e6}, "T: logits are divided by it");
    f.later("rewind", rewind, {}, "dense training before scores are taken; 0: none, as printed");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const int64_t k = lab.iterations_of(rewind);
    MaskSet mask = MaskSet::ones(*net);
    lab.train(*net, mask, {.to = k});
    const State w_k = lab.snapshot(*net);
    const std::vector<torch::Tensor> weights = prunable(*net).tensors();
    const auto gradients = [&](const Batch& batch, bool create_graph) {
      const torch::Tensor logits = lab.logits(*net, batch) / temperature;
      return torch::autograd::grad({torch::cross_entropy_loss(logits, batch.labels)}, weights, {},
                                   create_graph, create_graph);
    };
    const std::vector<Batch> batches = lab.batches(
        num_batches,
        {.class_balanced = true, .batch_size = samples_per_class * lab.model().classes()});

    // The gradient g over all batches first; then Hg by differentiating g'g with one g held fixed.
    std::vector<torch::Tensor> flow;
    for (const Batch& batch : batches) {
      const auto g = gradients(batch, false);
      for (size_t i = 0; i < g.size(); ++i) {
        if (flow.size() < g.size())
          flow.push_back(g[i]);
        else
          flow[i] = flow[i] + g[i];
      }
    }
    for (const Batch& batch : batches) {
      const auto g = gradients(batch, true);
      torch::Tensor product = torch::zeros({}, g[0].options());
      for (size_t i = 0; i < g.size(); ++i) product = product + (flow[i] * g[i]).sum();
      product.backward();
    }

    // Removing w changes the flow by -w Hg (equation 8): what raises it most goes first.
    ScoreMap scores;
    for (const auto& [name, w] : prunable(*net)) scores[name] = (w * w.grad()).detach();
    net->zero_grad();

    mask = keep_top(scores, density, Scope::global, mask);
    lab.rewind(*net, w_k);
    lab.train(*net, mask, {.from = k});
    lab.record(*net, mask, 0, {.rewind_to = w_k, .rewind_iteration = k, .density = density});
  }
};

TICKETBENCH_REGISTER_METHOD(Grasp);

}  // namespace
}  // namespace ticketbench
