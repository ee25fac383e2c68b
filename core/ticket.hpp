// A ticket: a mask, the weights to rewind to and the trained weights of one network.
#pragma once

#include "core/architecture.hpp"
#include "core/mask.hpp"
#include "core/safetensors.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace ticketbench {

struct Ticket {
  Architecture architecture;
  std::vector<std::string> prunable;
  MaskSet mask;
  State rewind_to;               ///< W_k; empty where the method keeps none
  int64_t rewind_iteration = 0;  ///< k, in the phase `train`
  State trained;                 ///< with norm buffers
  NamedTensors extra;            ///< named tensors of the method (Regroup's blocks)
  int64_t level = 0;             ///< pruning round
  Metadata origin;               ///< where it came from: run, method, dataset, ...
};

/// Tensors `mask/<name>` (U8), `rewind/<name>`, `trained/<name>`, `extra/<name>`; the rest in the
/// metadata.
void save_ticket(const std::filesystem::path& path, const Ticket& ticket);

/// Throws std::invalid_argument that names the file where it is no sound ticket: a mask that isn't
/// 0/1, names or shapes that don't fit the architecture.
Ticket load_ticket(const std::filesystem::path& path);

}  // namespace ticketbench
