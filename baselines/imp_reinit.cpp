// A ticket's mask on newly drawn weights: does the mask work without the initialisation it was
// found with? Frankle, Carbin. ICLR 2019, arXiv:1803.03635, section 2 (random reinitialisation).

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct ImpReinit {
  static constexpr Card card{
      .name = "imp_reinit",
      .title = "IMP, weights drawn again",
      .paper = "arXiv:1803.03635",
      .place = "section 2",
      .needs = Needs::curve,
      .bibtex =
          R"(@inproceedings{frankle2019lottery, title = {The Lottery Ticket Hypothesis: Finding Sparse, Trainable Neural Networks},
  author = {Frankle, Jonathan and Carbin, Michael}, booktitle = {ICLR}, year = {2019}})"};

  Duration from{0, Duration::Unit::iterations};

  void fields(Fields& f) {
    f("from", from, "where training goes on: 0, or the point the source rewinds to");
  }

  void run(Lab& lab) const {
    Ticket ticket = lab.source();
    NetPtr net = lab.net(ticket.architecture, "reinit");
    const State initial = lab.snapshot(*net);
    lab.train(*net, ticket.mask, {.from = lab.iterations_of(from)});
    lab.record(*net, ticket.mask, ticket.level, {.rewind_to = initial});
  }
};

TICKETBENCH_REGISTER_METHOD(ImpReinit);

}  // namespace
}  // namespace ticketbench
