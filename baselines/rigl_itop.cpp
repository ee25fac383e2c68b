// RigL with in-time over-parameterisation: rare updates, so that grown weights have time to matter,
// and exploration to the end of training. Liu, Yin, Mocanu, Pechenizkiy. ICML 2021,
// arXiv:2102.02887, section 4.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct RiglItop {
  static constexpr Card card{
      .name = "rigl_itop",
      .title = "RigL-ITOP",
      .paper = "arXiv:2102.02887",
      .place = "section 4",
      .deviations =
          {"Updates follow the optimizer's step and don't replace it, as in the authors' code.",
           "The drop fraction falls to 0.005, the floor of the authors' code; the paper names "
           "none."},
      .bibtex =
          R"(@inproceedings{liu2021itop, title = {Do We Actually Need Dense Over-Parameterization? In-Time Over-Parameterization in Sparse Training},
  author = {Liu, Shiwei and Yin, Lu and Mocanu, Decebal Constantin and Pechenizkiy, Mykola}, booktitle = {ICML}, year = {2021}})"};

  double density = 0.1;
  Allocation allocation = Allocation::erk;
  double drop_fraction = 0.5;
  Duration update_period{4000, Duration::Unit::iterations};

  void fields(Fields& f) {
    f("density", density, {0, 1}, "fraction of the prunable weights kept");
    f("allocation", allocation, "how the density is spread over the layers");
    f("drop_fraction", drop_fraction, {0, 1}, "of the kept weights, moved by the first update");
    f("update_period", update_period, "Delta T: between updates of the mask");
  }

  void run(Lab& lab) const {
    constexpr double kLastFraction = 0.005;
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    MaskSet mask = random_mask(*net, allocation, density, lab.rng("mask"));
    MaskSet explored = mask;
    lab.state("explored", explored);
    const Periodic updates{.period = lab.iterations_of(update_period), .to = lab.iterations()};

    lab.train(
        *net, mask, {},
        {.after_step =
             [&](TrainStep& step) {
               if (!updates.due(step.iteration)) return;
               const double fraction =
                   cosine_schedule(drop_fraction, kLastFraction, updates.progress(step.iteration));
               const MaskSet left = drop_smallest(magnitude(step.net), fraction, step.mask);
               step.apply(grow_largest(gradient_magnitude(step.net), kept_counts(step.mask), left));
               // R_s of section 3: the share of weights that were ever active.
               for (const auto& [name, m] : step.mask)
                 explored[name] = explored.at(name).logical_or(m);
               lab.measure("explored", explored.density(), "fraction of the prunable weights",
                           static_cast<double>(step.iteration));
             },
         .needs_dense_gradient = [&](int64_t iteration) { return updates.due(iteration); }});
    lab.record(*net, mask, 0, {.rewind_to = initial, .density = density});
  }
};

TICKETBENCH_REGISTER_METHOD(RiglItop);

}  // namespace
}  // namespace ticketbench
