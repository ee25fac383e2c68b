// A Lab of hand-made batches that remembers all it was asked for. It trains by a plain loop that
// knows every hook, or by what a test puts in its place.
#pragma once

#include "core/lab.hpp"
#include "core/method.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ticketbench {

/// One call of train.
struct Training {
  std::string phase;
  int64_t from;
  int64_t to;
  MaskSet mask;  ///< as it came in
  State before;  ///< as it came in, not yet masked
  State after;
};

/// One iteration of a training, where the test watches.
struct Iteration {
  int64_t iteration;
  MaskSet mask;            ///< before hooks changed it
  State weights;           ///< of the forward pass
  NamedTensors gradients;  ///< of all weights, pruned ones too
  MaskSet mask_after;
  State weights_after;
};

/// One call of record.
struct Recorded {
  int64_t level;
  Architecture architecture;
  MaskSet mask;
  State weights;
  RecordOptions options;
};

class FakeLab : public Lab {
 public:
  explicit FakeLab(Architecture architecture, uint64_t seed = 1);

  // What the test sets up.
  std::vector<Batch> data;     ///< all batches there are; drawn from the seed where empty
  std::optional<State> first;  ///< weights of the stream "init" instead of drawn ones
  std::function<Ticket(int64_t level)> tickets;
  std::function<void(Net& net, const Training& training)> on_train;  ///< instead of the loop
  std::map<std::string, int64_t, std::less<>> lengths{{"train", 6}, {"prune", 6}, {"finetune", 4}};
  int64_t epoch = 2;
  bool watch = false;

  // What the method did, in order.
  std::vector<Training> trainings;
  std::vector<Iteration> watched;  ///< of all trainings
  std::vector<Recorded> records;
  std::vector<State> rewinds;
  std::vector<std::string> nets;  ///< streams that nets were drawn from
  std::set<std::string> streams;  ///< of random numbers
  std::vector<int64_t> source_levels;

  using Lab::net;
  NetPtr net(const Architecture& architecture, std::string_view stream) override;
  const Architecture& model() override { return architecture_; }
  Ticket source(int64_t level) override;
  std::vector<Batch> batches(int64_t count, const Draw& draw) override;
  Batch batch(std::string_view stream, int64_t iteration, std::string_view phase) override;
  torch::Tensor logits(const Net& net, const Batch& batch, BnMode mode,
                       const EffectiveWeight& effective) override;
  Rng rng(std::string_view stream, int64_t index) override;
  int64_t iterations(std::string_view phase) override { return lengths.find(phase)->second; }
  int64_t iterations_per_epoch(std::string_view) override { return epoch; }
  void train(Net& net, MaskSet& mask, const Span& span, const Hooks& hooks) override;
  void rewind(Net& net, const State& state) override;
  std::shared_ptr<Sgd> optimizer(const std::vector<torch::Tensor>& tensors,
                                 const SgdSettings& settings) override;
  void state(std::string_view, torch::Tensor&) override {}
  void state(std::string_view, NamedTensors&) override {}
  Accuracy evaluate(const Net& net, Split split) override;
  void record(const Net& net, const MaskSet& mask, int64_t level,
              const RecordOptions& options) override;
  void measure(std::string_view, double, std::string_view, double) override {}

 protected:
  [[nodiscard]] NetPtr empty_net(const Architecture& architecture,
                                 std::vector<std::string> prunable) override;

 private:
  Architecture architecture_;
  uint64_t seed_;
};

/// Fully connected layers of these widths, without norms; weights `fc1.weight`, `fc2.weight`, ...
Architecture linear_architecture(const std::vector<int64_t>& widths);

/// resnet8 on 8x8 images of four classes: stem, three stages, projections, norms.
Architecture small_resnet();

/// A dense ticket of `architecture`: rewind_to (of iteration 2) and trained are two draws, the mask
/// keeps `density` of the weights by magnitude.
Ticket made_ticket(const Architecture& architecture, int64_t level = 2, double density = 0.5,
                   uint64_t seed = 1);

/// A method with these fields instead of its defaults, run in `lab`.
void run_method(Lab& lab, const std::string& method, const nlohmann::json& fields = {});

/// True at the `count` largest values among `candidates`, the smaller index first, found by
/// sorting: what methods are compared with. [count of values] bool, flat tensors in and out.
torch::Tensor sorted_top(const torch::Tensor& values, const torch::Tensor& candidates,
                         int64_t count);

/// True where names and every number are equal.
bool same(const NamedTensors& a, const NamedTensors& b);

/// SHA-256 over names and numbers.
std::string hash_of(const NamedTensors& tensors);

}  // namespace ticketbench
