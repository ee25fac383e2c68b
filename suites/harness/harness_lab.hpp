// The Lab that really trains: data, trainer, journal, operating points of one run.
#pragma once

#include "core/lab.hpp"
#include "suites/harness/dataset.hpp"
#include "suites/harness/journal.hpp"
#include "suites/harness/recipe.hpp"
#include "suites/harness/trainer.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace ticketbench {

/// A signal asked to stop; everything is saved. Not a std::exception: a method must not catch it by
/// accident.
struct Interrupted {};
/// The run's time is over; everything is saved.
struct TimedOut {};

struct LabOptions {
  std::string identity;  ///< the run's hash
  std::string program;   ///< build and device: another's unfinished work is not gone on with
  std::filesystem::path folder;
  Architecture architecture;
  Recipe recipe;
  const DatasetCard* dataset_card = nullptr;
  std::shared_ptr<const Dataset> dataset;
  uint64_t seed = 1;
  torch::Device device = torch::kCPU;
  Metadata origin;  ///< goes into each ticket
  std::function<Ticket(int64_t level)> source;
  std::function<bool()> interrupted;  ///< true: save and stop
  double timeout_seconds = 0;         ///< 0: none
  double save_every_seconds = 60;
  std::function<void(const Progress&, int64_t points)> progress;
};

class HarnessLab : public Lab {
 public:
  explicit HarnessLab(LabOptions options);

  using Lab::net;
  NetPtr net(const Architecture& architecture, std::string_view stream) override;
  const Architecture& model() override { return options_.architecture; }
  Ticket source(int64_t level) override;
  std::vector<Batch> batches(int64_t count, const Draw& draw) override;
  Batch batch(std::string_view stream, int64_t iteration, std::string_view phase) override;
  torch::Tensor logits(const Net& net, const Batch& batch, BnMode mode,
                       const EffectiveWeight& effective) override;
  Rng rng(std::string_view stream, int64_t index) override;
  int64_t iterations(std::string_view phase) override;
  int64_t iterations_per_epoch(std::string_view phase) override;
  void train(Net& net, MaskSet& mask, const Span& span, const Hooks& hooks) override;
  void rewind(Net& net, const State& state) override;
  std::shared_ptr<Sgd> optimizer(const std::vector<torch::Tensor>& tensors,
                                 const SgdSettings& settings) override;
  void state(std::string_view name, torch::Tensor& tensor) override;
  void state(std::string_view name, NamedTensors& tensors) override;
  Accuracy evaluate(const Net& net, Split split) override;
  void record(const Net& net, const MaskSet& mask, int64_t level,
              const RecordOptions& options) override;
  void measure(std::string_view name, double value, std::string_view unit, double at) override;

  /// points, measures, curves of the record: the same bytes for the same run.
  [[nodiscard]] nlohmann::json results() const;
  /// timing of the record.
  [[nodiscard]] nlohmann::json timing() const;
  [[nodiscard]] int64_t resume_count() const { return journal_.resume_count(); }
  /// Why the results are not to be believed; empty: nothing found.
  [[nodiscard]] const std::string& mistrust() const { return mistrust_; }

 protected:
  [[nodiscard]] NetPtr empty_net(const Architecture& architecture,
                                 std::vector<std::string> prunable) override;

 private:
  [[nodiscard]] LoaderOptions loader_options(const Phase& phase) const;
  [[nodiscard]] Stream stream_of(const Span& span, std::string_view what) const;
  [[nodiscard]] TrainerOptions trainer_options(const Span& span,
                                               std::function<void()> checkpoint) const;
  Session& session_of(const Net& net, const Span& span);
  [[nodiscard]] TensorFile collect(const Net& net, const MaskSet& mask, const Session& session,
                                   const nlohmann::json& epochs) const;
  nlohmann::json restore(const TensorFile& stored, Net& net, MaskSet& mask, Session& session);
  [[nodiscard]] NamedTensors own_tensors() const;
  void put_back(const NamedTensors& own) const;
  [[nodiscard]] double active_seconds() const;
  void judge(const nlohmann::json& point);

  LabOptions options_;
  Journal journal_;
  Images train_;
  EvaluationSet validation_;
  EvaluationSet test_;
  std::map<const Net*, Session> sessions_;
  std::vector<std::shared_ptr<Sgd>> optimizers_;
  std::map<std::string, torch::Tensor*> states_;
  std::map<std::string, NamedTensors*> group_states_;
  std::map<std::string, std::unique_ptr<Loader>> loaders_;  ///< by "phase stream"
  Spent spent_;
  nlohmann::json points_ = nlohmann::json::array();
  nlohmann::json point_seconds_ = nlohmann::json::array();
  nlohmann::json measures_ = nlohmann::json::array();
  nlohmann::json curves_ = nlohmann::json::array();
  bool training_ = false;  ///< inside train: verbs of hooks belong to it and have no journal entry
  std::string mistrust_;
  double seconds_before_ = 0;  ///< active in earlier lives of the run
  double seconds_at_last_point_ = 0;
  Spent spent_at_last_point_;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point saved_;
};

}  // namespace ticketbench
