#include "reports/escape.hpp"
#include "reports/leaderboard_render.hpp"
#include "reports/leaderboard_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ticketbench {
namespace {

// A line under construction: text is escaped, numbers are written in full precision.
class Line {
 public:
  Line& text(std::string_view value) { return raw(escape_csv(value)); }
  Line& flag(bool value) { return raw(value ? "true" : "false"); }
  template <typename Number>
  Line& number(Number value) {
    return raw(fmt::format("{}", value));
  }
  template <typename Number>
  Line& number(const std::optional<Number>& value) {
    return value ? number(*value) : raw("");
  }
  Line& spread(const std::optional<Spread>& value) {
    if (!value) {
      return raw("").raw("").raw("");
    }
    return number(value->mean).number(value->sample_std).number(value->n);
  }
  Line& empty(int cells) {
    for (int i = 0; i < cells; ++i) raw("");
    return *this;
  }
  [[nodiscard]] std::string end() const { return line_ + "\n"; }

 private:
  Line& raw(const std::string& cell) {
    if (begun_) {
      line_ += ',';
    }
    begun_ = true;
    line_ += cell;
    return *this;
  }
  std::string line_;
  bool begun_ = false;
};

constexpr std::string_view kHeader =
    "dataset,model,recipe,division,variant,budget,status,reason,label,run,method,version,fields,"
    "level,"
    "source,structure,seeds,group,place,reference,settled,provisional,superseded,selected_on_test,"
    "on_density_front,on_macs_front,"
    "density,density_std,density_n,kept_macs,dense_macs,top1_percent,top1_std,top1_n,top1_t_half_"
    "width_95,"
    "vs_dense,vs_dense_std,vs_dense_n,own_train_examples,own_train_macs,own_seconds,"
    "total_train_examples,total_train_macs,total_seconds,sources_missing,"
    "measured_device,measured_seconds_per_image,measured_speedup\n";
constexpr int kCellsAfterSeeds = 31;

Line begin_line(const Board& board) {
  Line line;
  line.text(board.dataset).text(board.model).text(board.recipe).text(board.division);
  line.text(board.variant).text(budget_name(board.budget));
  return line;
}

std::string row_line(const Board& board, const Row& row) {
  Line line = begin_line(board);
  line.text("ok").text("").text(row.label).text(row.run).text(row.method).number(row.version);
  line.text(row.fields.dump()).number(row.level).text(row.source).text(row.structure);
  std::vector<int64_t> seeds;
  for (const SeedResult& one : row.results) seeds.push_back(one.seed);
  line.text(fmt::format("{}", fmt::join(seeds, " "))).number(row.group).number(row.place);
  line.flag(row.reference).flag(row.settled()).flag(row.provisional()).flag(row.superseded);
  line.flag(row.selected_on_test).flag(row.on_density_front).flag(row.on_macs_front);
  line.spread(row.density).number(row.kept_macs.mean);
  line.number(row.dense_macs).spread(row.top1).number(row.top1.t_half_width).spread(row.vs_dense);
  for (const Cost& cost : {row.own, row.total}) {
    line.number(cost.examples).number(cost.macs).number(cost.seconds);
  }
  line.flag(row.sources_missing);
  // The first device: a line holds one; all of them are in the JSON form.
  if (row.measured.empty()) return line.empty(3).end();
  const MeasuredTime& time = row.measured.front();
  return line.text(time.device).number(time.seconds_per_image).number(time.speedup).end();
}

std::string unranked_line(const Board& board, const UnrankedRun& run) {
  Line line = begin_line(board);
  line.text(status_name(run.status)).text(run.reason).text(run.label).text("").text(run.method);
  return line.empty(5).number(run.seed).empty(kCellsAfterSeeds).end();
}

}  // namespace

std::string leaderboard_csv(const Leaderboard& leaderboard) {
  std::string text(kHeader);
  for (const Board& board : leaderboard.boards) {
    for (const Row& row : board.rows) text += row_line(board, row);
    for (const UnrankedRun& run : board.unranked) text += unranked_line(board, run);
  }
  return text;
}

}  // namespace ticketbench
