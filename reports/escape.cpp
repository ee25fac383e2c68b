#include "reports/escape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace ticketbench {
namespace {

// The code point that starts at text[i] and the number of its bytes; a stray byte stands for
// itself.
struct CodePoint {
  uint32_t value = 0;
  std::size_t bytes = 1;
};

CodePoint code_point_at(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const uint32_t first = byte(i);
  const std::size_t bytes = first < 0x80U ? 1 : first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : 2;
  if (bytes == 1 || first < 0xC0U || i + bytes > text.size()) {
    return {first, 1};
  }
  uint32_t value = first & (0xFFU >> (bytes + 1));
  for (std::size_t k = 1; k < bytes; ++k) value = (value << 6U) | (byte(i + k) & 0x3FU);
  return {value, bytes};
}

// C0, DEL, C1, and what reorders the text around it.
bool is_control(uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F || c == 0x2028 ||
         c == 0x2029 || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = code_point_at(text, i);
    if (c.value == '\n' || c.value == '\t') {
      result += ' ';
    } else if (is_control(c.value)) {
      result +=
          c.value < 0x100 ? fmt::format("\\x{:02x}", c.value) : fmt::format("\\u{:04x}", c.value);
    } else {
      result += text.substr(i, c.bytes);
    }
    i += c.bytes;
  }
  return result;
}

std::string escape_html(std::string_view text) {
  std::string result;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string escape_markdown(std::string_view text) {
  constexpr std::string_view meaningful = "\\`*_[]>#|~$@";
  std::string result;
  for (const char c : printable(text)) {
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (meaningful.find(c) != std::string_view::npos) {
      result += '\\';
      result += c;
    } else {
      result += c;
    }
  }
  return result;
}

std::string escape_csv(std::string_view text) {
  std::string field = printable(text);
  if (!field.empty() && std::string_view("=+-@").find(field.front()) != std::string_view::npos) {
    field.insert(0, "'");
  }
  if (field.find_first_of(",\"") == std::string::npos) {
    return field;
  }
  std::string quoted = "\"";
  for (const char c : field) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

std::string escape_shell(std::string_view text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+:=,@-";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) {
    return std::string(text);
  }
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result + "'";
}

std::string escape_github(std::string_view text) {
  std::string result;
  for (const char c : printable(text)) {
    if (c == '%') {
      result += "%25";
    } else {
      result += c;
    }
  }
  return result;
}

std::string escape_github_property(std::string_view text) {
  std::string result;
  for (const char c : escape_github(text)) {
    if (c == ':') {
      result += "%3A";
    } else if (c == ',') {
      result += "%2C";
    } else {
      result += c;
    }
  }
  return result;
}

std::string escape_latex(std::string_view text) {
  // Beside the ten that TeX reserves: signs that its fonts set as others or that a language's
  // package makes commands, and what \\ takes for its arguments at the beginning of a line.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 23> special = {{
      {"\\", "\\textbackslash{}"},
      {"{", "\\{"},
      {"}", "\\}"},
      {"$", "\\$"},
      {"&", "\\&"},
      {"#", "\\#"},
      {"%", "\\%"},
      {"_", "\\_"},
      {"^", "\\textasciicircum{}"},
      {"~", "\\textasciitilde{}"},
      {"<", "\\textless{}"},
      {">", "\\textgreater{}"},
      {"|", "\\textbar{}"},
      {"\"", "\\symbol{34}"},
      {"`", "\\symbol{96}"},
      {"[", "{[}"},
      {"]", "{]}"},
      {"*", "{*}"},
      {"±", "$\\pm$"},
      {"×", "$\\times$"},
      {"·", "$\\cdot$"},
      {"≤", "$\\le$"},
      {"µ", "$\\mu$"},
  }};
  const std::string clean = printable(text);
  std::string result;
  for (std::size_t i = 0; i < clean.size();) {
    const CodePoint c = code_point_at(clean, i);
    const std::string_view bytes = std::string_view(clean).substr(i, c.bytes);
    i += c.bytes;
    const auto found = std::find_if(special.begin(), special.end(),
                                    [&](const auto& entry) { return entry.first == bytes; });
    if (found != special.end()) {
      result += found->second;
    } else if (c.value == '-' && result.ends_with('-')) {
      result += "{}-";
    } else if (c.value < 0x80 || (c.value >= 0xC0 && c.value < 0x180)) {
      result += bytes;
    } else {
      result += fmt::format("\\texttt{{U+{:04X}}}", c.value);
    }
  }
  return result;
}

}  // namespace ticketbench
