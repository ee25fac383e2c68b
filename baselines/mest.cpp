// MEST: what a weight matters is its magnitude and its gradient; the network starts a little denser
// and moves ever fewer weights. Yuan et al. NeurIPS 2021, arXiv:2110.14032, section 3 (EM&S).

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct Mest {
  static constexpr Card card{
      .name = "mest",
      .title = "MEST with elastic mutation and soft memory bound",
      .paper = "arXiv:2110.14032",
      .place = "section 3",
      .deviations = {"Mutation and extra density fall linearly to nothing; the paper lowers them "
                     "in hand-set steps."},
      .bibtex =
          R"(@inproceedings{yuan2021mest, title = {MEST: Accurate and Fast Memory-Economic Sparse Training Framework on the Edge},
  author = {Yuan, Geng and Ma, Xiaolong and Niu, Wei and Li, Zhengang and Kong, Zhenglun and Liu, Ning and Gong, Yifan and Zhan, Zheng and He, Chaoyang and Jin, Qing and Wang, Siyue and Qin, Minghai and Ren, Bin and Wang, Yanzhi and Liu, Sijia and Lin, Xue}, booktitle = {NeurIPS}, year = {2021}})"};

  double density = 0.1;
  Allocation allocation = Allocation::uniform;
  double extra_density = 0.02;
  double drop_fraction = 0.3;
  double gradient_weight = 0.01;
  Duration update_period{1, Duration::Unit::epochs};
  Duration stop{0.75, Duration::Unit::fraction};

  void fields(Fields& f) {
    f("density", density, {0, 1}, "fraction of the prunable weights kept in the end");
    f("allocation", allocation, "how the density is spread over the layers");
    f("extra_density", extra_density, {0, 1},
      "soft memory bound: kept beyond the density at first");
    f("drop_fraction", drop_fraction, {0, 1}, "of the kept weights, moved by the first update");
    f("gradient_weight", gradient_weight, {0, 1e6}, "lambda: importance is |w| + lambda |dL/dw|");
    f("update_period", update_period, "between updates of the mask");
    f("stop", stop, "the final density from here on, and no update");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    const double first = std::min(1.0, density + extra_density);
    MaskSet mask = random_mask(*net, allocation, first, lab.rng("mask"));
    const Periodic updates{.period = lab.iterations_of(update_period),
                           .to = std::min(lab.iterations_of(stop), lab.iterations() - 1)};

    lab.train(*net, mask, {}, {.after_step = [&](TrainStep& step) {
      if (!updates.due_or_last(step.iteration)) return;
      ScoreMap importance = gradient_magnitude(step.net);
      for (const auto& [name, score] : magnitude(step.net))
        importance[name] = score + gradient_weight * importance.at(name);

      const double t = updates.progress(step.iteration);
      const double now = linear_schedule(first, density, t);
      const double fraction = linear_schedule(drop_fraction, 0, t);
      const LayerCounts target = allocate(allocation, step.net, now);
      LayerCounts left = target;
      for (auto& [name, kept] : left)
        kept -= static_cast<int64_t>(fraction * static_cast<double>(kept));
      const MaskSet survivors = keep_top(importance, left, step.mask);
      step.apply(grow_largest(random_scores(step.net, lab.rng("grow", step.iteration)), target,
                              survivors));
    }});
    lab.record(*net, mask, 0, {.rewind_to = initial, .density = density});
  }
};

TICKETBENCH_REGISTER_METHOD(Mest);

}  // namespace
}  // namespace ticketbench
