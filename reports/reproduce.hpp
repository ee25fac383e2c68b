// A published table beside what was measured here.
#pragma once

#include "reports/format.hpp"
#include "reports/join.hpp"
#include "reports/published.hpp"
#include "reports/record.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace ticketbench {

struct ReproducedCell {
  Cell cell;
  Measured measured;  // empty where the cell isn't comparable
};

// A method that answered a cell and how it departs from its paper.
struct MethodDeviations {
  std::string method;
  std::vector<std::string> deviations;
};

struct Reproduction {
  Paper paper;           // without its tables
  PublishedTable table;  // without its cells
  std::vector<ReproducedCell> cells;
  std::vector<MethodDeviations> deviations;
  std::size_t comparable = 0;
  std::size_t run = 0;  // of them
};

// Throws std::invalid_argument, with the nearest name, for a table the paper hasn't.
Reproduction reproduce(const Paper& paper, const std::string& table,
                       std::span<const Record> records);

// `format` is text, markdown or json; throws std::invalid_argument for another.
std::string render(const Reproduction& reproduction, Format format);

}  // namespace ticketbench
