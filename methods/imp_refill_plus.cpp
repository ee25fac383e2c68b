// IMP-Refill+: Refill that also fills in some of the filters that Refill would remove.
// Chen, Chen, Ma, Wang, Wang. ICML 2022, arXiv:2202.04736, section 3.2.

#include "core/filters.hpp"
#include "core/method.hpp"

namespace ticketbench {
namespace {

struct ImpRefillPlus {
  static constexpr Card card{
      .name = "imp_refill_plus",
      .title = "IMP-Refill+",
      .paper = "arXiv:2202.04736",
      .place = "section 3.2",
      .needs = Needs::curve,
      .deviations =
          {"The paper doesn't give the share of filters that come back; 0.2 fits the two densities "
           "that it prints.",
           "The norms behind removed filters are closed, so that these can be taken out; in the "
           "authors' code their shift stays.",
           "Stem, norms and classifier are rewound too; the authors' code leaves them trained."},
      .bibtex =
          R"(@inproceedings{chen2022coarsening, title = {Coarsening the Granularity: Towards Structurally Sparse Lottery Tickets},
  author = {Chen, Tianlong and Chen, Xuxi and Ma, Xiaolong and Wang, Yanzhi and Wang, Zhangyang}, booktitle = {ICML}, year = {2022}})"};

  double fillback = 0.2;

  void fields(Fields& f) {
    f("fillback", fillback, {0, 1}, "of the filters that Refill would remove, kept");
  }

  void run(Lab& lab) const {
    const Ticket ticket = lab.source();
    NetPtr net = lab.net(ticket, ticket.trained);
    MaskSet mask =
        refilled(ticket.mask, filter_magnitude(*net, convolutions_of(ticket.mask)), fillback);

    lab.rewind(*net, ticket.rewind_to);
    close_norms(*net, mask);
    lab.train(*net, mask, {.from = ticket.rewind_iteration},
              {.effective_weight = closed_norms(net->architecture(), mask)});
    lab.record(*net, mask, ticket.level,
               {.rewind_to = ticket.rewind_to,
                .rewind_iteration = ticket.rewind_iteration,
                .structure = {.kind = StructureKind::filter}});
  }
};

TICKETBENCH_REGISTER_METHOD(ImpRefillPlus);

}  // namespace
}  // namespace ticketbench
