// A narrower dense network with the multiply-adds of a sparse one: what pruning has to beat.
// Zhu, Gupta. 2017, arXiv:1710.01878, section 4 (small-dense).

#include "core/method.hpp"
#include "core/widths.hpp"

namespace ticketbench {
namespace {

struct SmallDense {
  static constexpr Card card{
      .name = "small_dense",
      .title = "Small dense network",
      .paper = "arXiv:1710.01878",
      .place = "section 4",
      .bibtex =
          R"(@article{zhu2017prune, title = {To prune, or not to prune: exploring the efficacy of pruning for model compression},
  author = {Zhu, Michael and Gupta, Suyog}, journal = {arXiv:1710.01878}, year = {2017}})"};

  double macs_fraction = 0.1;

  void fields(Fields& f) {
    f("macs_fraction", macs_fraction, {0, 1}, "at most this fraction of the model's multiply-adds");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.net(narrowed_to_macs(lab.model(), macs_fraction), "init");
    const State initial = lab.snapshot(*net);
    MaskSet mask = MaskSet::ones(*net);
    lab.train(*net, mask, {});
    lab.record(*net, mask, 0, {.rewind_to = initial});
  }
};

TICKETBENCH_REGISTER_METHOD(SmallDense);

}  // namespace
}  // namespace ticketbench
