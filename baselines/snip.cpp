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
          {"Scores are taken at the recipe's own initialisation; the paper's is variance scaling."},
      .bibtex =
          R"(@inproceedings{lee2019snip, title = {SNIP: Single-shot Network Pruning based on Connection Sensitivity},
  author = {Lee, Namhoon and Ajanthan, Thalaiyasingam and Torr, Philip}, booktitle = {ICLR}, year = {2019}})"};

  double density = 0.05;
  int64_t num_batches = 1;

  void fields(Fields& f) {
    f("density", density, {0, 1}, "fraction of the prunable weights kept");
    f("num_batches", num_batches, {1, 1000}, "mini-batches the loss is summed over");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    for (const Batch& batch : lab.batches(num_batches)) lab.loss(*net, batch).backward();

    // |dL/dc| at c = 1 is |g * w| (section 4.1). Dividing by the sum keeps the order: left out.
    MaskSet mask = keep_top(sensitivity(*net), density, Scope::global, MaskSet::ones(*net));
    net->zero_grad();
    lab.train(*net, mask, {});
    lab.record(*net, mask, 0, {.rewind_to = initial, .density = density});
  }
};

TICKETBENCH_REGISTER_METHOD(Snip);

}  // namespace
}  // namespace ticketbench
