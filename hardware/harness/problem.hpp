// What is timed: layers of a pruned network, each with its mask, weights and a batch of inputs.
#pragma once

#include "core/architecture.hpp"
#include "core/mask.hpp"
#include "core/structure.hpp"
#include "core/ticket.hpp"
#include "hardware/kernels/compute_type.hpp"
#include "hardware/kernels/shape.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ticketbench {

/// A pruned network. `mask` covers the layers that may be pruned; pruned weights are zero in
/// `state`.
struct Subject {
  Architecture architecture;
  State state;
  MaskSet mask;
  Structure structure;
  NamedTensors extra;  ///< of the ticket: Regroup's blocks
};

/// The trained network of a ticket, or the rewound one where it holds no other. Its structure is
/// `group` where the ticket holds blocks, `filter` where every layer keeps whole filters and one is
/// pruned, else unstructured. Throws std::invalid_argument for a ticket without weights.
Subject subject_of(const Ticket& ticket);

/// What computes.
enum class ProbeDevice { cpu, cuda };
constexpr auto enum_names(ProbeDevice) {
  return std::to_array<std::string_view>({"cpu", "cuda"});
}

using kernels::ComputeType;

/// One convolution or linear layer to be computed.
struct Problem {
  std::string name;
  kernels::ConvShape shape;
  torch::Tensor weight;  ///< [out, in, kernel, kernel] float, zero where pruned
  torch::Tensor mask;    ///< bool, as `weight`
  Structure structure;
  std::vector<kernels::DenseBlock> blocks;  ///< of `group`, where the layer has any
  torch::Tensor input;                      ///< [batch, in, height, width] float
  int64_t copies = 1;                       ///< layers of the network that look the same
  ComputeType type = ComputeType::fp32;     ///< for probes that can compute in several

  [[nodiscard]] int64_t kept() const;
  /// Two for each multiply-add, over the batch.
  [[nodiscard]] double dense_flops() const { return 2 * static_cast<double>(shape.dense_macs()); }
  [[nodiscard]] double kept_flops() const;
  /// Input, weights and output, once each.
  [[nodiscard]] double bytes() const;
};

/// The values of a contiguous float tensor.
std::span<const float> floats_of(const torch::Tensor& tensor);

/// Every layer that `subject` may prune but has no groups of its own, on a batch of random inputs.
/// Layers with equal shape and mask counts stand once, with their number, where `merge` is set;
/// `map` replaces the height and width of every layer's input where it isn't 0.
std::vector<Problem> problems_of(const Subject& subject, int64_t batch, bool merge, int64_t map);

/// Throws std::invalid_argument where the shape can't be computed. `mask` is bool.
Problem problem_of(const std::string& name, const kernels::ConvShape& shape,
                   const torch::Tensor& weight, const torch::Tensor& mask,
                   const Structure& structure);

/// The blocks that Regroup stored for a layer; none where it has none.
std::vector<kernels::DenseBlock> stored_blocks(const NamedTensors& extra,
                                               const std::string& weight);

}  // namespace ticketbench
