// Sparse momentum: smoothed gradients tell each layer's share of the grown weights, and which ones
// grow. Dettmers, Zettlemoyer. 2019, arXiv:1907.04840, section 3 (SNFS: sparse networks from
// scratch).

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct Snfs {
  static constexpr Card card{
      .name = "snfs",
      .title = "Sparse momentum (SNFS)",
      .paper = "arXiv:1907.04840",
      .place = "section 3",
      .deviations = {"The smoothed gradient is the method's own and not the optimizer's momentum, "
                     "which stays zero for pruned weights.",
                     "The drop fraction falls by a cosine; the authors' code offers that beside a "
                     "linear decay."},
      .bibtex =
          R"(@article{dettmers2019sparse, title = {Sparse Networks from Scratch: Faster Training without Losing Performance},
  author = {Dettmers, Tim and Zettlemoyer, Luke}, journal = {arXiv:1907.04840}, year = {2019}})"};

  double density = 0.1;
  Allocation allocation = Allocation::uniform;
  double drop_fraction = 0.5;
  double smoothing = 0.9;
  Duration update_period{1, Duration::Unit::epochs};

  void fields(Fields& f) {
    f("density", density, {0, 1}, "fraction of the prunable weights kept");
    f("allocation", allocation, "how the density is spread over the layers at first");
    f("drop_fraction", drop_fraction, {0, 1}, "p: of the kept weights, moved by the first update");
    f("smoothing", smoothing, {0, 1}, "of the gradient from iteration to iteration");
    f("update_period", update_period, "between updates of the mask");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    MaskSet mask = random_mask(*net, allocation, density, lab.rng("mask"));
    NamedTensors momentum;
    for (const auto& [name, w] : prunable(*net)) momentum[name] = torch::zeros_like(w.detach());
    lab.state("momentum", momentum);
    const Periodic updates{.period = lab.iterations_of(update_period), .to = lab.iterations()};

    lab.train(
        *net, mask, {},
        {.after_backward =
             [&](TrainStep& step) {
               for (const auto& [name, w] : prunable(step.net))
                 momentum[name] = smoothing * momentum.at(name) + (1 - smoothing) * w.grad();
               return Update::apply;
             },
         .after_step =
             [&](TrainStep& step) {
               if (!updates.due(step.iteration)) return;
               const double fraction =
                   cosine_schedule(drop_fraction, 0, updates.progress(step.iteration));
               step.apply(redistributed(momentum, step.mask,
                                        drop_smallest(magnitude(step.net), fraction, step.mask)));
             },
         .needs_dense_gradient = [](int64_t) { return true; }});
    lab.record(*net, mask, 0, {.rewind_to = initial, .density = density});
  }

  // Grows what `left` lacks, each layer by its share of the mean momentum of kept weights.
  static MaskSet redistributed(const NamedTensors& momentum, const MaskSet& mask,
                               const MaskSet& left) {
    ScoreMap scores;
    std::vector<double> share;
    for (const auto& [name, m] : mask) {
      scores[name] = momentum.at(name).abs();
      const auto kept = m.sum().item<double>();
      share.push_back(kept == 0 ? 0 : (scores[name] * m).sum().item<double>() / kept);
    }
    return grow_by_share(scores, share, mask.kept() - left.kept(), left);
  }
};

TICKETBENCH_REGISTER_METHOD(Snfs);

}  // namespace
}  // namespace ticketbench
