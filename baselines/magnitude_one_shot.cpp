// One-shot magnitude pruning: a trained dense network loses its smallest weights at once, then is
// retrained. Han, Pool, Tran, Dally. NeurIPS 2015, arXiv:1506.02626, section 3; the two rewinding
// ways to retrain: Renda, Frankle, Carbin. ICLR 2020, arXiv:2003.02389, section 2.

#include "core/method.hpp"

namespace ticketbench {
namespace {

// Whose magnitudes are ranked: those the source ended with, or those its ticket rewinds to.
enum class Ranked { trained, rewound };
constexpr auto enum_names(Ranked) {
  return std::to_array<std::string_view>({"trained", "rewound"});
}

struct MagnitudeOneShot {
  static constexpr Card card{
      .name = "magnitude_one_shot",
      .title = "One-shot magnitude pruning",
      .paper = "arXiv:1506.02626",
      .place = "section 3",
      .needs = Needs::dense,
      .deviations =
          {"Magnitudes are ranked over all layers together; the paper sets a threshold for each."},
      .bibtex =
          R"(@inproceedings{han2015learning, title = {Learning both Weights and Connections for Efficient Neural Networks},
  author = {Han, Song and Pool, Jeff and Tran, John and Dally, William}, booktitle = {NeurIPS}, year = {2015}})"};

  double density = 0.1;
  Retraining retraining = Retraining::fine_tuning;
  Scope scope = Scope::global;
  Ranked ranked = Ranked::trained;

  void fields(Fields& f) {
    f("density", density, {0, 1}, "fraction of the prunable weights kept");
    f("retraining", retraining, "where the pruned network goes on from");
    f("scope", scope, "over which weights magnitudes are ranked");
    f.later("ranked", ranked, Ranked::trained, "which weights of the source are ranked");
  }

  void run(Lab& lab) const {
    const Ticket dense = lab.source();
    NetPtr net = lab.net(dense, dense.trained);
    const bool early = ranked == Ranked::rewound;
    const NetPtr judged = early ? lab.net(dense, dense.rewind_to) : net;
    MaskSet mask = keep_top(magnitude(*judged), density, scope, MaskSet::ones(*net));
    if (retraining == Retraining::weight_rewinding) lab.rewind(*net, dense.rewind_to);
    lab.train(*net, mask, retraining_span(retraining, dense.rewind_iteration));
    lab.record(*net, mask, 0,
               {.rewind_to = dense.rewind_to,
                .rewind_iteration = dense.rewind_iteration,
                .density = density});
  }
};

TICKETBENCH_REGISTER_METHOD(MagnitudeOneShot);

}  // namespace
}  // namespace ticketbench
