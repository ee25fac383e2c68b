// IMP-Regroup: rows of an IMP ticket's layers that keep weights in the same columns are grouped
// into dense blocks, outside of which nothing stays. Chen, Chen, Ma, Wang, Wang. ICML 2022,
// arXiv:2202.04736, section 3.3, Algorithm 3.

#include "core/grouping.hpp"
#include "core/method.hpp"

namespace ticketbench {
namespace {

/// What the regrouped network is trained from.
enum class Weights { rewound, reinit };
constexpr auto enum_names(Weights) {
  return std::to_array<std::string_view>({"rewound", "reinit"});
}

struct ImpRegroup {
  static constexpr Card card{
      .name = "imp_regroup",
      .title = "IMP-Regroup",
      .paper = "arXiv:2202.04736",
      .place = "section 3.3, Algorithm 3",
      .needs = Needs::curve,
      .deviations =
          {"Rows are parted by METIS on the graph of common columns; the authors part the "
           "hypergraph of columns by hMETIS, which is closed.",
           "The paper doesn't give t2, b1 and b2; the released rule doesn't use t2 and b2.",
           "In the released rule columns are counted down in the blocks' order, as the authors' "
           "inference code does; their training code reads another column."},
      .bibtex =
          R"(@inproceedings{chen2022coarsening, title = {Coarsening the Granularity: Towards Structurally Sparse Lottery Tickets},
  author = {Chen, Tianlong and Chen, Xuxi and Ma, Xiaolong and Wang, Yanzhi and Wang, Zhangyang}, booktitle = {ICML}, year = {2022}})"};

  Grouping grouping;
  Weights weights = Weights::rewound;

  void fields(Fields& f) {
    f("grouping", grouping, "how dense blocks are found");
    f("weights", weights, "what the regrouped network is trained from");
  }

  void run(Lab& lab) const {
    const Ticket ticket = lab.source();
    Regrouped found = regrouped(ticket.mask, grouping, lab.rng("partition"));
    State start = ticket.rewind_to;
    if (weights == Weights::reinit) start = lab.snapshot(*lab.net(ticket.architecture, "reinit"));
    const int64_t k = weights == Weights::reinit ? 0 : ticket.rewind_iteration;
    NetPtr net = lab.net(ticket, start);
    lab.train(*net, found.mask, {.from = k});
    lab.record(*net, found.mask, ticket.level,
               {.rewind_to = start,
                .rewind_iteration = k,
                .extra = found.blocks,
                .structure = {.kind = StructureKind::group}});
  }
};

TICKETBENCH_REGISTER_METHOD(ImpRegroup);

}  // namespace
}  // namespace ticketbench
