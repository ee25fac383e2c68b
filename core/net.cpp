#include "core/net.hpp"

#include "core/streams.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <map>
#include <span>
#include <stdexcept>

namespace ticketbench {
namespace {

constexpr double kNormMomentum = 0.1;

torch::MemoryFormat format_of(const torch::Tensor& t) {
  return t.dim() == 4 ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
}

}  // namespace

// One forward pass: looks tensors up by name and lets the method replace them.
struct Net::Pass {
  const Net& net;
  BnMode mode;
  const EffectiveWeight& effective;

  torch::Tensor parameter(const std::string& name) const {
    const torch::Tensor& w = net.parameters_.at(name);
    return effective ? effective(name, w) : w;
  }

  torch::Tensor norm(const torch::Tensor& x, const std::string& name) const {
    torch::Tensor mean;
    torch::Tensor variance;
    if (mode != BnMode::batch_only) {
      mean = net.buffers_.at(name + ".running_mean");
      variance = net.buffers_.at(name + ".running_var");
    }
    if (mode == BnMode::train) {
      torch::Tensor count = net.buffers_.at(name + ".num_batches_tracked");
      count.add_(1);
    }
    return at::batch_norm(x, parameter(name + ".weight"), parameter(name + ".bias"), mean, variance,
                          mode != BnMode::eval, kNormMomentum, kNormEpsilon, true);
  }

  torch::Tensor unit(const torch::Tensor& x, const ConvUnit& u) const {
    const Conv& c = u.conv;
    const torch::Tensor bias = c.bias ? parameter(c.name + ".bias") : torch::Tensor();
    torch::Tensor y = at::conv2d(x, parameter(c.name + ".weight"), bias, c.stride, c.padding,
                                 /*dilation=*/1, c.groups);
    if (!u.norm.empty()) y = norm(y, u.norm);
    // In place: neither a convolution nor a norm needs its output in the backward pass.
    return u.relu ? y.relu_() : y;
  }

