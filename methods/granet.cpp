// GraNet: gradual magnitude pruning while, layer by layer, the weakest weights make room for those
// that the gradient asks for ("zero-cost neuroregeneration").
// Liu, Chen, Chen, Atashgahi, Yin, Kou, Shen, Pechenizkiy, Wang, Mocanu. NeurIPS 2021,
// arXiv:2106.10404, section 4, appendix B.1.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct Granet {
  static constexpr Card card{
      .name = "granet",
      .title = "GraNet",
      .paper = "arXiv:2106.10404",
      .place = "section 4, appendix B.1",
      .deviations =
          {"The final density is reached exactly; the authors' window ends one update short of it.",
           "Layers keep exact numbers of weights; the authors draw the first mask weight by "
           "weight."},
      .bibtex =
          R"(@inproceedings{liu2021sparse, title = {Sparse Training via Boosting Pruning Plasticity with Neuroregeneration},
  author = {Liu, Shiwei and Chen, Tianlong and Chen, Xiaohan and Atashgahi, Zahra and Yin, Lu and Kou, Huanyu and Shen, Li and Pechenizkiy, Mykola and Wang, Zhangyang and Mocanu, Decebal Constantin}, booktitle = {NeurIPS}, year = {2021}})"};

  double initial_density = 1;
  double density = 0.1;
  Scope scope = Scope::global;
  double drop_fraction = 0.5;
  Duration update_period{1000, Duration::Unit::iterations};
  Duration prune_begin{0, Duration::Unit::fraction};
  Duration prune_end{0.5, Duration::Unit::fraction};

  void fields(Fields& f) {
    f("initial_density", initial_density, {0, 1}, "1: dense to sparse; less: an ERK mask at first");
    f("density", density, {0, 1}, "fraction of the prunable weights kept in the end");
    f("scope", scope, "over which weights magnitudes are ranked when the density falls");
    f("drop_fraction", drop_fraction, {0, 1},
      "p_0: of each layer's kept weights, regenerated at first");
    f("update_period", update_period, "Delta T: between updates of the mask");
    f("prune_begin", prune_begin, "t_0: the density falls from here");
    f("prune_end", prune_end, "t_f: the final density from here on");
  }

  void run(Lab& lab) const {
    constexpr double kLastFraction = 0.005;
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    MaskSet mask = random_mask(*net, Allocation::erk, initial_density, lab.rng("mask"));
    const int64_t end = lab.iterations();
    const Periodic pruning{.period = lab.iterations_of(update_period),
                           .from = lab.iterations_of(prune_begin),
                           .to = std::min(lab.iterations_of(prune_end), end - 1)};
    const Periodic updates{.period = pruning.period, .from = pruning.from, .to = end};
    const auto due = [&](int64_t t) { return updates.due(t) || t == pruning.to; };

    lab.train(
        *net, mask, {},
        {.after_step =
             [&](TrainStep& step) {
               const int64_t t = step.iteration;
               if (!due(t)) return;
               if (t <= pruning.to) {
                 // Equation 1; what goes here may come back below, but starts from zero.
                 const double now = cubic_schedule(initial_density, density, pruning.progress(t));
                 step.apply(keep_top(magnitude(step.net), now, scope, step.mask));
               }
               // As many as are dropped grow in the same layer; one that is dropped and grown
               // keeps its value.
               const double fraction = cosine_schedule(
                   drop_fraction, kLastFraction, static_cast<double>(t) / static_cast<double>(end));
               const MaskSet left = drop_smallest(magnitude(step.net), fraction, step.mask);
               step.apply(grow_largest(gradient_magnitude(step.net), kept_counts(step.mask), left));
             },
         .needs_dense_gradient = due});
    lab.record(*net, mask, 0, {.rewind_to = initial, .density = density});
  }
};

TICKETBENCH_REGISTER_METHOD(Granet);

}  // namespace
}  // namespace ticketbench
