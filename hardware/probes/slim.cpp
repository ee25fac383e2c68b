// Whole filters or input channels pruned: what is left is a smaller dense layer, nothing more.

#include "hardware/harness/libtorch_layer.hpp"

#include <algorithm>

namespace ticketbench {
namespace {

// The places along `dimension` where anything is kept; at least one.
torch::Tensor used(const torch::Tensor& mask, int64_t dimension) {
  const torch::Tensor places = mask.transpose(0, dimension).flatten(1).any(1).nonzero().flatten();
  return places.numel() > 0 ? places : torch::zeros({1}, torch::kInt64);
}

// Scatters what the smaller layer gives to its true channels, where others are zero: for the
// comparison, not timed.
class Smaller : public PreparedProbe {
 public:
  Smaller(const Problem& problem, std::unique_ptr<PreparedProbe> inner, torch::Tensor rows)
      : shape_(problem.shape), inner_(std::move(inner)), rows_(std::move(rows)) {}

  void run() override { inner_->run(); }

  [[nodiscard]] torch::Tensor output() const override {
    torch::Tensor all =
        torch::zeros({shape_.batch, shape_.out, shape_.out_height(), shape_.out_width()});
    return all.index_copy_(1, rows_, inner_->output());
  }

 private:
  kernels::ConvShape shape_;
  std::unique_ptr<PreparedProbe> inner_;
  torch::Tensor rows_;
};

struct Slim {
  static constexpr ProbeCard card{.name = "slim",
                                  .title = "LibTorch's convolution without pruned channels",
                                  .role = ContenderRole::sparse,
                                  .layout = "NHWC"};

  static std::string refusal(const Problem& problem) {
    const bool fits = problem.structure.kind == StructureKind::filter ||
                      problem.structure.kind == StructureKind::channel;
    return fits ? "" : "the mask isn't made of filters or channels";
  }

  static std::unique_ptr<PreparedProbe> prepare(const Problem& problem, kernels::ThreadPool&) {
    const torch::Tensor rows = used(problem.mask, 0);
    const torch::Tensor inputs = used(problem.mask, 1);
    Problem smaller = problem;
    smaller.shape.out = rows.numel();
    smaller.shape.in = inputs.numel();
    smaller.weight = problem.weight.index_select(0, rows).index_select(1, inputs);
    smaller.input = problem.input.index_select(1, inputs);
    auto inner = prepare_libtorch(smaller, torch::MemoryFormat::ChannelsLast, torch::kFloat32);
    return std::make_unique<Smaller>(problem, std::move(inner), rows);
  }
};

TICKETBENCH_REGISTER_PROBE(Slim);

}  // namespace
}  // namespace ticketbench
