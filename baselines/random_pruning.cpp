// Random pruning at initialisation, with uniform or Erdos-Renyi-kernel densities by layer.
// Liu et al., "The unreasonable effectiveness of random pruning". ICLR 2022, arXiv:2202.02643,
// section 3.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct RandomPruning {
  static constexpr Card card{
      .name = "random_pruning",
      .title = "Random pruning",
      .paper = "arXiv:2202.02643",
      .place = "section 3",
      .deviations =
          {"Each layer keeps an exact number of weights; the authors draw each weight by itself."},
      .bibtex =
          R"(@inproceedings{liu2022unreasonable, title = {The Unreasonable Effectiveness of Random Pruning: Return of the Most Naive Baseline for Sparse Training},
  author = {Liu, Shiwei and Chen, Tianlong and Chen, Xiaohan and Shen, Li and Mocanu, Decebal Constantin and Wang, Zhangyang and Pechenizkiy, Mykola}, booktitle = {ICLR}, year = {2022}})"};

  double density = 0.1;
  Allocation allocation = Allocation::erk;

  void fields(Fields& f) {
    f("density", density, {0, 1}, "fraction of the prunable weights kept");
    f("allocation", allocation, "how the density is spread over the layers");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    MaskSet mask = random_mask(*net, allocation, density, lab.rng("mask"));
    lab.train(*net, mask, {});
    lab.record(*net, mask, 0, {.rewind_to = initial, .density = density});
  }
};

TICKETBENCH_REGISTER_METHOD(RandomPruning);

}  // namespace
}  // namespace ticketbench
