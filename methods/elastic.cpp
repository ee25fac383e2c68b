// Elastic lottery tickets: a ticket found in one network is stretched or squeezed into a deeper or
// shallower one of its family and trained there.
// Chen, Cheng, Wang, Gan, Liu, Wang. NeurIPS 2021, arXiv:2103.16547, section 3.

#include "core/depth.hpp"
#include "core/method.hpp"

namespace ticketbench {
namespace {

/// Where the ticket's training begins.
enum class Start {
  rewind_point,  ///< at the iteration its weights were taken
  beginning,     ///< a whole phase: on another dataset
};
constexpr auto enum_names(Start) {
  return std::to_array<std::string_view>({"rewind_point", "beginning"});
}

struct Elastic {
  static constexpr Card card{
      .name = "elastic",
      .title = "Elastic lottery ticket",
      .paper = "arXiv:2103.16547",
      .place = "section 3",
      .needs = Needs::curve,
      .deviations = {"The paper doesn't say how depths map that are no multiples: earlier blocks "
                     "are replicated once more.",
                     "A classifier of other classes is new and dense."},
      .bibtex =
          R"(@inproceedings{chen2021elastic, title = {The Elastic Lottery Ticket Hypothesis},
  author = {Chen, Xiaohan and Cheng, Yu and Wang, Shuohang and Gan, Zhe and Liu, Jingjing and Wang, Zhangyang}, booktitle = {NeurIPS}, year = {2021}})"};

  DepthRule depth;
  Start start = Start::rewind_point;

  void fields(Fields& f) {
    f("depth", depth, "how blocks are copied");
    f("start", start, "where the ticket's training begins");
  }

  void run(Lab& lab) const {
    const Ticket source = lab.source();
    const NetPtr fresh = lab.fresh_net();
    Ticket ticket = with_depth_of(source, lab.model(), fresh->prunable_names(),
                                  lab.snapshot(*fresh), depth, lab.rng("shuffle"));
    NetPtr net = lab.net(ticket, ticket.rewind_to);
    const int64_t k = start == Start::beginning ? 0 : ticket.rewind_iteration;
    lab.train(*net, ticket.mask, {.from = k});
    lab.record(*net, ticket.mask, ticket.level,
               {.rewind_to = ticket.rewind_to, .rewind_iteration = k});
  }
};

TICKETBENCH_REGISTER_METHOD(Elastic);

}  // namespace
}  // namespace ticketbench
