// Filter pruning by L1 norm: a trained network loses the filters of smallest sum of magnitudes.
// Li, Kadav, Durdanovic, Samet, Graf. ICLR 2017, arXiv:1608.08710, section 3.1.

#include "core/filters.hpp"
#include "core/method.hpp"

namespace ticketbench {
namespace {

struct L1Filter {
  static constexpr Card card{
      .name = "l1_filter",
      .title = "L1 filter pruning",
      .paper = "arXiv:1608.08710",
      .place = "section 3.1",
      .needs = Needs::dense,
      .deviations = {"Every layer loses the same fraction; the paper sets fractions by hand, from "
                     "each layer's sensitivity."},
      .bibtex =
          R"(@inproceedings{li2017pruning, title = {Pruning Filters for Efficient ConvNets},
  author = {Li, Hao and Kadav, Asim and Durdanovic, Igor and Samet, Hanan and Graf, Hans Peter}, booktitle = {ICLR}, year = {2017}})"};

  double filter_fraction = 0.3;
  Retraining retraining = Retraining::fine_tuning;

  void fields(Fields& f) {
    f("filter_fraction", filter_fraction, {0, 1},
      "of the filters of each layer that may be pruned, kept");
    f("retraining", retraining, "where the pruned network goes on from");
  }

  void run(Lab& lab) const {
    const Ticket dense = lab.source();
    NetPtr net = lab.net(dense, dense.trained);
    // In residual blocks the last layer's filters are left alone (section 3.3).
    const ScoreMap norms = filter_magnitude(*net, prunable_filters(*net));
    MaskSet mask = without_dead_inputs(
        net->architecture(), keep_top_filters(*net, norms, filter_fraction, Scope::per_layer));
    if (retraining == Retraining::weight_rewinding) lab.rewind(*net, dense.rewind_to);
    close_norms(*net, mask);
    lab.train(*net, mask, retraining_span(retraining, dense.rewind_iteration),
              {.effective_weight = closed_norms(net->architecture(), mask)});
    lab.record(*net, mask, 0,
               {.rewind_to = dense.rewind_to,
                .rewind_iteration = dense.rewind_iteration,
                .structure = {.kind = StructureKind::filter}});
  }
};

TICKETBENCH_REGISTER_METHOD(L1Filter);

}  // namespace
}  // namespace ticketbench
