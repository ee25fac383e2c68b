// Are two trainings of one ticket in one valley? The ticket is trained twice, on the same images in
// two orders, and accuracy is measured along the line between the two solutions.
// Chen, Cheng, Wang, Gan, Liu, Wang. NeurIPS 2021, arXiv:2103.16547, section 4.4; the test itself:
// Frankle, Dziugaite, Roy, Carbin. ICML 2020, arXiv:1912.05671, section 2.

#include "core/method.hpp"

namespace ticketbench {
namespace {

struct ModeConnectivity {
  static constexpr Card card{
      .name = "mode_connectivity",
      .title = "Linear mode connectivity of a ticket",
      .paper = "arXiv:2103.16547",
      .place = "section 4.4",
      .needs = Needs::curve,
      .bibtex =
          R"(@inproceedings{chen2021elastic, title = {The Elastic Lottery Ticket Hypothesis},
  author = {Chen, Xiaohan and Cheng, Yu and Wang, Shuohang and Gan, Zhe and Liu, Jingjing and Wang, Zhangyang}, booktitle = {NeurIPS}, year = {2021}})"};

  int64_t intervals = 20;

  void fields(Fields& f) {
    f("intervals", intervals, {1, 1000}, "parts of the line, measured at their ends");
  }

  void run(Lab& lab) const {
    Ticket ticket = lab.source();
    const auto trained = [&](const std::string& order) {
      NetPtr net = lab.net(ticket, ticket.rewind_to);
      lab.train(*net, ticket.mask, {.from = ticket.rewind_iteration, .order = order});
      return net;
    };
    const NetPtr first = trained("");
    const State from = lab.snapshot(*first);
    const State to = lab.snapshot(*trained("second"));

    std::vector<double> along;
    const NetPtr between = lab.net(ticket, from);
    for (int64_t i = 0; i <= intervals; ++i) {
      const double alpha = static_cast<double>(i) / static_cast<double>(intervals);
      State state;
      for (const auto& [name, t] : from) {
        // Weights and running statistics; a counter has no middle.
        state[name] = t.is_floating_point() ? (1 - alpha) * t + alpha * to.at(name) : t;
      }
      lab.rewind(*between, state);
      const Accuracy at = lab.evaluate(*between, Split::test);
      lab.measure("loss_along_line", at.loss, "mean cross entropy over alpha", alpha);
      lab.measure("accuracy_along_line", 100 * at.top1(), "percent over alpha", alpha);
      along.push_back(100 * at.top1());
    }
    // How far the worst point lies below the mean of the two ends.
    const double ends = (along.front() + along.back()) / 2;
    lab.measure("linear_interpolation_drop", ends - *std::min_element(along.begin(), along.end()),
                "percentage points", 0);
    lab.record(*first, ticket.mask, ticket.level,
               {.rewind_to = ticket.rewind_to,
                .rewind_iteration = ticket.rewind_iteration,
                .density = ticket.mask.density()});
  }
};

TICKETBENCH_REGISTER_METHOD(ModeConnectivity);

}  // namespace
}  // namespace ticketbench
