// Pruning plasticity: what a network recovers after it was pruned once in the middle of training,
// with and without regrowing as many weights by gradient.
// Liu et al. NeurIPS 2021, arXiv:2106.10404, section 3.

#include "core/method.hpp"

namespace ticketbench {
namespace {

/// What is done to the network.
enum class Operation { prune, prune_and_regrow };
constexpr auto enum_names(Operation) {
  return std::to_array<std::string_view>({"prune", "prune_and_regrow"});
}

struct Plasticity {
  static constexpr Card card{
      .name = "plasticity",
      .title = "Pruning plasticity study",
      .paper = "arXiv:2106.10404",
      .place = "section 3",
      .deviations = {"Lengths of recovery and the images behind the regrowing gradient are fields: "
                     "the authors' released code doesn't hold the study."},
      .bibtex =
          R"(@inproceedings{liu2021sparse, title = {Sparse Training via Boosting Pruning Plasticity with Neuroregeneration},
  author = {Liu, Shiwei and Chen, Tianlong and Chen, Xiaohan and Atashgahi, Zahra and Yin, Lu and Kou, Huanyu and Shen, Li and Pechenizkiy, Mykola and Wang, Zhangyang and Mocanu, Decebal Constantin}, booktitle = {NeurIPS}, year = {2021}})"};

  Duration at{0.5, Duration::Unit::fraction};
  double rate = 0.2;
  Scope scope = Scope::global;
  Operation operation = Operation::prune;
  Duration recovery{10, Duration::Unit::epochs};
  int64_t num_batches = 1;

  void fields(Fields& f) {
    f("at", at, "when the network is pruned");
    f("rate", rate, {0, 1}, "of the kept weights, pruned at once");
    f("scope", scope, "over which weights magnitudes are ranked");
    f("operation", operation, "whether as many grow again in each layer");
    f("recovery", recovery,
      "training that follows, at the schedule's rate; at most to the phase's end");
    f("num_batches", num_batches, {1, 1000}, "mini-batches behind the regrowing gradient");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    MaskSet mask = MaskSet::ones(*net);
    const int64_t t = lab.iterations_of(at);
    const int64_t end = std::min(t + lab.iterations_of(recovery), lab.iterations());
    lab.train(*net, mask, {.to = t});
    const double before = 100 * lab.evaluate(*net, Split::test).top1();

    const LayerCounts counts = kept_counts(mask);
    mask = keep_top(magnitude(*net), 1 - rate, scope, mask);
    if (operation == Operation::prune_and_regrow) {
      apply_mask(*net, mask);
      net->zero_grad();
      for (const Batch& batch : lab.batches(num_batches)) lab.loss(*net, batch).backward();
      mask = grow_largest(gradient_magnitude(*net), counts, mask);
      net->zero_grad();
    }
    const double pruned = mask.density();
    lab.train(*net, mask, {.from = t, .to = end});
    const double after = 100 * lab.evaluate(*net, Split::test).top1();
    lab.measure("accuracy_before", before, "percent", static_cast<double>(t));
    lab.measure("accuracy_after", after, "percent", static_cast<double>(end));
    lab.measure("plasticity", after - before, "percentage points", rate);
    lab.record(*net, mask, 0, {.rewind_to = initial, .density = pruned});
  }
};

TICKETBENCH_REGISTER_METHOD(Plasticity);

}  // namespace
}  // namespace ticketbench
