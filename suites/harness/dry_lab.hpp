// A Lab that trains nothing and counts what a method would: the cost that `plan` shows.
#pragma once

#include "core/lab.hpp"
#include "suites/harness/dataset.hpp"
#include "suites/harness/recipe.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ticketbench {

/// An upper bound where a method stops early; masks and scores of the method are those of an
/// untrained net.
struct RunCost {
  /// A recorded ticket, before anything is trained.
  struct Outline {
    int64_t level = 0;
    Architecture architecture;
    double density = 1;
    std::optional<double> asked_density;  ///< absent: the method lets it come out of training
    int64_t rewind_iteration = 0;
    bool has_rewind = false;
    NamedTensors extra;  ///< zeros without memory
  };

  int64_t iterations = 0;      ///< optimizer steps
  int64_t train_examples = 0;  ///< images trained on
  int64_t test_examples = 0;   ///< images evaluated
  /// 3 x dense multiply-adds x images trained on + 1 x images evaluated: no engine skips pruned
  /// weights. More than an integer holds for a curve of tickets on ImageNet.
  double macs = 0;
  std::vector<Outline> tickets;     ///< recorded, in order
  std::set<int64_t> source_levels;  ///< asked for; kSourceLevel: the suite's choice
  int64_t ticket_bytes = 0;         ///< of one ticket
  int64_t journal_bytes = 0;        ///< while it runs

  [[nodiscard]] std::vector<int64_t> levels() const;
  /// The outline of `level`, absent: of the last. Throws std::invalid_argument where none is.
  [[nodiscard]] const Outline& ticket(const std::optional<int64_t>& level) const;
};

class DryLab : public Lab {
 public:
  /// `source`: what the source run would record, null where there is none; `level`: the suite's
  /// choice of it, absent: the last. The method sees networks narrowed to `width` in (0, 1], so
  /// that ranking millions of weights takes no time; costs are those of the true ones.
  DryLab(Architecture model, const RunCost* source, std::optional<int64_t> level,
         const Recipe& recipe, const DatasetCard& dataset, double width = 1);

  using Lab::net;
  NetPtr net(const Architecture& architecture, std::string_view stream) override;
  const Architecture& model() override { return shown_; }
  Ticket source(int64_t level) override;
  std::vector<Batch> batches(int64_t count, const Draw& draw) override;
  Batch batch(std::string_view stream, int64_t iteration, std::string_view phase) override;
  torch::Tensor logits(const Net& net, const Batch& batch, BnMode mode,
                       const EffectiveWeight& effective) override;
  Rng rng(std::string_view stream, int64_t index) override;
  int64_t iterations(std::string_view phase) override;
  int64_t iterations_per_epoch(std::string_view phase) override;
  void train(Net& net, MaskSet& mask, const Span& span, const Hooks& hooks) override;
  void rewind(Net& net, const State& state) override { net.load(state); }
  std::shared_ptr<Sgd> optimizer(const std::vector<torch::Tensor>& tensors,
                                 const SgdSettings& settings) override;
  void state(std::string_view, torch::Tensor&) override {}
  void state(std::string_view, NamedTensors&) override {}
  Accuracy evaluate(const Net& net, Split split) override;
  void record(const Net& net, const MaskSet& mask, int64_t level,
              const RecordOptions& options) override;
  void measure(std::string_view, double, std::string_view, double) override {}

  /// Throws std::invalid_argument where a narrowed lab recorded a network that isn't the model:
  /// what that one would cost isn't known.
  [[nodiscard]] const RunCost& cost() const;

 protected:
  [[nodiscard]] NetPtr empty_net(const Architecture& architecture,
                                 std::vector<std::string> prunable) override;

 private:
  void check_fits(const Net& net) const;
  [[nodiscard]] double macs(const Architecture& shown) const;
  [[nodiscard]] int64_t parameters(const Architecture& shown) const;
  void count_evaluation(const Net& net, int64_t examples);

  Architecture model_;
  Architecture shown_;  ///< the model narrowed
  const RunCost* source_;
  std::optional<int64_t> level_;
  const Recipe& recipe_;
  const DatasetCard& dataset_;
  double width_;
  bool model_alone_ = true;  ///< nothing else was recorded
  RunCost cost_;
};

}  // namespace ticketbench
