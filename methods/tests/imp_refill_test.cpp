#include "core/filters.hpp"
#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

namespace ticketbench {
namespace {

Ticket source() {
  return made_ticket(small_resnet(), 4, 0.3);
}

FakeLab trained(const nlohmann::json& fields = nlohmann::json::object()) {
  FakeLab lab(small_resnet());
  lab.tickets = [](int64_t) { return source(); };
  run_method(lab, "imp_refill", fields);
  return lab;
}

int64_t filters(const MaskSet& mask, const std::string& name) {
  return kept_filters(mask.at(name)).sum().item<int64_t>();
}

BOOST_AUTO_TEST_SUITE(imp_refill)

// Every convolution keeps ceil(d C) of its filters: those with the largest sums of trained, masked
// magnitudes. Whole, from the rewound weights, also where the ticket had pruned them.
BOOST_AUTO_TEST_CASE(filters_are_filled_in_again) {
  const FakeLab lab = trained();
  const Recorded& record = lab.records.at(0);
  const Ticket ticket = source();
  for (const auto& [name, m] : record.mask) {
    const torch::Tensor& old = ticket.mask.at(name);
    if (m.dim() == 2) {
      BOOST_TEST(torch::equal(m, old));
      continue;
    }
    const double share = old.sum().item<double>() / static_cast<double>(old.numel()) *
                         static_cast<double>(m.size(0));
    const auto count = static_cast<int64_t>(std::ceil(share - 1e-9));
    const torch::Tensor sums = (ticket.trained.at(name) * old).abs().flatten(1).sum(1);
    BOOST_TEST(torch::equal(kept_filters(m),
                            sorted_top(sums, torch::ones({m.size(0)}, torch::kBool), count)),
               name);
    BOOST_TEST(torch::equal(m.flatten(1).any(1), m.flatten(1).all(1)), name);
  }
  BOOST_TEST(lab.trainings.at(0).from == 2);
  BOOST_TEST(torch::equal(lab.trainings[0].before.at("layer2.0.conv2.weight"),
                          ticket.rewind_to.at("layer2.0.conv2.weight")));
  BOOST_TEST(torch::equal(lab.trainings[0].before.at("fc.bias"), ticket.rewind_to.at("fc.bias")));
  BOOST_TEST(record.level == 4);
}

// By the number of kept weights other filters stay.
BOOST_AUTO_TEST_CASE(criteria_differ) {
  const MaskSet by_sum = trained().records.at(0).mask;
  const MaskSet by_count = trained({{"criterion", "kept_weights"}}).records.at(0).mask;
  BOOST_TEST(!(by_sum == by_count));
  const std::string name = "layer3.0.conv1.weight";
  const torch::Tensor counts = source().mask.at(name).flatten(1).sum(1);
  BOOST_TEST(
      torch::equal(kept_filters(by_count.at(name)),
                   sorted_top(counts, torch::ones({64}, torch::kBool), filters(by_count, name))));
}

BOOST_AUTO_TEST_CASE(new_weights_train_a_whole_phase) {
  const FakeLab lab = trained({{"weights", "reinit"}});
  BOOST_TEST(lab.trainings.at(0).from == 0);
  BOOST_TEST(!same(lab.trainings[0].before, source().rewind_to));
  BOOST_TEST((lab.records.at(0).mask == trained().records.at(0).mask));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
