// Writes the page of a made-up study to standard output; with the argument "hostile", of hostile
// records.

#include "reports/leaderboard_render.hpp"
#include "reports/tests/studies.hpp"

#include <iostream>
#include <string_view>

int main(int argc, char** argv) {
  using namespace ticketbench;
  const bool hostile = argc > 1 && std::string_view(argv[1]) == "hostile";
  std::vector<Record> records = hostile ? hostile_study() : sample_study();
  for (Record& record : records) {
    if (record.file.empty()) record.file = record.hash + "/record.json";
  }
  std::cout << leaderboard_html(make_leaderboard(records));
}
