// GMP: gradual magnitude pruning during training, the density following a cubic curve.
// Zhu, Gupta. 2017, arXiv:1710.01878, section 3, equation 1.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct Gmp {
  static constexpr Card card{
      .name = "gmp",
      .title = "Gradual magnitude pruning",
      .paper = "arXiv:1710.01878",
      .place = "section 3, equation 1",
      .deviations = {"Magnitudes are ranked over all layers together; the paper prunes each layer "
                     "to the same density. Scope per_layer does that."},
      .bibtex =
          R"(@article{zhu2017prune, title = {To prune, or not to prune: exploring the efficacy of pruning for model compression},
  author = {Zhu, Michael and Gupta, Suyog}, journal = {arXiv:1710.01878}, year = {2017}})"};

  double density = 0.1;
  Duration begin{0, Duration::Unit::fraction};
  Duration end{0.5, Duration::Unit::fraction};
  Duration update_period{100, Duration::Unit::iterations};
  Scope scope = Scope::global;

  void fields(Fields& f) {
    f("density", density, {0, 1}, "fraction of the prunable weights kept in the end");
    f("begin", begin, "t_0: the network is dense until here");
    f("end", end, "t_0 + n Delta t: the final density from here on");
    f("update_period", update_period, "Delta t: between pruning steps");
    f("scope", scope, "over which weights magnitudes are ranked");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    MaskSet mask = MaskSet::ones(*net);
    const Periodic steps{.period = lab.iterations_of(update_period),
                         .from = lab.iterations_of(begin),
                         .to = std::min(lab.iterations_of(end), lab.iterations() - 1)};

    lab.train(*net, mask, {}, {.before_forward = [&](TrainStep& step) {
      if (!steps.due_or_last(step.iteration)) return;
      const double now = cubic_schedule(1, density, steps.progress(step.iteration));
      step.apply(keep_top(magnitude(step.net), now, scope, step.mask));
    }});
    lab.record(*net, mask, 0, {.rewind_to = initial, .density = density});
  }
};

TICKETBENCH_REGISTER_METHOD(Gmp);

}  // namespace
}  // namespace ticketbench
