#include "core/filters.hpp"
#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

namespace ticketbench {
namespace {

Ticket source() {
  return made_ticket(small_resnet(), 4, 0.3);
}

MaskSet mask_of(const std::string& method,
                const nlohmann::json& fields = nlohmann::json::object()) {
  FakeLab lab(small_resnet());
  lab.tickets = [](int64_t) { return source(); };
  run_method(lab, method, fields);
  return lab.records.at(0).mask;
}

int64_t filters(const MaskSet& mask, const std::string& name) {
  return kept_filters(mask.at(name)).sum().item<int64_t>();
}

BOOST_AUTO_TEST_SUITE(imp_refill_plus)

// A fifth of the filters that Refill removes come back, the next best ones.
BOOST_AUTO_TEST_CASE(some_removed_filters_come_back) {
  const MaskSet refill = mask_of("imp_refill");
  const MaskSet plus = mask_of("imp_refill_plus");
  for (const auto& [name, m] : plus) {
    BOOST_TEST(refill.at(name).logical_and(m.logical_not()).sum().item<int64_t>() == 0);
    if (m.dim() == 2) continue;
    const double density = source().mask.at(name).to(torch::kFloat64).mean().item<double>();
    const auto all = static_cast<double>(m.size(0));
    BOOST_TEST(filters(plus, name) == static_cast<int64_t>(std::ceil(
                                          density * all + 0.2 * (1 - density) * all - 1e-9)),
               name);
  }
  BOOST_TEST((mask_of("imp_refill_plus", {{"fillback", 0}}) == refill));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
