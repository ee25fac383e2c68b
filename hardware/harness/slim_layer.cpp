#include "hardware/harness/slim_layer.hpp"

namespace ticketbench {
namespace {

// The places along `dimension` where anything is kept; at least one.
torch::Tensor used(const torch::Tensor& mask, int64_t dimension) {
  const torch::Tensor places = mask.transpose(0, dimension).flatten(1).any(1).nonzero().flatten();
  return places.numel() > 0 ? places : torch::zeros({1}, torch::kInt64);
}

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

}  // namespace

std::string slim_refusal(const Problem& problem) {
  const bool fits = problem.structure.kind == StructureKind::filter ||
                    problem.structure.kind == StructureKind::channel;
  return fits ? "" : "the mask isn't made of filters or channels";
}

std::unique_ptr<PreparedProbe> prepare_slim(
    const Problem& problem,
    const std::function<std::unique_ptr<PreparedProbe>(const Problem&)>& prepare) {
  const torch::Tensor rows = used(problem.mask, 0);
  const torch::Tensor inputs = used(problem.mask, 1);
  Problem smaller = problem;
  smaller.shape.out = rows.numel();
  smaller.shape.in = inputs.numel();
  smaller.weight = problem.weight.index_select(0, rows).index_select(1, inputs);
  smaller.input = problem.input.index_select(1, inputs);
  return std::make_unique<Smaller>(problem, prepare(smaller), rows);
}

}  // namespace ticketbench
