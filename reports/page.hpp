// The parts of a page that are the same on every page, compiled into the program.

#pragma once

#include <string_view>

namespace ticketbench {

struct PageScript {
  std::string_view text;
  std::string_view sha256;  // of the text, in hexadecimal digits
};

extern const std::string_view kPageStyle;
extern const PageScript kPageScript;   // ours
extern const PageScript kChartScript;  // Chart.js

}  // namespace ticketbench
