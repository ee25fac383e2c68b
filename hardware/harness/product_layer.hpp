// Layers of a GPU that are one product of matrices: 1x1 convolutions of stride 1, and linear ones.
#pragma once

#include "hardware/harness/probe.hpp"

#include <functional>
#include <memory>
#include <string>

namespace ticketbench {

/// Why a layer is no such product; empty where it is. Of other kernels the pixels would have to be
/// copied out first, which would be timed instead of the product.
std::string product_refusal(const Problem& problem);

/// `multiply` takes the pixels of all images, [in, batch * pixels], of `dtype`, and gives [out,
/// batch * pixels]. `pack` makes the weight ready beforehand, and is timed apart.
std::unique_ptr<PreparedProbe> prepare_product(
    const Problem& problem, torch::ScalarType dtype, const std::function<void()>& pack,
    const std::function<torch::Tensor(const torch::Tensor&)>& multiply);

}  // namespace ticketbench
