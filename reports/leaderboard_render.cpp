#include "reports/leaderboard_render.hpp"

#include <stdexcept>

namespace ticketbench {

std::string render(const Leaderboard& leaderboard, Format format) {
  switch (format) {
    case Format::text:
      return leaderboard_text(leaderboard);
    case Format::markdown:
      return leaderboard_markdown(leaderboard);
    case Format::html:
      return leaderboard_html(leaderboard);
    case Format::csv:
      return leaderboard_csv(leaderboard);
    case Format::json:
      return leaderboard_json(leaderboard);
    case Format::latex:
      break;
  }
  throw std::logic_error("a format without a writer");
}

}  // namespace ticketbench
