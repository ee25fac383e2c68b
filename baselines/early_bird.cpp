// Early-Bird tickets: training stops when the mask that the norms' scales would give no longer
// moves; the ticket is trained from there. You, Li, Xu, Fu, Wang, Chen, Baraniuk, Wang, Lin.
// ICLR 2020, arXiv:1909.11957, Algorithm 1.

#include "core/filters.hpp"
#include "core/method.hpp"

namespace ticketbench {
namespace {

struct EarlyBird {
  static constexpr Card card{
      .name = "early_bird",
      .title = "Early-Bird ticket",
      .paper = "arXiv:1909.11957",
      .place = "Algorithm 1",
      .deviations =
          {"Only filters that feed no shortcut are pruned, and each layer keeps at least one."},
      .bibtex =
          R"(@inproceedings{you2020drawing, title = {Drawing Early-Bird Tickets: Towards More Efficient Training of Deep Networks},
  author = {You, Haoran and Li, Chaojian and Xu, Pengfei and Fu, Yonggan and Wang, Yue and Chen, Xiaohan and Baraniuk, Richard G. and Wang, Zhangyang and Lin, Yingyan}, booktitle = {ICLR}, year = {2020}})"};

  double filter_fraction = 0.3;
  double penalty = 1e-4;
  double distance = 0.1;
  int64_t window = 5;

  void fields(Fields& f) {
    f("filter_fraction", filter_fraction, {0, 1}, "of the filters that may be pruned, kept");
    f("penalty", penalty, {0, 1}, "weight of the L1 norm of the scales in the loss");
    f("distance", distance, {0, 1},
      "epsilon: the search ends where no two masks in the window differ by more");
    f("window", window, {1, 100}, "epochs that the mask must hold still");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const std::vector<std::string> free = prunable_filters(*net);
    const auto drawn = [&](const Net& now) {
      return without_dead_inputs(
          now.architecture(),
          keep_top_filters(now, norm_scale(now, free), filter_fraction, Scope::global));
    };
    // Which filters are kept, newest epoch first; one row for each epoch of the window and one
    // more.
    const auto bits = [&](const MaskSet& mask) {
      std::vector<torch::Tensor> kept;
      for (const std::string& name : free) kept.push_back(kept_filters(mask.at(name)));
      return torch::cat(kept).to(torch::kFloat32);
    };
    torch::Tensor history = bits(drawn(*net)).fill_(-1).repeat({window + 1, 1});
    lab.state("history", history);

    MaskSet mask = MaskSet::ones(*net);
    lab.train(*net, mask, {},
              {.after_backward =
                   [&](TrainStep& step) {
                     penalise_scales(step.net, penalty);
                     return Update::apply;
                   },
               .after_epoch =
                   [&](TrainStep& step) {
                     history = history.roll(1, 0);
                     history[0] = bits(drawn(step.net));
                     const double moved =
                         (history != history[0]).to(torch::kFloat32).mean(1).max().item<double>();
                     lab.measure("mask_distance", moved, "fraction of the filters",
                                 static_cast<double>(step.epoch + 1));
                     return moved < distance ? Update::stop : Update::apply;
                   }});

    mask = drawn(*net);
    close_norms(*net, mask);
    const State found = lab.snapshot(*net);
    lab.train(*net, mask, {}, {.effective_weight = closed_norms(net->architecture(), mask)});
    lab.record(*net, mask, 0, {.rewind_to = found, .structure = {.kind = StructureKind::filter}});
  }
};

TICKETBENCH_REGISTER_METHOD(EarlyBird);

}  // namespace
}  // namespace ticketbench
