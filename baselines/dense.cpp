// The dense network: what every ticket is compared with.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct Dense {
  static constexpr Card card{
      .name = "dense", .title = "Dense", .paper = "none", .place = "the harness's own recipe"};

  Duration rewind{};

  void fields(Fields& f) {
    f.later("rewind", rewind, {}, "the point whose weights its ticket holds to go back to");
  }

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    MaskSet mask = MaskSet::ones(*net);
    const int64_t k = lab.iterations_of(rewind);
    lab.train(*net, mask, {.to = k});
    const State w_k = lab.snapshot(*net);
    lab.train(*net, mask, {.from = k});
    lab.record(*net, mask, 0, {.rewind_to = w_k, .rewind_iteration = k, .density = 1});
  }
};

TICKETBENCH_REGISTER_METHOD(Dense);

}  // namespace
}  // namespace ticketbench
