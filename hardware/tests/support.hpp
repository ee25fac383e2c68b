// Layers with made-up numbers, and a kernel's answer beside the reference's.
#pragma once

#include "hardware/kernels/cpu/run.hpp"
#include "hardware/kernels/reference.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace ticketbench::kernels {

/// A layer, its input, and what may be added to its sums; all of it from `seed`.
struct Layer {
  ConvShape shape;
  std::vector<float> input;
  std::vector<float> weights;
  std::vector<uint8_t> mask;
  std::vector<float> bias;
  std::vector<float> residual;

  Layer(const ConvShape& of, double density, uint64_t seed);

  [[nodiscard]] std::vector<float> expected(const PlainEpilogue& epilogue) const {
    return reference(shape, input, weights, mask, epilogue);
  }
};

/// Borders of the three tensors beyond what the padding asks for.
struct Borders {
  int64_t input = 0;
  int64_t output = 0;
  int64_t residual = 0;
};

/// The packed layer's output as [N, C, H, W]. Fails where the output's border didn't stay zero.
std::vector<float> run_plain(const Layer& layer, const PackedConv& packed,
                             const PlainEpilogue& epilogue, const Borders& borders,
                             ThreadPool& pool);

}  // namespace ticketbench::kernels
