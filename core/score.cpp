#include "core/score.hpp"

#include <span>

namespace ticketbench {

ScoreMap magnitude(const Net& net) {
  ScoreMap scores;
  for (const auto& [name, w] : prunable(net)) scores[name] = w.detach().abs();
  return scores;
}

ScoreMap random_scores(const Net& net, Rng rng) {
  ScoreMap scores;
  for (const auto& [name, w] : prunable(net)) {
    torch::Tensor values = torch::empty(w.sizes(), torch::kFloat64);
    for (double& v :
         std::span(values.mutable_data_ptr<double>(), static_cast<size_t>(values.numel()))) {
      v = rng.uniform();
    }
    scores[name] = values.to(w.device());
  }
  return scores;
}

torch::Tensor shuffled(const torch::Tensor& values, Rng& rng) {
  const torch::Tensor order =
      torch::tensor(rng.permutation(values.numel()), torch::kInt64).to(values.device());
  return values.flatten().index_select(0, order).view(values.sizes());
}

}  // namespace ticketbench
