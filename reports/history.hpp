// Cells over time: a folder of nights, one series for each cell on each kind of machine, with its
// shifts. Pure beside reading the folder.

#pragma once

#include "reports/change_points.hpp"
#include "reports/format.hpp"
#include "reports/record.hpp"
#include "reports/statistics.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace ticketbench {

struct Night {
  std::string name;  // of its folder; nights are ordered by it
  std::vector<Record> records;
};

// What a person knows: since `date` something is different.
struct Mark {
  std::string date;
  std::string text;
  std::string cell;  // a series' label; empty: all
};

struct NightValue {
  std::size_t night = 0;  // its place among all
  Spread top1;            // percent, over the seeds that ended well
};

struct Shift {
  std::size_t night = 0;  // the first one after it
  ChangePoint change;
  std::vector<std::string> marks;  // texts of the marks that fall between the night before and this
};

// One operating point of one configuration on one kind of machine.
struct Series {
  std::string board, label, machine;
  std::vector<NightValue> values;  // at least one
  std::vector<Shift> shifts;
};

struct History {
  std::vector<std::string> nights;
  std::vector<Series> series;  // by board, label, machine
  std::vector<Mark> marks;     // by date
};

// Of each series the mean over the seeds is what shifts: on another machine, number of threads or
// LibTorch, sums are rounded otherwise, which is another series. Nights may come in any order.
History make_history(std::vector<Night> nights, std::vector<Mark> marks);

// Throws std::invalid_argument, in the words of json_schema.hpp, for what breaks
// schema/marks.schema.json. `source` names the document.
std::vector<Mark> parse_marks(const nlohmann::json& document, const std::string& source);

struct LoadedNights {
  std::vector<Night> nights;
  std::vector<Mark> marks;
  std::vector<std::string> errors;  // one sentence for each record that can't be used
};

// Each folder in `folder` that holds records is a night; links and hidden folders are left out.
// Marks stand in its marks.json, if there is one. Throws std::invalid_argument for a folder that
// doesn't exist and for marks that can't be used.
LoadedNights load_nights(const std::string& folder);

// `format` is text, markdown or json; throws std::invalid_argument for another.
std::string render(const History& history, Format format);

}  // namespace ticketbench
