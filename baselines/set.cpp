// SET: a sparse network drops its smallest weights after each epoch and grows others at random.
// Mocanu, Mocanu, Stone, Nguyen, Gibescu, Liotta. Nature Communications 2018, arXiv:1707.04780,
// Algorithm 1.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct Set {
  static constexpr Card card{
      .name = "set",
      .title = "SET",
      .paper = "arXiv:1707.04780",
      .place = "Algorithm 1",
      .deviations = {"Dropped are the smallest magnitudes; the paper takes the smallest positive "
                     "and the largest negative weights, each by itself.",
                     "Layers are sized by ERK, the paper's random graphs extended to convolutions "
                     "by RigL's authors."},
      .bibtex =
          R"(@article{mocanu2018scalable, title = {Scalable training of artificial neural networks with adaptive sparse connectivity inspired by network science},
  author = {Mocanu, Decebal Constantin and Mocanu, Elena and Stone, Peter and Nguyen, Phuong H. and Gibescu, Madeleine and Liotta, Antonio}, journal = {Nature Communications}, year = {2018}})"};

  double density = 0.1;
  Allocation allocation = Allocation::erk;
  double drop_fraction = 0.3;
  Duration update_period{1, Duration::Unit::epochs};

  void fields(Fields& f) {
    f("density", density, {0, 1}, "fraction of the prunable weights kept");
    f("allocation", allocation, "how the density is spread over the layers");
    f("drop_fraction", drop_fraction, {0, 1}, "zeta: of the kept weights, moved by each update");
    f("update_period", update_period, "between updates of the mask");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    MaskSet mask = random_mask(*net, allocation, density, lab.rng("mask"));
    const Periodic updates{.period = lab.iterations_of(update_period), .to = lab.iterations()};

    lab.train(*net, mask, {}, {.before_forward = [&](TrainStep& step) {
      if (!updates.due(step.iteration)) return;
      const MaskSet left = drop_smallest(magnitude(step.net), drop_fraction, step.mask);
      step.apply(grow_largest(random_scores(step.net, lab.rng("grow", step.iteration)),
                              kept_counts(step.mask), left));
    }});
    lab.record(*net, mask, 0, {.rewind_to = initial, .density = density});
  }
};

TICKETBENCH_REGISTER_METHOD(Set);

}  // namespace
}  // namespace ticketbench
