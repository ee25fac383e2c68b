// IMP: iterative magnitude pruning with weight rewinding, learning-rate rewinding or fine-tuning.
// Frankle, Dziugaite, Roy, Carbin. ICML 2020, arXiv:1912.05671, Algorithm 2; the two other ways to
// retrain: Renda, Frankle, Carbin. ICLR 2020, arXiv:2003.02389, section 2.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct Imp {
  static constexpr Card card{
      .name = "imp",
      .title = "Iterative magnitude pruning",
      .paper = "arXiv:1912.05671",
      .place = "Algorithm 2",
      .bibtex =
          R"(@inproceedings{frankle2020linear, title = {Linear Mode Connectivity and the Lottery Ticket Hypothesis},
  author = {Frankle, Jonathan and Dziugaite, Gintare Karolina and Roy, Daniel and Carbin, Michael}, booktitle = {ICML}, year = {2020}})"};

  int64_t levels = 3;
  double rate = 0.2;
  Duration rewind{0, Duration::Unit::iterations};
  Retraining retraining = Retraining::weight_rewinding;
  Scope scope = Scope::global;

  void fields(Fields& f) {
    f("levels", levels, {1, 64}, "pruning rounds after the dense one");
    f("rate", rate, {0, 1}, "fraction of the remaining weights pruned in each round");
    f("rewind", rewind, "the point k that weights or the learning rate go back to");
    f("retraining", retraining, "where a pruned network goes on from");
    f("scope", scope, "over which weights magnitudes are ranked");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    MaskSet mask = MaskSet::ones(*net);
    const int64_t k = lab.iterations_of(rewind);
    lab.train(*net, mask, {.from = 0, .to = k});
    const State w_k = lab.snapshot(*net);

    lab.train(*net, mask, {.from = k});
    lab.record(*net, mask, 0, {.rewind_to = w_k, .rewind_iteration = k, .density = 1});

    double density = 1;
    for (int64_t level = 1; level <= levels; ++level) {
      density *= 1 - rate;
      mask = keep_top(magnitude(*net), density, scope, mask);
      if (retraining == Retraining::weight_rewinding) lab.rewind(*net, w_k);
      lab.train(*net, mask, retraining_span(retraining, k));
      lab.record(*net, mask, level, {.rewind_to = w_k, .rewind_iteration = k, .density = density});
    }
  }
};

TICKETBENCH_REGISTER_METHOD(Imp);

}  // namespace
}  // namespace ticketbench
