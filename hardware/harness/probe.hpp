// What a probe file includes: a way of computing a layer, and the registry of them.
#pragma once

#include "core/registry.hpp"
#include "hardware/harness/problem.hpp"
#include "hardware/kernels/cpu/thread_pool.hpp"
#include "reports/probe.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ticketbench {

/// What a probe is, for `list`, `describe` and the report.
struct ProbeCard {
  std::string_view name;   ///< registered, the file's stem
  std::string_view title;  ///< one line
  ContenderRole role = ContenderRole::dense;
  ProbeDevice device = ProbeDevice::cpu;
  std::string_view dtype = "fp32";  ///< empty: the problem's
  std::string_view layout;          ///< of its activations: "NCHW", "NHWC", "N16CHW16"
};

/// A layer made ready: weights packed, the input in the probe's own layout. What `run` does is
/// timed and nothing else is.
class PreparedProbe {
 public:
  virtual ~PreparedProbe() = default;
  /// The layer over the whole batch. A GPU may still be at work when this returns.
  virtual void run() = 0;
  /// What the last run computed, [batch, out, height, width] float.
  [[nodiscard]] virtual torch::Tensor output() const = 0;
  /// Seconds that packing mask and weights took; absent where nothing is packed.
  [[nodiscard]] virtual std::optional<double> pack_seconds() const { return std::nullopt; }
};

/// A plugin without its type: `static constexpr ProbeCard card`, `static std::string refusal(const
/// Problem&)` (why it can't compute this layer; empty: it can) and `static
/// std::unique_ptr<PreparedProbe> prepare(const Problem&, kernels::ThreadPool&)`.
struct Probe {
  ProbeCard card;
  std::function<std::string(const Problem&)> refusal;
  std::function<std::unique_ptr<PreparedProbe>(const Problem&, kernels::ThreadPool&)> prepare;
};

template <class Plugin>
struct ProbeRegistrar {
  ProbeRegistrar() {
    Registry<Probe>::instance().add(std::string(Plugin::card.name),
                                    {Plugin::card, &Plugin::refusal, &Plugin::prepare});
  }
};

}  // namespace ticketbench

#define TICKETBENCH_REGISTER_PROBE(PLUGIN) \
  const ::ticketbench::ProbeRegistrar<PLUGIN> registrar_of_##PLUGIN {}
