// LAMP: magnitudes made comparable between layers, so that one ranking finds each layer's density.
// Lee, Park, Mo, Ahn, Shin. ICLR 2021, arXiv:2010.07611, section 3.1.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct Lamp {
  static constexpr Card card{
      .name = "lamp",
      .title = "LAMP",
      .paper = "arXiv:2010.07611",
      .place = "section 3.1",
      .needs = Needs::dense,
      .deviations =
          {"Pruned once and retrained; the paper repeats both, a fifth of the weights at a time."},
      .bibtex =
          R"(@inproceedings{lee2021layer, title = {Layer-adaptive Sparsity for the Magnitude-based Pruning},
  author = {Lee, Jaeho and Park, Sejun and Mo, Sangwoo and Ahn, Sungsoo and Shin, Jinwoo}, booktitle = {ICLR}, year = {2021}})"};

  double density = 0.1;
  Retraining retraining = Retraining::fine_tuning;

  void fields(Fields& f) {
    f("density", density, {0, 1}, "fraction of the prunable weights kept");
    f("retraining", retraining, "where the pruned network goes on from");
  }

  void run(Lab& lab) const {
    const Ticket dense = lab.source();
    NetPtr net = lab.net(dense, dense.trained);
    MaskSet mask = keep_top(lamp(*net), density, Scope::global, MaskSet::ones(*net));
    if (retraining == Retraining::weight_rewinding) lab.rewind(*net, dense.rewind_to);
    lab.train(*net, mask, retraining_span(retraining, dense.rewind_iteration));
    lab.record(*net, mask, 0,
               {.rewind_to = dense.rewind_to,
                .rewind_iteration = dense.rewind_iteration,
                .density = density});
  }
};

TICKETBENCH_REGISTER_METHOD(Lamp);

}  // namespace
}  // namespace ticketbench
