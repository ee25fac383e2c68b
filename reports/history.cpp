#include "reports/history.hpp"

#include "reports/configuration.hpp"
#include "reports/json_schema.hpp"
#include "reports/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace ticketbench {

// Generated from schema/marks.schema.json by this folder's CMakeLists.txt.
extern const char* const kMarksSchemaText;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct SeriesKey {
  std::string configuration;
  int64_t level = 0;
  std::string machine;
  auto operator<=>(const SeriesKey&) const = default;  // NOLINT(modernize-use-nullptr): its own 0
};

// The percents of one night.
std::map<SeriesKey, std::vector<double>> percents_of(
    const std::map<std::string, Configuration>& configurations) {
  std::map<SeriesKey, std::vector<double>> percents;
  for (const auto& [key, configuration] : configurations) {
    for (const auto& [seed, record] : configuration.runs) {
      if (record->status != Status::ok) {
        continue;
      }
      const std::string machine = record->provenance ? machine_words(*record->provenance) : "";
      for (const Point& point : record->points) {
        percents[{key, point.level, machine}].push_back(
            100 * static_cast<double>(point.test.top1_correct) /
            static_cast<double>(point.test.examples));
      }
    }
  }
  return percents;
}

void find_shifts(Series& series) {
  std::vector<double> means;
  means.reserve(series.values.size());
  for (const NightValue& value : series.values) means.push_back(value.top1.mean);
  for (const ChangePoint& change : change_points(means)) {
    series.shifts.push_back(
        {.night = series.values[change.at].night, .change = change, .marks = {}});
  }
}

// A mark belongs to the first night of the series at or after its date. A date alone is at or
// before all nights that begin with it.
void add_marks(Series& series, const std::vector<std::string>& nights,
               const std::vector<Mark>& marks) {
  for (Shift& shift : series.shifts) {
    const std::string& before = nights[series.values[shift.change.at - 1].night];
    for (const Mark& mark : marks) {
      const bool mine = mark.cell.empty() || mark.cell == series.label;
      if (mine && before < mark.date && mark.date <= nights[shift.night]) {
        shift.marks.push_back(mark.text);
      }
    }
  }
}

bool holds_records(const fs::path& folder) {
  const fs::recursive_directory_iterator files(folder,
                                               fs::directory_options::skip_permission_denied);
  return std::any_of(begin(files), end(files), [](const fs::directory_entry& file) {
    return file.path().filename() == "record.json";
  });
}

}  // namespace

History make_history(std::vector<Night> nights, std::vector<Mark> marks) {
  std::sort(nights.begin(), nights.end(),
            [](const Night& a, const Night& b) { return a.name < b.name; });
  std::sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) {
    return std::tie(a.date, a.text, a.cell) < std::tie(b.date, b.text, b.cell);
  });
  History history;
  std::vector<std::map<std::string, Configuration>> of_nights;
  std::map<SeriesKey, std::vector<NightValue>> values;
  std::map<std::string, int64_t> last_level;
  for (const Night& night : nights) {
    of_nights.push_back(configurations(night.records));
    for (const auto& [key, percents] : percents_of(of_nights.back())) {
      values[key].push_back({.night = history.nights.size(), .top1 = spread(percents)});
      int64_t& last = last_level[key.configuration];
      last = std::max(last, key.level);
    }
    history.nights.push_back(night.name);
  }
  // The newest night's names first.
  std::vector<const Configuration*> all;
  std::map<std::string, std::string> boards;
  for (auto night = of_nights.rbegin(); night != of_nights.rend(); ++night) {
    for (const auto& [key, configuration] : *night) {
      all.push_back(&configuration);
      boards.emplace(key, configuration.board);
    }
  }
  const std::map<std::string, std::string> names = labels(all);
  for (auto& [key, of_series] : values) {
    Series series{.board = boards.at(key.configuration),
                  .label = names.at(key.configuration),
                  .machine = key.machine,
                  .values = std::move(of_series),
                  .shifts = {}};
    if (last_level.at(key.configuration) > 0) series.label += fmt::format(", level {}", key.level);
    find_shifts(series);
    add_marks(series, history.nights, marks);
    history.series.push_back(std::move(series));
  }
  std::stable_sort(
      history.series.begin(), history.series.end(), [](const Series& a, const Series& b) {
        return std::tie(a.board, a.label, a.machine) < std::tie(b.board, b.label, b.machine);
      });
  history.marks = std::move(marks);
  return history;
}

std::vector<Mark> parse_marks(const json& document, const std::string& source) {
  static const json schema = json::parse(kMarksSchemaText);
  validate(document, schema, source);
  std::vector<Mark> marks;
  for (const json& one : document) {
    marks.push_back({.date = one["date"], .text = one["text"], .cell = one.value("cell", "")});
  }
  return marks;
}

LoadedNights load_nights(const std::string& folder) {
  if (!fs::is_directory(folder)) {
    throw std::invalid_argument(
        fmt::format("{}: no such folder; expected one with a folder for each night", folder));
  }
  LoadedNights loaded;
  std::set<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with('.') && !entry.is_symlink() && entry.is_directory() &&
        holds_records(entry.path())) {
      names.insert(name);
    }
  }
  for (const std::string& name : names) {
    LoadedRecords records = load_records({(fs::path(folder) / name).string()});
    loaded.errors.insert(loaded.errors.end(), records.errors.begin(), records.errors.end());
    loaded.nights.push_back({.name = name, .records = std::move(records.records)});
  }
  const std::string marks = (fs::path(folder) / "marks.json").string();
  if (fs::exists(marks)) loaded.marks = parse_marks(parse_json_file(marks), marks);
  return loaded;
}

}  // namespace ticketbench
