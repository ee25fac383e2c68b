// Accuracy and loss over a set of images, without autograd.
#pragma once

#include "core/lab.hpp"
#include "suites/harness/dataset.hpp"

#include <string>

namespace ticketbench {

/// Images ready for a net in evaluation.
struct EvaluationSet {
  Images images;
  std::vector<double> mean;
  std::vector<double> deviation;
  int64_t resize = 0;  ///< Augmentation::test_resize
};

struct Predictions {
  Accuracy evaluation;
  torch::Tensor top1;  ///< [N] int64, on the CPU
};

/// Correct / examples over all batches, the last one included.
Predictions predict(const Net& net, const EvaluationSet& set,
                    const EffectiveWeight& effective = {});

}  // namespace ticketbench
