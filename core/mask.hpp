// Which weights are kept.
#pragma once

#include "core/named_tensors.hpp"

#include <cstdint>
#include <string>

namespace ticketbench {

class Net;

/// One bool tensor per prunable weight, of its shape; true = kept. Counts are integers, density is
/// derived.
class MaskSet : public NamedTensors {
 public:
  MaskSet() = default;
  /// A copy has tensors of its own: changing one mask changes no other.
  MaskSet(const MaskSet& other);
  MaskSet& operator=(const MaskSet& other);
  MaskSet(MaskSet&&) = default;
  MaskSet& operator=(MaskSet&&) = default;
  ~MaskSet() = default;

  /// Everything kept.
  static MaskSet ones(const Net& net);

  [[nodiscard]] int64_t kept() const;
  [[nodiscard]] int64_t total() const;
  /// kept / total of the prunable weights; 1 for an empty set.
  [[nodiscard]] double density() const;

  /// SHA-256 over names, shapes and bits in order: equal masks have equal hashes.
  [[nodiscard]] std::string sha256() const;
};

/// True where both have the same names and equal tensors.
bool operator==(const MaskSet& a, const MaskSet& b);

/// Sets pruned weights of `net` to exactly zero.
void apply_mask(Net& net, const MaskSet& mask);

/// Throws std::invalid_argument unless `mask` covers exactly the prunable weights of `net`, shape
/// by shape.
void check_mask(const Net& net, const MaskSet& mask);

}  // namespace ticketbench
