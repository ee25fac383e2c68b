// What a probe is asked to time, as plain data.
#pragma once

#include "core/allocation.hpp"
#include "core/fields.hpp"
#include "core/model.hpp"
#include "core/structure.hpp"
#include "hardware/harness/problem.hpp"
#include "hardware/kernels/shape.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ticketbench {

enum class CacheState { warm, cold };
constexpr auto enum_names(CacheState) {
  return std::to_array<std::string_view>({"warm", "cold"});
}

/// How a network or a layer is timed.
struct Measurement {
  int64_t batch = 128;
  std::vector<double> threads{1};  ///< whole numbers
  ProbeDevice device = ProbeDevice::cpu;
  ComputeType dtype = ComputeType::fp32;
  CacheState cache = CacheState::warm;
  int64_t repetitions = 9;
  double min_seconds = 0.02;

  void fields(Fields& f);
};

/// A network with random weights and a random mask.
struct RandomSubject {
  std::string model = "resnet20";
  int64_t input_size = 32;
  int64_t classes = 10;
  Stem stem = Stem::cifar;
  PrunableRule prunable{.stem = false};
  double density = 0.1;
  Structure structure;
  Allocation allocation = Allocation::uniform;
  int64_t seed = 1;

  void fields(Fields& f);
};

/// One network, with random masks (`model`) or a ticket's, or one layer by its `shape`.
struct ProbeSpec {
  RandomSubject random;
  /// In, height, width, out, kernel, stride, padding; empty: the layers of the network.
  std::vector<double> shape;
  int64_t map = 0;      ///< height and width of every layer's input; 0: the network's own
  bool layers = true;   ///< times the layers one by one
  bool network = true;  ///< times the whole network too
  std::string ticket;   ///< a file; empty: random masks
  Measurement measurement;

  void fields(Fields& f);
};

/// Throws std::invalid_argument for numbers that don't fit together.
void check(const ProbeSpec& spec);

/// Masks and weights of a random subject, the same for the same fields. `group`: Regroup's rule on
/// an unstructured mask of this density, so the density that results is another. Throws
/// std::invalid_argument for an unknown model.
Subject subject_of(const RandomSubject& random);

/// The one layer of a spec with a shape.
Problem problem_of(const ProbeSpec& spec);

}  // namespace ticketbench
