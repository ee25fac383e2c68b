#include "core/filters.hpp"
#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

BOOST_AUTO_TEST_SUITE(l1_filter)

// Filter i of each layer has the sum of magnitudes (i + 1) * size, its largest weight the other way
// round: by the largest weight or the L2 norm the first would stay. A quarter of 16, 32, 64 filters
// is the last 4, 8, 16; what feeds a sum keeps all.
BOOST_AUTO_TEST_CASE(filters_of_largest_sum_stay) {
  Ticket ticket = made_ticket(small_resnet(), 0, 1);
  for (const auto& [name, w] : ticket.trained) {
    if (w.dim() != 4) continue;
    const int64_t filters = w.size(0);
    const auto size = static_cast<double>(w.numel() / filters);
    torch::Tensor rows = (torch::arange(filters) + 1)
                             .to(torch::kFloat32)
                             .view({filters, 1})
                             .expand({filters, w.numel() / filters})
                             .clone();
    for (int64_t i = 0; i < filters / 2; ++i) {
      rows[i].zero_();
      rows[i][0] = -static_cast<double>(i + 1) * size;
    }
    ticket.trained[name] = rows.view(w.sizes()).clone();
  }
  FakeLab lab(small_resnet());
  lab.tickets = [&](int64_t) { return ticket; };
  run_method(lab, "l1_filter", {{"filter_fraction", 0.25}});
  std::vector<std::string> free;
  for (const FreeFilters& filters : free_filters(small_resnet())) free.push_back(filters.weight);
  for (const auto& [name, m] : lab.records.at(0).mask) {
    const bool pruned = std::find(free.begin(), free.end(), name) != free.end();
    const int64_t first = pruned ? m.size(0) * 3 / 4 : 0;
    BOOST_TEST(torch::equal(kept_filters(m), torch::arange(m.size(0)) >= first), name);
  }
  // What read them lost these inputs.
  const torch::Tensor reader = lab.records[0].mask.at("layer2.0.conv2.weight");
  BOOST_TEST(torch::equal(reader.transpose(0, 1).flatten(1).any(1), torch::arange(32) >= 24));
  BOOST_TEST(lab.trainings.at(0).phase == "finetune");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
