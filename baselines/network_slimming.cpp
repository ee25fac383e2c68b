// Network slimming: an L1 penalty on the scales of norms tells which filters can go.
// Liu, Li, Shen, Huang, Yan, Zhang. ICCV 2017, arXiv:1708.06519, section 3.

#include "core/filters.hpp"
#include "core/method.hpp"

namespace ticketbench {
namespace {

struct NetworkSlimming {
  static constexpr Card card{
      .name = "network_slimming",
      .title = "Network slimming",
      .paper = "arXiv:1708.06519",
      .place = "section 3",
      .deviations = {"Only filters that feed no shortcut are pruned; the paper selects channels "
                     "where a shortcut is read.",
                     "Each layer keeps at least one filter."},
      .bibtex =
          R"(@inproceedings{liu2017learning, title = {Learning Efficient Convolutional Networks through Network Slimming},
  author = {Liu, Zhuang and Li, Jianguo and Shen, Zhiqiang and Huang, Gao and Yan, Shoumeng and Zhang, Changshui}, booktitle = {ICCV}, year = {2017}})"};

  double filter_fraction = 0.3;
  double penalty = 1e-4;

  void fields(Fields& f) {
    f("filter_fraction", filter_fraction, {0, 1}, "of the filters that may be pruned, kept");
    f("penalty", penalty, {0, 1}, "lambda: weight of the L1 norm of the scales in the loss");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    MaskSet mask = MaskSet::ones(*net);
    lab.train(*net, mask, {}, {.after_backward = [&](TrainStep& step) {
      penalise_scales(step.net, penalty);
      return Update::apply;
    }});

    const ScoreMap scales = norm_scale(*net, prunable_filters(*net));
    mask = without_dead_inputs(net->architecture(),
                               keep_top_filters(*net, scales, filter_fraction, Scope::global));
    close_norms(*net, mask);
    lab.train(*net, mask, {.phase = "finetune"},
              {.effective_weight = closed_norms(net->architecture(), mask)});
    lab.record(*net, mask, 0, {.rewind_to = initial, .structure = {.kind = StructureKind::filter}});
  }
};

TICKETBENCH_REGISTER_METHOD(NetworkSlimming);

}  // namespace
}  // namespace ticketbench
