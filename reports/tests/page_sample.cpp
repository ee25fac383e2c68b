// Writes the page of a made-up study to standard output; with the argument "hostile", of hostile
// records.

#include "reports/leaderboard_render.hpp"
#include "reports/tests/studies.hpp"

#include <iostream>
#include <string_view>

int main(int argc, char** argv) {
  using namespace ticketbench;
  const bool hostile = argc > 1 && std::string_view(argv[1]) == "hostile";
  std::cout << leaderboard_html(hostile ? make_leaderboard(hostile_study()) : measured_study());
}
