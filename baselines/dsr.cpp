// Dynamic sparse reparameterization: a threshold that adapts prunes over all layers together; as
// many weights grow at random, each layer by its share of the survivors.
// Mostafa, Wang. ICML 2019, arXiv:1902.05967, Algorithm 1.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct Dsr {
  static constexpr Card card{
      .name = "dsr",
      .title = "Dynamic sparse reparameterization",
      .paper = "arXiv:1902.05967",
      .place = "Algorithm 1",
      .deviations = {"The number of weights to move is a fraction of the kept ones and not a "
                     "number, so that it fits every network.",
                     "All prunable layers take part; the paper leaves some dense by hand."},
      .bibtex =
          R"(@inproceedings{mostafa2019parameter, title = {Parameter Efficient Training of Deep Convolutional Neural Networks by Dynamic Sparse Reparameterization},
  author = {Mostafa, Hesham and Wang, Xin}, booktitle = {ICML}, year = {2019}})"};

  double density = 0.1;
  Allocation allocation = Allocation::uniform;
  double drop_fraction = 0.02;
  double tolerance = 0.1;
  double threshold = 1e-3;
  Duration update_period{100, Duration::Unit::iterations};

  void fields(Fields& f) {
    f("density", density, {0, 1}, "fraction of the prunable weights kept");
    f("allocation", allocation, "how the density is spread over the layers at first");
    f("drop_fraction", drop_fraction, {0, 1}, "N_p: of the kept weights, to be moved by an update");
    f("tolerance", tolerance, {0, 1}, "delta: a threshold that moves N_p to this fraction stays");
    f("threshold", threshold, {1e-12, 1e6}, "H: smaller magnitudes are pruned by the first update");
    f("update_period", update_period, "between updates of the mask");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    MaskSet mask = random_mask(*net, allocation, density, lab.rng("mask"));
    torch::Tensor h = torch::tensor(threshold, torch::kFloat64);
    lab.state("threshold", h);
    const Periodic updates{.period = lab.iterations_of(update_period), .to = lab.iterations()};

    lab.train(*net, mask, {}, {.before_forward = [&](TrainStep& step) {
      if (!updates.due(step.iteration)) return;
      const MaskSet left = above(step.net, step.mask, h.item<double>());
      const int64_t dropped = step.mask.kept() - left.kept();
      std::vector<double> survivors;
      for (const auto& [name, kept] : kept_counts(left))
        survivors.push_back(static_cast<double>(kept));
      step.apply(grow_by_share(random_scores(step.net, lab.rng("grow", step.iteration)), survivors,
                               dropped, left));

      const double wanted = drop_fraction * static_cast<double>(step.mask.kept());
      const auto moved = static_cast<double>(dropped);
      if (moved < (1 - tolerance) * wanted) h = h * 2;
      if (moved > (1 + tolerance) * wanted) h = h / 2;
    }});
    lab.record(*net, mask, 0, {.rewind_to = initial, .density = density});
  }

  static MaskSet above(const Net& net, const MaskSet& mask, double threshold) {
    MaskSet left;
    for (const auto& [name, score] : magnitude(net))
      left[name] = mask.at(name).logical_and(score >= threshold);
    return left;
  }
};

TICKETBENCH_REGISTER_METHOD(Dsr);

}  // namespace
}  // namespace ticketbench
