#include "reports/reproduce_render.hpp"

#include <stdexcept>

namespace ticketbench {

std::string render(const Reproduction& reproduction, Format format) {
  switch (format) {
    case Format::text:
      return reproduction_text(reproduction);
    case Format::markdown:
      return reproduction_markdown(reproduction);
    case Format::html:
      return reproduction_html(reproduction);
    case Format::csv:
      return reproduction_csv(reproduction);
    case Format::json:
      return reproduction_json(reproduction);
    case Format::latex:
      return reproduction_latex(reproduction);
  }
  throw std::logic_error("a format without a writer");
}

std::string render(const Overview& overview, Format format) {
  switch (format) {
    case Format::text:
      return reproduction_text(overview);
    case Format::markdown:
      return reproduction_markdown(overview);
    case Format::html:
      return reproduction_html(overview);
    case Format::csv:
      return reproduction_csv(overview);
    case Format::json:
      return reproduction_json(overview);
    case Format::latex:
      throw std::invalid_argument("LaTeX is written of one table: PAPER/TABLE instead of --all");
  }
  throw std::logic_error("a format without a writer");
}

}  // namespace ticketbench
