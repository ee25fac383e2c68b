// The papers' own numbers: published/*.json below the shared folder, schema/published.schema.json
// their format.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ticketbench {

// Where a ticket was found, if not on the cell's own model and dataset.
struct Origin {
  std::optional<std::string> model;  // absent: not stated
  std::string dataset;
  std::string method;
};

// One published value. What the paper doesn't say is absent.
struct Cell {
  std::string id;   // unique in its table
  std::string row;  // the paper's label
  std::string method;
  nlohmann::json variant;  // an object: what differs from the method's default, by key
  std::optional<Origin> source;
  std::optional<std::string> dataset;
  std::optional<std::string> model;
  std::optional<double> density;  // kept fraction, to the printed digits
  std::string density_of;         // prunable, all or unknown weights; empty without a density
  std::optional<int64_t> level;   // pruning round of the IMP ticket behind it
  std::string metric;
  std::string unit;
  std::optional<double> value;  // absent: a winning ticket that doesn't exist
  std::optional<double> std;
  std::optional<int64_t> n;
  std::string not_comparable;  // why no verdict may be drawn, one word; empty: it may
  std::string note;

  [[nodiscard]] bool comparable() const { return not_comparable.empty(); }
};

struct PublishedTable {
  std::string key;
  std::string title;
  std::string provenance;  // printed, prose, digitised, second_hand, code or other_paper
  std::string note;
  std::optional<double> uncertainty;  // largest error of reading, in the cells' unit
  std::vector<std::string> suites;    // whose runs answer the comparable cells, by name
  std::vector<Cell> cells;
};

struct Paper {
  std::string key;
  std::string title;
  std::string venue;
  std::string arxiv;
  std::vector<PublishedTable> tables;
};

// The JSON Schema of such a file, compiled into the program.
const nlohmann::json& published_schema();

// Throws std::invalid_argument, in the words of json_schema.hpp, if the document breaks the schema,
// an id or key occurs twice, or a cell lacks what every one has. `source` names the document.
Paper parse_paper(const nlohmann::json& document, const std::string& source);

// All *.json in `folder`, by key. Throws std::invalid_argument where one is broken or none is
// there.
std::vector<Paper> load_papers(const std::string& folder);

// Throws std::invalid_argument, naming those there are, for a table the paper hasn't.
const PublishedTable& find_table(const Paper& paper, const std::string& key);

// A sentence for people: why cells with this `not_comparable` are shown and not judged.
std::string why_not_comparable(const std::string& word);

}  // namespace ticketbench
