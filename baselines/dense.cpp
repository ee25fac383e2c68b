// The dense network: what every ticket is compared with.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct Dense {
  static constexpr Card card{
      .name = "dense", .title = "Dense", .paper = "none", .place = "the harness's own recipe"};

  void fields(Fields&) {}

  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    const State initial = lab.snapshot(*net);
    MaskSet mask = MaskSet::ones(*net);
    lab.train(*net, mask, {});
    lab.record(*net, mask, 0, {.rewind_to = initial, .density = 1});
  }
};

TICKETBENCH_REGISTER_METHOD(Dense);

}  // namespace
}  // namespace ticketbench