  torch::Tensor block(const torch::Tensor& x, const Block& b) const {
    torch::Tensor y = x;
    for (const ConvUnit& u : b.body) y = unit(y, u);
    switch (b.shortcut) {
      case Shortcut::none:
        return y;
      case Shortcut::identity:
        return y.add_(x).relu_();
      case Shortcut::projection:
        return y.add_(unit(x, *b.projection)).relu_();
      case Shortcut::pad: {
        const int64_t stride = b.body.front().conv.stride;
        const int64_t missing = y.size(1) - x.size(1);
        const torch::Tensor sampled =
            x.slice(2, 0, x.size(2), stride).slice(3, 0, x.size(3), stride);
        return y
            .add_(at::constant_pad_nd(sampled, {0, 0, 0, 0, missing / 2, missing - missing / 2}))
            .relu_();
      }
    }
    throw std::logic_error("unknown shortcut");
  }
};

Net::Net(Architecture architecture, std::vector<std::string> prunable_names, torch::Device device,
         torch::ScalarType dtype)
    : architecture_(std::move(architecture)),
      prunable_names_(std::move(prunable_names)),
      device_(device) {
  const auto options = torch::TensorOptions().device(device).dtype(dtype);
  for (const TensorShape& p : parameter_shapes(architecture_)) {
    torch::Tensor w = torch::zeros(p.shape, options);
    parameters_[p.name] = w.contiguous(format_of(w)).requires_grad_();
  }
  const torch::NoGradGuard no_grad;
  for (const ConvUnit* unit : units(architecture_)) {
    const std::string& name = unit->norm;
    if (name.empty()) continue;
    parameters_[name + ".weight"].fill_(1);
    buffers_[name + ".running_mean"] = torch::zeros({unit->conv.out}, options);
    buffers_[name + ".running_var"] = torch::ones({unit->conv.out}, options);
    buffers_[name + ".num_batches_tracked"] = torch::zeros({}, options.dtype(torch::kInt64));
  }
}

torch::Tensor Net::forward(const torch::Tensor& images, BnMode mode,
                           const EffectiveWeight& effective) const {
  const Pass pass{*this, mode, effective};
  torch::Tensor x = images;
  if (!architecture_.stem.conv.name.empty()) x = pass.unit(x, architecture_.stem);
  if (architecture_.stem_pool) x = at::max_pool2d(x, 3, 2, 1);
  for (const Stage& stage : architecture_.stages) {
    for (const Block& block : stage.blocks) x = pass.block(x, block);
    if (stage.pool) x = at::max_pool2d(x, 2, 2);
  }
  const int64_t features = architecture_.features;
  if (!architecture_.stages.empty())
    x = features == 1 ? x.mean({2, 3}) : at::adaptive_avg_pool2d(x, {features, features});
  x = x.flatten(1);
  for (const Linear& l : architecture_.classifier) {
    x = at::linear(x, pass.parameter(l.name + ".weight"),
                   l.bias ? pass.parameter(l.name + ".bias") : torch::Tensor());
    if (l.relu) x = x.relu();
  }
  return x;
}

void Net::zero_grad() {
  for (const auto& [name, w] : parameters_) w.mutable_grad() = torch::Tensor();
}

State Net::snapshot() const {
  State state = parameters_.clone();
  for (const auto& [name, b] : buffers_) state[name] = b.clone();
  return state;
}

void Net::load(const State& state) {
  const torch::NoGradGuard no_grad;
  const auto expected = parameters_.size() + buffers_.size();
  if (state.size() != expected) {
    throw std::invalid_argument(fmt::format("the state has {} tensors, the net {} has {}",
                                            state.size(), architecture_.model, expected));
  }
  // All of them before the first is changed.
  for (const NamedTensors* group : {&parameters_, &buffers_}) {
    for (const auto& [name, target] : *group) {
      if (!state.contains(name))
        throw std::invalid_argument(
            fmt::format("the state has no {}, the net {} has", name, architecture_.model));
      if (const auto found = state.at(name).sizes(); found != target.sizes()) {
        throw std::invalid_argument(fmt::format("{} has shape [{}], the net's has [{}]", name,
                                                fmt::join(found, ","),
                                                fmt::join(target.sizes(), ",")));
      }
    }
  }
  for (const NamedTensors* group : {&parameters_, &buffers_}) {
    for (const auto& [name, target] : *group) torch::Tensor(target).copy_(state.at(name));
  }
}

NetPtr Net::clone(torch::ScalarType dtype) const {
  auto copy = std::make_shared<Net>(architecture_, prunable_names_, device_, dtype);
  copy->load(snapshot());
  return copy;
}

NamedTensors prunable(const Net& net) {
  NamedTensors result;
  for (const std::string& name : net.prunable_names()) result[name] = net.parameters().at(name);
  return result;
}

void initialise(Net& net, const Stream& stream, Initialisation convolutions, NormScale norms) {
  const torch::NoGradGuard no_grad;
  std::map<std::string, LayerShape> weights;
  std::map<std::string, int64_t> bias_fan_in;
  for (const LayerShape& layer : layers(net.architecture())) {
    weights[layer.weight] = layer;
    const std::string base = layer.weight.substr(0, layer.weight.rfind('.'));
    bias_fan_in[base + ".bias"] = layer.numel() / layer.shape[0];
  }
  uint64_t index = 0;
  for (const auto& [name, target] : net.parameters()) {
    Rng rng = stream.at(0, index++);
    torch::Tensor values = torch::zeros(target.sizes());
    const auto fill = [&](const std::function<double()>& draw) {
      for (float& v :
           std::span(values.mutable_data_ptr<float>(), static_cast<size_t>(values.numel()))) {
        v = static_cast<float>(draw());
      }
    };
    const auto uniform = [&](int64_t fan_in) {
      const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
      fill([&] { return bound * (2 * rng.uniform() - 1); });
    };
    if (const auto it = weights.find(name); it != weights.end()) {
      const LayerShape& layer = it->second;
      const int64_t fan_in = layer.numel() / layer.shape[0];
      if (layer.shape.size() == 4) {
        const int64_t fan_out = layer.numel() / layer.shape[1];
        const int64_t fan = convolutions == Initialisation::kaiming_fan_in ? fan_in : fan_out;
        const double deviation = std::sqrt(2.0 / static_cast<double>(fan));
        fill([&] { return deviation * rng.normal(); });
      } else {
        uniform(fan_in);
      }
    } else if (const auto bias = bias_fan_in.find(name); bias != bias_fan_in.end()) {
      uniform(bias->second);
    } else if (name.ends_with(".weight")) {
      fill([&] { return norms == NormScale::one ? 1.0 : rng.uniform(); });
    }
    torch::Tensor(target).copy_(values);
  }
}

}  // namespace ticketbench
