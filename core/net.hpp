// The network that is trained: an Architecture with weights.
#pragma once

#include "core/architecture.hpp"
#include "core/initialisation.hpp"
#include "core/named_tensors.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ticketbench {

/// Added to a norm's variance.
inline constexpr double kNormEpsilon = 1e-5;

/// Which statistics batch norm uses, and whether it updates the running ones.
enum class BnMode {
  train,       ///< the batch's; running ones updated
  batch_only,  ///< the batch's; running ones untouched (scoring)
  eval,        ///< the running ones
};

/// The tensor that the forward pass uses in place of parameter `name`, seen by autograd.
using EffectiveWeight =
    std::function<torch::Tensor(const std::string& name, const torch::Tensor& w)>;

/// An Architecture interpreted over flat, named tensors. Not an nn::Module: methods replace weights
/// by name in the forward pass, and names with dots (torchvision's) are kept as they are.
class Net : public std::enable_shared_from_this<Net> {
 public:
  /// All tensors zero, norm scales and running variances one, convolution weights channels-last.
  Net(Architecture architecture, std::vector<std::string> prunable_names, torch::Device device,
      torch::ScalarType dtype = torch::kFloat32);

  /// Logits [N, classes] of images [N, C, H, W]; `effective` may be empty.
  torch::Tensor forward(const torch::Tensor& images, BnMode mode,
                        const EffectiveWeight& effective = {}) const;

  [[nodiscard]] const Architecture& architecture() const { return architecture_; }
  [[nodiscard]] const std::vector<std::string>& prunable_names() const { return prunable_names_; }
  /// Leaves of autograd, in torchvision's order.
  [[nodiscard]] const NamedTensors& parameters() const { return parameters_; }
  /// running_mean, running_var, num_batches_tracked of each norm.
  [[nodiscard]] const NamedTensors& buffers() const { return buffers_; }
  [[nodiscard]] torch::Device device() const { return device_; }

  void zero_grad();

  /// Copies of all parameters and buffers.
  [[nodiscard]] State snapshot() const;
  /// Copies `state` in. Throws std::invalid_argument unless names and shapes are those of this net.
  void load(const State& state);
  /// A net of its own with the same weights, perhaps in another type (double for SynFlow).
  [[nodiscard]] std::shared_ptr<Net> clone(torch::ScalarType dtype) const;

 private:
  struct Pass;

  Architecture architecture_;
  std::vector<std::string> prunable_names_;
  torch::Device device_;
  NamedTensors parameters_;
  NamedTensors buffers_;
};

using NetPtr = std::shared_ptr<Net>;

/// The weights that may be pruned, by name, in order of the forward pass. They share storage with
/// the net.
NamedTensors prunable(const Net& net);

class Stream;

/// Draws every weight of `net` from `stream`, one index per parameter. Convolutions: kaiming normal
/// (He et al., arXiv:1502.01852). Linear layers: uniform with bound 1/sqrt(fan_in), as torch's
/// default. Norm shifts zero.
void initialise(Net& net, const Stream& stream, Initialisation convolutions, NormScale norms);

}  // namespace ticketbench
