#include "core/score.hpp"

#include <span>
#include <stdexcept>
#include <string>

namespace ticketbench {

ScoreMap magnitude(const Net& net) {
  ScoreMap scores;
  for (const auto& [name, w] : prunable(net)) scores[name] = w.detach().abs();
  return scores;
}

namespace {

torch::Tensor gradient_of(const std::string& name, const torch::Tensor& w) {
  if (!w.grad().defined()) throw std::logic_error(name + " has no gradient");
  return w.grad().detach();
}

}  // namespace

ScoreMap gradient_magnitude(const Net& net) {
  ScoreMap scores;
  for (const auto& [name, w] : prunable(net)) scores[name] = gradient_of(name, w).abs();
  return scores;
}

ScoreMap sensitivity(const Net& net) {
  ScoreMap scores;
  for (const auto& [name, w] : prunable(net))
    scores[name] = (gradient_of(name, w) * w.detach()).abs();
  return scores;
}

ScoreMap lamp(const Net& net) {
  ScoreMap scores;
  for (const auto& [name, w] : prunable(net)) {
    const torch::Tensor squares = w.detach().flatten().to(torch::kFloat64).square();
    const auto [sorted, places] = squares.sort(/*stable=*/true, /*dim=*/0, /*descending=*/true);
    // In descending order the sum so far runs over the weight itself and all that are larger.
    const torch::Tensor share = sorted / sorted.cumsum(0);
    scores[name] =
        torch::empty_like(share).index_copy_(0, places, share.nan_to_num(0)).view(w.sizes());
  }
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
