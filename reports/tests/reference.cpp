#include "reports/tests/reference.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <fstream>

namespace ticketbench {

const nlohmann::json& statistics_reference() {
  static const nlohmann::json document = [] {
    std::ifstream file(TICKETBENCH_STATISTICS_FILE);
    BOOST_REQUIRE_MESSAGE(file, TICKETBENCH_STATISTICS_FILE << " can't be read");
    return nlohmann::json::parse(file);
  }();
  return document;
}

std::vector<double> numbers(const nlohmann::json& list) {
  return list.get<std::vector<double>>();
}

void check_reference(double found, const nlohmann::json& one, const char* key) {
  const double expected = one.at(key).get<double>();
  BOOST_CHECK_MESSAGE(std::abs(found - expected) <= 1e-9 * std::abs(expected),
                      key << " is " << found << ", expected " << expected << ", of " << one.dump());
}

}  // namespace ticketbench
