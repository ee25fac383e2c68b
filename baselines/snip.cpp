// SNIP: Single-shot Network Pruning based on Connection Sensitivity.
// Lee, Ajanthan, Torr. ICLR 2019, arXiv:1810.02340, Algorithm 1.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct Snip {
  static constexpr Card card{
      .name = "snip",
      .title = "SNIP",
      .paper = "arXiv:1810.02340",
      .place = "Algorithm 1",
      .deviations =
          {"Scores are taken at the recipe's own initialisation; the paper's is variance scaling.",
           "Norms use the statistics of the batch and leave the running ones alone."},
      .bibtex =
          R"(@inproceedings{lee2019snip, title = {SNIP: Single-shot Network Pruning based on Connection Sensitivity},
  author = {Lee, Namhoon and Ajanthan, Thalaiyasingam and Torr, Philip}, booktitle = {ICLR}, year = {2019}})"};

  double density = 0.05;
  int64_t num_batches = 1;
  Duration rewind{};

  void fields(Fields& f) {
    f("density", density, {0, 1}, "fraction of the prunable weights kept");
    f("num_batches", num_batches, {1, 1000}, "mini-batches the loss is summed over");
    f.later("rewind", rewind, {}, "dense training before scores are taken; 0: none, as printed");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const int64_t k = lab.iterations_of(rewind);
    MaskSet mask = MaskSet::ones(*net);
    lab.train(*net, mask, {.to = k});
    const State w_k = lab.snapshot(*net);
    for (const Batch& batch : lab.batches(num_batches)) lab.loss(*net, batch).backward();

    // |dL/dc| at c = 1 is |g * w| (section 4.1). Dividing by the sum keeps the order: left out.
    mask = keep_top(sensitivity(*net), density, Scope::global, mask);
    net->zero_grad();
    lab.rewind(*net, w_k);
    lab.train(*net, mask, {.from = k});
    lab.record(*net, mask, 0, {.rewind_to = w_k, .rewind_iteration = k, .density = density});
  }
};

TICKETBENCH_REGISTER_METHOD(Snip);

}  // namespace
}  // namespace ticketbench
