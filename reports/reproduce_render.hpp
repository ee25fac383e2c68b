// Reproductions written down, one .cpp file for each format. The same bytes for the same records,
// in whatever order.
#pragma once

#include "reports/format.hpp"
#include "reports/reproduce.hpp"

#include <string>

namespace ticketbench {

std::string render(const Reproduction& reproduction, Format format);
// Throws std::invalid_argument for LaTeX, which is for one table.
std::string render(const Overview& overview, Format format);

// For a terminal of 100 columns. Of an overview the counts alone.
std::string reproduction_text(const Reproduction& reproduction);
std::string reproduction_text(const Overview& overview);

std::string reproduction_markdown(const Reproduction& reproduction);
std::string reproduction_markdown(const Overview& overview);

// A page that needs nothing else; of an overview with all its tables.
std::string reproduction_html(const Reproduction& reproduction);
std::string reproduction_html(const Overview& overview);

// A table of the package booktabs, to be pasted into a paper.
std::string reproduction_latex(const Reproduction& reproduction);

// One line for each cell; numbers in full precision.
std::string reproduction_csv(const Reproduction& reproduction);
std::string reproduction_csv(const Overview& overview);

// "ticketbench/reproduction" and "ticketbench/reproductions", version 1: everything, numbers in
// full precision.
std::string reproduction_json(const Reproduction& reproduction);
std::string reproduction_json(const Overview& overview);

}  // namespace ticketbench
