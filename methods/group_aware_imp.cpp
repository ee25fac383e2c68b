// Group-aware IMP: iterative magnitude pruning whose mask is regrouped into dense blocks in every
// round. Chen, Chen, Ma, Wang, Wang. ICML 2022, arXiv:2202.04736, Algorithm 4.

#include "core/grouping.hpp"
#include "core/method.hpp"

namespace ticketbench {
namespace {

struct GroupAwareImp {
  static constexpr Card card{
      .name = "group_aware_imp",
      .title = "Group-aware IMP",
      .paper = "arXiv:2202.04736",
      .place = "Algorithm 4",
      .deviations = {"Rows are parted by METIS on the graph of common columns; the authors part "
                     "the hypergraph of columns by hMETIS, which is closed."},
      .bibtex =
          R"(@inproceedings{chen2022coarsening, title = {Coarsening the Granularity: Towards Structurally Sparse Lottery Tickets},
  author = {Chen, Tianlong and Chen, Xuxi and Ma, Xiaolong and Wang, Yanzhi and Wang, Zhangyang}, booktitle = {ICML}, year = {2022}})"};

  int64_t levels = 3;
  double rate = 0.2;
  Duration rewind{0, Duration::Unit::iterations};
  Grouping grouping;

  void fields(Fields& f) {
    f("levels", levels, {1, 64}, "pruning rounds after the dense one");
    f("rate", rate, {0, 1}, "fraction of the regrouped mask's weights pruned in each round");
    f("rewind", rewind, "the point k that weights go back to");
    f("grouping", grouping, "how dense blocks are found");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    MaskSet mask = MaskSet::ones(*net);
    const int64_t k = lab.iterations_of(rewind);
    lab.train(*net, mask, {.from = 0, .to = k});
    const State w_k = lab.snapshot(*net);

    lab.train(*net, mask, {.from = k});
    lab.record(*net, mask, 0, {.rewind_to = w_k, .rewind_iteration = k, .density = 1});

    for (int64_t level = 1; level <= levels; ++level) {
      const double left = mask.density() * (1 - rate);
      const MaskSet pruned = keep_top(magnitude(*net), left, Scope::global, mask);
      const Regrouped found = regrouped(pruned, grouping, lab.rng("partition", level));
      mask = found.mask;
      lab.rewind(*net, w_k);
      lab.train(*net, mask, {.from = k});
      lab.record(*net, mask, level,
                 {.rewind_to = w_k,
                  .rewind_iteration = k,
                  .extra = found.blocks,
                  .structure = {.kind = StructureKind::group}});
    }
  }
};

TICKETBENCH_REGISTER_METHOD(GroupAwareImp);

}  // namespace
}  // namespace ticketbench
