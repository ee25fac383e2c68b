// RigL: a sparse network drops its smallest weights and grows where the gradient is largest.
// Evci, Gale, Menick, Castro, Elsen. ICML 2020, arXiv:1911.11134, Algorithm 1.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct Rigl {
  static constexpr Card card{
      .name = "rigl",
      .title = "RigL",
      .paper = "arXiv:1911.11134",
      .place = "Algorithm 1",
      .deviations = {"A weight that is dropped and grown again in one update keeps its value, as "
                     "in the authors' code."},
      .bibtex =
          R"(@inproceedings{evci2020rigging, title = {Rigging the Lottery: Making All Tickets Winners},
  author = {Evci, Utku and Gale, Trevor and Menick, Jacob and Castro, Pablo Samuel and Elsen, Erich}, booktitle = {ICML}, year = {2020}})"};

  double density = 0.1;
  Allocation allocation = Allocation::erk;
  double drop_fraction = 0.3;
  Duration update_period{100, Duration::Unit::iterations};
  Duration stop{0.75, Duration::Unit::fraction};

  void fields(Fields& f) {
    f("density", density, {0, 1}, "fraction of the prunable weights kept");
    f("allocation", allocation, "how the density is spread over the layers");
    f("drop_fraction", drop_fraction, {0, 1},
      "alpha: of the kept weights, moved by the first update");
    f("update_period", update_period, "Delta T: between updates of the mask");
    f("stop", stop, "T_end: no update from here on");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    MaskSet mask = random_mask(*net, allocation, density, lab.rng("mask"));
    const Periodic updates{.period = lab.iterations_of(update_period),
                           .to = lab.iterations_of(stop)};

    lab.train(
        *net, mask, {},
        {.after_backward =
             [&](TrainStep& step) {
               if (!updates.due(step.iteration)) return Update::apply;
               const double fraction =
                   cosine_schedule(drop_fraction, 0, updates.progress(step.iteration));
               const MaskSet left = drop_smallest(magnitude(step.net), fraction, step.mask);
               step.apply(grow_largest(gradient_magnitude(step.net), kept_counts(step.mask), left));
               return Update::skip;  // an update takes the place of a step
             },
         .needs_dense_gradient = [&](int64_t iteration) { return updates.due(iteration); }});
    lab.record(*net, mask, 0, {.rewind_to = initial, .density = density});
  }
};

TICKETBENCH_REGISTER_METHOD(Rigl);

}  // namespace
}  // namespace ticketbench
