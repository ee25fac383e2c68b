// A whole pruned network by our kernels, for inference.
#pragma once

#include "hardware/harness/problem.hpp"
#include "hardware/kernels/cpu/layout.hpp"
#include "hardware/kernels/cpu/thread_pool.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ticketbench {

/// Norms are folded into the convolutions, ReLUs and residual additions into their kernels; sixteen
/// images go through the whole network before the next ones, in buffers that stay in the cache.
/// Each layer has the quickest of dense, unstructured and block kernels, found by a short timing.
class SparseNetwork {
 public:
  /// Throws std::invalid_argument for networks with grouped convolutions.
  SparseNetwork(const Subject& subject, int64_t batch, kernels::ThreadPool& pool);
  ~SparseNetwork();
  SparseNetwork(const SparseNetwork&) = delete;
  SparseNetwork& operator=(const SparseNetwork&) = delete;

  /// Logits [batch, classes] of images [batch, C, H, W], contiguous floats.
  torch::Tensor forward(const torch::Tensor& images);

  /// "layer1.0.conv1: rows, avx512, ..." for each layer.
  [[nodiscard]] std::vector<std::string> choices() const;
  /// Seconds that packing took, trials not counted.
  [[nodiscard]] double pack_seconds() const;

 private:
  struct Program;
  std::unique_ptr<Program> program_;
};

}  // namespace ticketbench
