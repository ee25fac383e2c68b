// The formats a report can be written in, by their names on the command line.

#pragma once

#include <string_view>

namespace ticketbench {

enum class Format { text, markdown, html, csv, json, latex };

// "text", "md", "html", "csv", "json" or "latex"; throws std::invalid_argument for any other word.
Format parse_format(std::string_view word);

}  // namespace ticketbench
