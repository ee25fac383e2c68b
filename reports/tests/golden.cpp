#include "reports/tests/golden.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>

namespace ticketbench {

void check_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(TICKETBENCH_GOLDEN_FOLDER) + "/" + name;
  const char* update = std::getenv("TICKETBENCH_UPDATE_GOLDEN");
  if (update != nullptr && std::string_view(update) == "1") {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  BOOST_REQUIRE_MESSAGE(file, path << " can't be read");
  const std::string golden(std::istreambuf_iterator<char>(file), {});
  if (text == golden) {
    return;
  }
  const auto [here, there] = std::mismatch(text.begin(), text.end(), golden.begin(), golden.end());
  const auto at = static_cast<std::size_t>(here - text.begin());
  const std::size_t from = at < 60 ? 0 : at - 60;
  BOOST_ERROR(name << " differs at byte " << at << "; found\n"
                   << text.substr(from, 160) << "\nexpected\n"
                   << golden.substr(from, 160)
                   << "\nTICKETBENCH_UPDATE_GOLDEN=1 rewrites it: read the difference");
}

}  // namespace ticketbench
