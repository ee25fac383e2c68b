#include "hardware/harness/blocked_layer.hpp"

#include "hardware/harness/timing.hpp"
#include "hardware/kernels/cpu/layout.hpp"
#include "hardware/kernels/cpu/run.hpp"
#include "hardware/kernels/cpu/single.hpp"

#include <utility>
#include <vector>

namespace ticketbench {
namespace {

using kernels::BlockedTensor;
using kernels::PackedConv;
using kernels::Plan;

class BlockedLayer : public PreparedProbe {
 public:
  BlockedLayer(const Problem& problem, kernels::ThreadPool& pool)
      : pool_(pool),
        input_({.images = problem.shape.batch,
                .channels = problem.shape.in,
                .height = problem.shape.height,
                .width = problem.shape.width,
                .border = problem.shape.padding}),
        output_({.images = problem.shape.batch,
                 .channels = problem.shape.out,
                 .height = problem.shape.out_height(),
                 .width = problem.shape.out_width()}),
        plain_input_(problem.input.contiguous()),
        plain_output_(torch::empty({problem.shape.batch, problem.shape.out,
                                    problem.shape.out_height(), problem.shape.out_width()})) {
    kernels::to_blocked(floats_of(problem.input), kernels::Order::nchw, input_.view());
  }

  void choose(const std::vector<Plan>& plans, const Packer& pack) {
    std::vector<PackedConv> packed;
    for (const Plan& plan : plans) packed.push_back(pack(plan));
    const size_t best =
        quickest(packed.size(), [&](size_t i) { return seconds_of([&] { compute(packed[i]); }); });
    packed_ = std::move(packed[best]);
    pack_seconds_ = seconds_of([&] { (void)pack(plans[best]); });
  }

  void run() override { compute(packed_); }

  [[nodiscard]] torch::Tensor output() const override {
    if (packed_.plan.arrangement == kernels::Arrangement::pixels) return plain_output_;
    const kernels::BlockedShape& shape = output_.shape();
    torch::Tensor plain = torch::empty({shape.images, shape.channels, shape.height, shape.width});
    kernels::from_blocked(output_.view(), kernels::Order::nchw,
                          {plain.mutable_data_ptr<float>(), static_cast<size_t>(plain.numel())});
    return plain;
  }

  [[nodiscard]] std::optional<double> pack_seconds() const override { return pack_seconds_; }

 private:
  void compute(const PackedConv& packed) {
    if (packed.plan.arrangement == kernels::Arrangement::pixels) {
      kernels::run_single(
          packed, plain_input_.size(0), floats_of(plain_input_),
          {plain_output_.mutable_data_ptr<float>(), static_cast<size_t>(plain_output_.numel())}, {},
          pool_);
      return;
    }
    kernels::run(packed, std::as_const(input_).view(), output_.view(), {}, pool_);
  }

  kernels::ThreadPool& pool_;
  BlockedTensor input_;
  BlockedTensor output_;
  torch::Tensor plain_input_;  // of single images
  torch::Tensor plain_output_;
  PackedConv packed_;
  double pack_seconds_ = 0;
};

}  // namespace

std::unique_ptr<PreparedProbe> prepare_blocked(const Problem& problem, kernels::Packing packing,
                                               double density, const Packer& pack,
                                               kernels::ThreadPool& pool) {
  auto layer = std::make_unique<BlockedLayer>(problem, pool);
  std::vector<Plan> plans = kernels::plans(problem.shape, packing, density);
  if (kernels::arrangement_for(problem.shape.batch) == kernels::Arrangement::pixels) {
    const std::vector<Plan> single =
        kernels::plans(problem.shape, packing, density, kernels::best_instruction_set(),
                       kernels::Arrangement::pixels);
    plans.insert(plans.end(), single.begin(), single.end());
  }
  layer->choose(plans, pack);
  return layer;
}

std::span<const float> weights_of(const Problem& problem) {
  return floats_of(problem.weight);
}

std::span<const uint8_t> mask_of(const Problem& problem) {
  // A bool tensor holds bytes 0 and 1.
  return {reinterpret_cast<const uint8_t*>(problem.mask.const_data_ptr<bool>()),
          static_cast<size_t>(problem.mask.numel())};
}

}  // namespace ticketbench
