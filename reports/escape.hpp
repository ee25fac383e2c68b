// Text made harmless for the place it is written to. Whatever stands in a record (names, reasons,
// fields) may have been written by anybody.

#pragma once

#include <string>
#include <string_view>

namespace ticketbench {

// For a terminal, on one line: control characters and marks that turn the direction of writing
// become visible codes such as \x1b and \u202e; line ends become spaces.
std::string printable(std::string_view text);

// For HTML, as text and inside quoted attributes.
std::string escape_html(std::string_view text);

// For a cell of a Markdown table or an item of a list: no emphasis, code, link, picture, HTML,
// formula, mention or bar can come of it, and no line ends.
std::string escape_markdown(std::string_view text);

// One CSV field (RFC 4180). Text that a spreadsheet would take for a formula gets a quote before
// it.
std::string escape_csv(std::string_view text);

// One word of a shell's command line.
std::string escape_shell(std::string_view text);

// For the message of a workflow command of GitHub Actions.
std::string escape_github(std::string_view text);

// For the value of a property of one, such as its title.
std::string escape_github_property(std::string_view text);

// For LaTeX's running text and cells of its tables, under pdfLaTeX as under LuaLaTeX: no command,
// formula, comment or ligature can come of it. The Latin letters stay; other characters outside
// ASCII, which a font may lack, become \texttt{U+4E16}.
std::string escape_latex(std::string_view text);

}  // namespace ticketbench
