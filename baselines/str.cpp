// STR: each layer learns the threshold below which its weights are zero.
// Kusupati, Ramanujan, Somani, Wortsman, Jain, Kakade, Farhadi. ICML 2020, arXiv:2002.03231,
// section 3.1.

#include "core/method.hpp"

#include <map>

namespace ticketbench {
namespace {

struct Str {
  static constexpr Card card{
      .name = "str",
      .title = "Soft threshold weight reparameterization",
      .paper = "arXiv:2002.03231",
      .place = "section 3.1",
      .deviations = {"The first threshold is set for short trainings; the paper begins at s = "
                     "-3200 on ImageNet and lets weight decay raise it.",
                     "The density comes out of training: it is recorded and can't be asked for."},
      .bibtex =
          R"(@inproceedings{kusupati2020soft, title = {Soft Threshold Weight Reparameterization for Learnable Sparsity},
  author = {Kusupati, Aditya and Ramanujan, Vivek and Somani, Raghav and Wortsman, Mitchell and Jain, Prateek and Kakade, Sham and Farhadi, Ali}, booktitle = {ICML}, year = {2020}})"};

  double initial_threshold = -6;
  double threshold_rate = 0.1;
  double threshold_decay = 5e-3;

  void fields(Fields& f) {
    f("initial_threshold", initial_threshold, {-1e6, 10},
      "s at the start; weights below sigmoid(s) are zero");
    f("threshold_rate", threshold_rate, {0, 1e3}, "peak learning rate of s");
    f("threshold_decay", threshold_decay, {0, 1}, "lambda: weight decay of s, which draws it to 0");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    std::map<std::string, torch::Tensor> thresholds;
    ParameterGroup group{
        .settings = {.learning_rate = threshold_rate, .weight_decay = threshold_decay}};
    for (const auto& [name, w] : prunable(*net)) {
      thresholds[name] = torch::full({}, initial_threshold, w.options()).detach().requires_grad_();
      group.tensors.push_back(thresholds[name]);
    }
    // S_g(w, s) = sign(w) relu(|w| - g(s)) with g the sigmoid (equations 2 and 3).
    const EffectiveWeight soft = [&](const std::string& name, const torch::Tensor& w) {
      const auto s = thresholds.find(name);
      return s == thresholds.end() ? w : w.sign() * (w.abs() - s->second.sigmoid()).relu();
    };

    MaskSet latent = MaskSet::ones(*net);
    lab.train(*net, latent, {}, {.effective_weight = soft, .parameters = {group}});
    write_effective_weights(*net, soft);

    MaskSet mask;
    for (const auto& [name, w] : prunable(*net)) mask[name] = w.detach() != 0;
    lab.record(*net, mask, 0, {.rewind_to = initial});
  }
};

TICKETBENCH_REGISTER_METHOD(Str);

}  // namespace
}  // namespace ticketbench
