// A mini-batch.
#pragma once

#include <torch/types.h>

namespace ticketbench {

struct Batch {
  torch::Tensor images;  ///< [N, C, H, W] float, normalised, channels-last
  torch::Tensor labels;  ///< [N] int64
};

}  // namespace ticketbench
