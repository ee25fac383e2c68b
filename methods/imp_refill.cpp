// IMP-Refill: each layer of an IMP ticket keeps whole filters, as many as its density comes to; the
// pruned weights of the kept ones are filled in again.
// Chen, Chen, Ma, Wang, Wang. ICML 2022, arXiv:2202.04736, section 3.2, Algorithm 2.

#include "core/filters.hpp"
#include "core/method.hpp"

namespace ticketbench {
namespace {

/// What ranks the filters of a layer.
enum class Criterion {
  weight_magnitude,  ///< sum of |w| of the trained ticket
  kept_weights,      ///< how many of its weights the ticket keeps: the default of the authors' code
};
constexpr auto enum_names(Criterion) {
  return std::to_array<std::string_view>({"weight_magnitude", "kept_weights"});
}

/// What the refilled network is trained from.
enum class Weights { rewound, reinit };
constexpr auto enum_names(Weights) {
  return std::to_array<std::string_view>({"rewound", "reinit"});
}

struct ImpRefill {
  static constexpr Card card{
      .name = "imp_refill",
      .title = "IMP-Refill",
      .paper = "arXiv:2202.04736",
      .place = "section 3.2, Algorithm 2",
      .needs = Needs::curve,
      .deviations =
          {"The number of filters is the density times the filters, rounded up; the paper prints a "
           "formula that doesn't fit.",
           "The norms behind removed filters are closed, so that these can be taken out; in the "
           "authors' code their shift stays.",
           "Stem, norms and classifier are rewound too; the authors' code leaves them trained."},
      .bibtex =
          R"(@inproceedings{chen2022coarsening, title = {Coarsening the Granularity: Towards Structurally Sparse Lottery Tickets},
  author = {Chen, Tianlong and Chen, Xuxi and Ma, Xiaolong and Wang, Yanzhi and Wang, Zhangyang}, booktitle = {ICML}, year = {2022}})"};

  Criterion criterion = Criterion::weight_magnitude;
  Weights weights = Weights::rewound;

  void fields(Fields& f) {
    f("criterion", criterion, "what ranks the filters of a layer");
    f("weights", weights, "what the refilled network is trained from");
  }

  void run(Lab& lab) const {
    const Ticket ticket = lab.source();
    NetPtr net = lab.net(ticket, ticket.trained);
    MaskSet mask = refilled(ticket.mask, filter_scores(*net, ticket.mask), 0);

    State start = ticket.rewind_to;
    if (weights == Weights::reinit) start = lab.snapshot(*lab.net(ticket.architecture, "reinit"));
    const int64_t k = weights == Weights::reinit ? 0 : ticket.rewind_iteration;
    lab.rewind(*net, start);
    close_norms(*net, mask);
    lab.train(*net, mask, {.from = k},
              {.effective_weight = closed_norms(net->architecture(), mask)});
    lab.record(
        *net, mask, ticket.level,
        {.rewind_to = start, .rewind_iteration = k, .structure = {.kind = StructureKind::filter}});
  }

  [[nodiscard]] ScoreMap filter_scores(const Net& net, const MaskSet& mask) const {
    const std::vector<std::string> convolutions = convolutions_of(mask);
    if (criterion == Criterion::weight_magnitude) return filter_magnitude(net, convolutions);
    ScoreMap counts;
    for (const std::string& name : convolutions)
      counts[name] = mask.at(name).flatten(1).sum(1).to(torch::kFloat64);
    return counts;
  }
};

TICKETBENCH_REGISTER_METHOD(ImpRefill);

}  // namespace
}  // namespace ticketbench
