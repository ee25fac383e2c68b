// HYDRA: the weights of a trained network rest while scores are trained that choose among them;
// then the chosen ones are fine-tuned. Sehwag, Wang, Mittal, Jana. NeurIPS 2020, arXiv:2002.10509,
// Algorithm 1 (here on the natural loss).

#include "core/method.hpp"

#include <cmath>

namespace ticketbench {
namespace {

struct Hydra {
  static constexpr Card card{
      .name = "hydra",
      .title = "HYDRA",
      .paper = "arXiv:2002.10509",
      .place = "Algorithm 1",
      .needs = Needs::dense,
      .deviations =
          {"The loss is cross entropy on clean images; the paper's is an adversarial one.",
           "Structured masks leave the classifier dense."},
      .bibtex =
          R"(@inproceedings{sehwag2020hydra, title = {HYDRA: Pruning Adversarially Robust Neural Networks},
  author = {Sehwag, Vikash and Wang, Shiqi and Mittal, Prateek and Jana, Suman}, booktitle = {NeurIPS}, year = {2020}})"};

  double density = 0.1;
  Scope scope = Scope::per_layer;
  Structure structure;
  SgdSettings scores_optimizer{.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 1e-4};

  void fields(Fields& f) {
    f("density", density, {0, 1},
      "kept: of the prunable weights, or of each layer's filters or channels");
    f("scope", scope, "over which single weights scores are ranked");
    f.later("structure", structure, {}, "unstructured, filter or channel");
    f("scores_optimizer", scores_optimizer, "SGD that trains the scores");
  }

  void run(Lab& lab) const {
    const Ticket dense = lab.source();
    NetPtr net = lab.net(dense, dense.trained);
    const MaskSet all = MaskSet::ones(*net);

    // Scores begin as the weights, scaled layer by layer (equation 4).
    NamedTensors scores;
    for (const auto& [name, w] : prunable(*net)) {
      const auto fan_in = static_cast<double>(w.numel() / w.size(0));
      const torch::Tensor scaled = std::sqrt(6 / fan_in) * w.detach() / w.detach().abs().max();
      scores[name] = scaled.nan_to_num(0).clone().requires_grad_();
    }
    MaskSet mask;
    const auto choose = [&] {
      ScoreMap sizes;
      for (const auto& [name, s] : scores) sizes[name] = s.detach().abs();
      mask = keep_top_of(structure, sizes, density, scope, all);
    };

    MaskSet latent = all;
    lab.train(*net, latent, {.phase = "prune"},
              {.effective_weight =
                   [&](const std::string& name, const torch::Tensor& w) {
                     return scores.contains(name)
                                ? w * straight_through(mask.at(name).to(w.scalar_type()),
                                                       scores.at(name).abs())
                                : w;
                   },
               .parameters = {{.tensors = scores.tensors(), .settings = scores_optimizer}},
               .frozen = [](const std::string&) { return true; },
               .before_forward = [&](TrainStep&) { choose(); }});
    choose();

    lab.train(*net, mask, {.phase = "finetune"});
    RecordOptions options{.rewind_to = dense.rewind_to,
                          .rewind_iteration = dense.rewind_iteration,
                          .structure = structure};
    if (structure.kind == StructureKind::unstructured) options.density = density;
    lab.record(*net, mask, 0, options);
  }
};

TICKETBENCH_REGISTER_METHOD(Hydra);

}  // namespace
}  // namespace ticketbench
