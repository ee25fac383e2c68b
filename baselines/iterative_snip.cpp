// FORCE: SNIP in rounds of falling density; weights pruned in one round may come back in the next.
// de Jorge, Sanyal, Behl, Torr, Rogez, Dokania. ICLR 2021, arXiv:2006.09081, Algorithm 1.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct IterativeSnip {
  static constexpr Card card{
      .name = "iterative_snip",
      .title = "FORCE (iterative SNIP)",
      .paper = "arXiv:2006.09081",
      .place = "Algorithm 1",
      .deviations = {"Scores are taken at the recipe's own initialisation."},
      .bibtex =
          R"(@inproceedings{dejorge2021progressive, title = {Progressive Skeletonization: Trimming more fat from a network at initialization},
  author = {de Jorge, Pau and Sanyal, Amartya and Behl, Harkirat S. and Torr, Philip H. S. and Rogez, Gregory and Dokania, Puneet K.}, booktitle = {ICLR}, year = {2021}})"};

  double density = 0.1;
  int64_t rounds = 60;
  int64_t num_batches = 1;

  void fields(Fields& f) {
    f("density", density, {1e-6, 1}, "fraction of the prunable weights kept");
    f("rounds", rounds, {1, 1000}, "T: pruning rounds, densities falling by equal ratios");
    f("num_batches", num_batches, {1, 1000}, "mini-batches the loss of a round is summed over");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    const MaskSet all = MaskSet::ones(*net);
    MaskSet mask = all;
    const EffectiveWeight pruned = straight_through_masked_weights(mask);
    for (int64_t round = 1; round <= rounds; ++round) {
      // The gradient at the pruned network, by the pruned weight itself (equation 5): one that is
      // pruned is scored by what it would do if it were there.
      net->zero_grad();
      for (const Batch& batch : lab.batches(num_batches))
        lab.loss(*net, batch, BnMode::batch_only, pruned).backward();
      const double left = exponential_schedule(
          1, density, static_cast<double>(round) / static_cast<double>(rounds));
      mask = keep_top(sensitivity(*net), left, Scope::global, all);
    }
    net->zero_grad();

    lab.train(*net, mask, {});
    lab.record(*net, mask, 0, {.rewind_to = initial, .density = density});
  }
};

TICKETBENCH_REGISTER_METHOD(IterativeSnip);

}  // namespace
}  // namespace ticketbench
