// A layer made ready for LibTorch.
#pragma once

#include "hardware/harness/probe.hpp"

#include <memory>

namespace ticketbench {

/// The dense convolution, a linear layer for 1x1 maps, without autograd, on as many threads as
/// LibTorch is set to. Input and weight are in this memory format and type beforehand.
std::unique_ptr<PreparedProbe> prepare_libtorch(const Problem& problem, torch::MemoryFormat format,
                                                torch::ScalarType dtype);

/// Of cuDNN: those that it tries in its first call, or the one that it guesses.
enum class Algorithms { all, heuristic };

/// The same on a GPU in the problem's type, by cuDNN, whatever algorithm; linear layers by cuBLAS
/// where channels stand first, else by cuBLASLt.
std::unique_ptr<PreparedProbe> prepare_libtorch_cuda(const Problem& problem,
                                                     torch::MemoryFormat format,
                                                     Algorithms algorithms);

/// LibTorch multiplies float32 as TF32 on a GPU from now on, or doesn't.
void allow_tf32(bool allowed);

}  // namespace ticketbench
