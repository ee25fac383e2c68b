#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

// Evaluates to the first weight, so that the line can be read off.
class LineLab : public FakeLab {
 public:
  using FakeLab::FakeLab;
  Accuracy evaluate(const Net& net, Split) override {
    const double w = net.parameters().at("fc1.weight")[0][0].item<double>();
    return {.examples = 1000, .top1_correct = std::llround(100 * w), .loss = w};
  }
  void measure(std::string_view name, double value, std::string_view, double at) override {
    if (name == "loss_along_line") losses.emplace_back(at, value);
    if (name == "linear_interpolation_drop") drop = value;
  }
  std::vector<std::pair<double, double>> losses;
  double drop = -1;
};

BOOST_AUTO_TEST_SUITE(mode_connectivity)

// Two trainings that end at weights 1 and 5: along the line 1, 2, 3, 4, 5. Accuracies 10 to 50 %,
// the lowest 20 points below the mean of the ends.
BOOST_AUTO_TEST_CASE(the_line_goes_from_one_solution_to_the_other) {
  LineLab lab(linear_architecture({2, 2}));
  lab.tickets = [](int64_t) { return made_ticket(linear_architecture({2, 2}), 2, 1); };
  int64_t count = 0;
  lab.on_train = [&](Net& net, const Training&) {
    const torch::NoGradGuard no_grad;
    torch::Tensor(net.parameters().at("fc1.weight")).fill_(count++ == 0 ? 1 : 5);
  };
  run_method(lab, "mode_connectivity", {{"intervals", 4}});
  BOOST_TEST_REQUIRE(lab.losses.size() == 5U);
  for (size_t i = 0; i < 5; ++i) {
    BOOST_TEST(lab.losses[i].first == static_cast<double>(i) / 4);
    BOOST_TEST(lab.losses[i].second == 1 + static_cast<double>(i),
               boost::test_tools::tolerance(1e-6));
  }
  BOOST_TEST(lab.drop == 20, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(lab.trainings.size() == 2U);
  BOOST_TEST(lab.trainings[0].from == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
