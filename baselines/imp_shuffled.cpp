// A ticket's mask permuted inside each tensor: does it matter which weights are kept, or only how
// many in each layer? Frankle, Dziugaite, Roy, Carbin. ICLR 2021, arXiv:2009.08576, section 5; here
// on the weights the ticket rewinds to.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct ImpShuffled {
  static constexpr Card card{
      .name = "imp_shuffled",
      .title = "IMP, mask shuffled",
      .paper = "arXiv:2009.08576",
      .place = "section 5",
      .needs = Needs::curve,
      .bibtex =
          R"(@inproceedings{frankle2021pruning, title = {Pruning Neural Networks at Initialization: Why Are We Missing the Mark?},
  author = {Frankle, Jonathan and Dziugaite, Gintare Karolina and Roy, Daniel and Carbin, Michael}, booktitle = {ICLR}, year = {2021}})"};

  void fields(Fields&) {}

  void run(Lab& lab) const {
    Ticket ticket = lab.source();
    Rng rng = lab.rng("shuffle");
    for (const auto& [name, m] : ticket.mask) ticket.mask[name] = shuffled(m, rng);

    NetPtr net = lab.net(ticket, ticket.rewind_to);
    lab.train(*net, ticket.mask, {.from = ticket.rewind_iteration});
    lab.record(*net, ticket.mask, ticket.level,
               {.rewind_to = ticket.rewind_to,
                .rewind_iteration = ticket.rewind_iteration,
                .density = ticket.mask.density()});
  }
};

TICKETBENCH_REGISTER_METHOD(ImpShuffled);

}  // namespace
}  // namespace ticketbench
