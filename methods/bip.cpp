// BiP: pruning as two problems, one inside the other. The lower one trains the weights under the
// mask, the upper one moves scores whose largest are the mask, by a gradient that knows how the
// lower one would answer.
// Zhang, Yao, Ram, Zhao, Chen, Hong, Wang, Liu. NeurIPS 2022, arXiv:2210.04092, Algorithm A1.

#include "core/method.hpp"

namespace ticketbench {
namespace {

/// The upper step.
enum class UpperStep {
  paper,     ///< scores of their own; gradient (w - mask * g / gamma) * g
  released,  ///< of the authors' code: weights are the scores; gradient |w| g - (w g)^2 / gamma
};
constexpr auto enum_names(UpperStep) {
  return std::to_array<std::string_view>({"paper", "released"});
}

/// What happens to the pruned network in the end.
enum class Afterwards {
  nothing,
  fine_tuning,       ///< the recipe's phase `finetune`
  weight_rewinding,  ///< trained again from the weights the source rewinds to
};
constexpr auto enum_names(Afterwards) {
  return std::to_array<std::string_view>({"nothing", "fine_tuning", "weight_rewinding"});
}

struct Bip {
  static constexpr Card card{
      .name = "bip",
      .title = "Bi-level pruning (BiP)",
      .paper = "arXiv:2210.04092",
      .place = "Algorithm A1",
      .needs = Needs::dense,
      .deviations = {"Gamma is the constant of the authors' code; the paper's wasn't found.",
                     "Structured masks leave the classifier dense, as in the authors' code."},
      .bibtex =
          R"(@inproceedings{zhang2022advancing, title = {Advancing Model Pruning via Bi-level Optimization},
  author = {Zhang, Yihua and Yao, Yuguang and Ram, Parikshit and Zhao, Pu and Chen, Tianlong and Hong, Mingyi and Wang, Yanzhi and Liu, Sijia}, booktitle = {NeurIPS}, year = {2022}})"};

  double density = 0.1;
  Structure structure;
  UpperStep upper_step = UpperStep::paper;
  double gamma = 1e4;
  SgdSettings upper{.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 1e-4};
  Afterwards afterwards = Afterwards::nothing;

  void fields(Fields& f) {
    f("density", density, {0, 1},
      "kept: of the prunable weights, or of each layer's filters or channels");
    f("structure", structure, "unstructured, filter or channel");
    f("upper_step", upper_step, "how scores are moved");
    f("gamma", gamma, {1e-6, 1e12}, "weight of the lower problem's regulariser");
    f("upper", upper, "SGD of the scores, its rate following that of the phase `prune`");
    f("afterwards", afterwards, "what happens to the pruned network in the end");
  }

  void run(Lab& lab) const {
    const Ticket dense = lab.source();
    NetPtr net = lab.net(dense, dense.trained);
    const NamedTensors weights = prunable(*net);
    NamedTensors scores;  // m of the paper; of the released code the weights themselves
    for (const auto& [name, w] : weights) {
      scores[name] =
          upper_step == UpperStep::released ? w : w.detach().abs().clone().requires_grad_();
    }
    const auto optimizer = lab.optimizer(scores.tensors(), upper);
    MaskSet mask;

    const MaskSet all = MaskSet::ones(*net);
    MaskSet latent = all;
    lab.train(*net, latent, {.phase = "prune"},
              {.effective_weight = masked_weights(mask),
               .before_forward = [&](TrainStep&) { mask = chosen(scores, all); },
               // Step 1, on kept weights, has been made; step 2 on another batch:
               .after_step =
                   [&](TrainStep& step) {
                     if (upper_step == UpperStep::released) mask = chosen(scores, all);
                     const NamedTensors g = gradient(lab, step, mask);
                     for (const auto& [name, w] : weights)
                       scores.at(name).mutable_grad() =
                           upper_gradient(w.detach(), g.at(name), mask.at(name));
                     optimizer->step(step.rate_factor);
                   }});
    mask = chosen(scores, all);

    if (afterwards != Afterwards::nothing) {
      if (afterwards == Afterwards::weight_rewinding) lab.rewind(*net, dense.rewind_to);
      const bool tuned = afterwards == Afterwards::fine_tuning;
      lab.train(*net, mask,
                tuned ? Span{.phase = "finetune"} : Span{.from = dense.rewind_iteration});
    }
    RecordOptions options{.rewind_to = dense.rewind_to,
                          .rewind_iteration = dense.rewind_iteration,
                          .structure = structure};
    if (structure.kind == StructureKind::unstructured) options.density = density;
    lab.record(*net, mask, 0, options);
  }

  // dl/dz at z = mask * w, on a batch that the lower step hasn't seen.
  static NamedTensors gradient(Lab& lab, const TrainStep& step, const MaskSet& mask) {
    NamedTensors z;
    for (const auto& [name, w] : prunable(step.net))
      z[name] = (w.detach() * mask.at(name)).requires_grad_();
    lab.loss(step.net, lab.batch("upper", step.iteration, "prune"), BnMode::batch_only,
             [&](const std::string& name, const torch::Tensor& w) {
               return z.contains(name) ? z.at(name) : w;
             })
        .backward();
    NamedTensors g;
    for (const auto& [name, t] : z) g[name] = t.grad();
    return g;
  }

  [[nodiscard]] torch::Tensor upper_gradient(const torch::Tensor& w, const torch::Tensor& g,
                                             const torch::Tensor& mask) const {
    if (upper_step == UpperStep::released) return w.abs() * g - (w * g).square() / gamma;
    return (w - mask * g / gamma) * g;
  }

  [[nodiscard]] MaskSet chosen(const NamedTensors& scores, const MaskSet& all) const {
    ScoreMap sizes;
    for (const auto& [name, score] : scores)
      sizes[name] = upper_step == UpperStep::released ? score.detach().abs() : score.detach();
    return keep_top_of(structure, sizes, density, Scope::global, all);
  }
};

TICKETBENCH_REGISTER_METHOD(Bip);

}  // namespace
}  // namespace ticketbench
