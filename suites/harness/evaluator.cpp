#include "suites/harness/evaluator.hpp"

#include "suites/harness/loader.hpp"

namespace ticketbench {

Predictions predict(const Net& net, const EvaluationSet& set, const EffectiveWeight& effective) {
  constexpr int64_t kBatch = 250;
  // No_grad and not inference mode: a method's effective weight may hold tensors that autograd uses
  // later.
  const torch::NoGradGuard no_grad;
  const Loader loader({.images = set.images,
                       .mean = set.mean,
                       .deviation = set.deviation,
                       .augmentation = {.padding = 0, .flip = false, .test_resize = set.resize},
                       .batch_size = kBatch,
                       .last_batch = LastBatch::keep,
                       .shuffle = false,
                       .device = net.device()},
                      Stream(0, ""), Stream(0, ""));
  const int64_t count = loader.batches_per_epoch();
  Prefetcher batches(loader, 0, count);
  Predictions result;
  std::vector<torch::Tensor> top1;
  for (int64_t i = 0; i < count; ++i) {
    const Batch batch = batches.next();
    const torch::Tensor logits = net.forward(batch.images, BnMode::eval, effective);
    const int64_t k = std::min<int64_t>(5, logits.size(1));
    const torch::Tensor best = std::get<1>(logits.topk(k, 1));
    const torch::Tensor hit = best == batch.labels.unsqueeze(1);
    result.evaluation.examples += batch.labels.size(0);
    result.evaluation.top1_correct += hit.select(1, 0).sum().item<int64_t>();
    result.evaluation.top5_correct += hit.sum().item<int64_t>();
    result.evaluation.loss +=
        torch::cross_entropy_loss(logits, batch.labels, {}, at::Reduction::Sum).item<double>();
    top1.push_back(best.select(1, 0).to(torch::kCPU));
  }
  result.evaluation.loss /= static_cast<double>(result.evaluation.examples);
  result.top1 = torch::cat(top1);
  return result;
}

}  // namespace ticketbench
