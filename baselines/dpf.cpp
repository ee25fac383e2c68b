// DPF: the gradient of the pruned network moves the dense one, so that a weight pruned too early
// comes back. Lin, Stich, Barba, Dmitriev, Jaggi. ICLR 2020, arXiv:2006.07253, Algorithm 1.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct Dpf {
  static constexpr Card card{
      .name = "dpf",
      .title = "Dynamic model pruning with feedback",
      .paper = "arXiv:2006.07253",
      .place = "Algorithm 1",
      .bibtex =
          R"(@inproceedings{lin2020dynamic, title = {Dynamic Model Pruning with Feedback},
  author = {Lin, Tao and Stich, Sebastian U. and Barba, Luis and Dmitriev, Daniil and Jaggi, Martin}, booktitle = {ICLR}, year = {2020}})"};

  double density = 0.1;
  Duration update_period{16, Duration::Unit::iterations};
  Duration end{0.5, Duration::Unit::fraction};

  void fields(Fields& f) {
    f("density", density, {0, 1}, "fraction of the prunable weights kept in the end");
    f("update_period", update_period, "p: the mask is chosen anew this often");
    f("end", end, "the density falls until here, by a cubic curve");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    const MaskSet all = MaskSet::ones(*net);
    MaskSet pruned = all;
    lab.state("pruned", pruned);
    const int64_t period = lab.iterations_of(update_period);
    const Periodic falling{.to = lab.iterations_of(end)};
    const auto choose = [&](const Net& now, int64_t iteration) {
      const double left = cubic_schedule(1, density, falling.progress(iteration));
      pruned = keep_top(magnitude(now), left, Scope::global, all);
    };

    MaskSet latent = all;  // the weights under the mask live on
    lab.train(*net, latent, {},
              {.effective_weight = straight_through_masked_weights(pruned),
               .before_forward = [&](TrainStep& step) {
                 if (step.iteration % period == 0) choose(step.net, step.iteration);
               }});
    choose(*net, lab.iterations());
    lab.record(*net, pruned, 0, {.rewind_to = initial, .density = density});
  }
};

TICKETBENCH_REGISTER_METHOD(Dpf);

}  // namespace
}  // namespace ticketbench
