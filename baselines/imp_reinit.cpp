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

  void fields(Fields&) {}

  void run(Lab& lab) const {
    Ticket ticket = lab.source();
    NetPtr net = lab.net(ticket.architecture, "reinit");
    const State initial = lab.snapshot(*net);
    lab.train(*net, ticket.mask, {});
    lab.record(*net, ticket.mask, ticket.level,
               {.rewind_to = initial, .density = ticket.mask.density()});
  }
};

TICKETBENCH_REGISTER_METHOD(ImpReinit);

}  // namespace
}  // namespace ticketbench
