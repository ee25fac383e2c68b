#include "hardware/harness/problem.hpp"

#include "core/streams.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <tuple>

namespace ticketbench {
namespace {

using torch::Tensor;

// True where every filter is kept whole or pruned whole.
bool whole_filters(const Tensor& mask) {
  const Tensor rows = mask.flatten(1);
  return rows.all(1).eq(rows.any(1)).all().item<bool>();
}

Structure structure_of(const Ticket& ticket) {
  if (std::any_of(ticket.extra.begin(), ticket.extra.end(),
                  [](const auto& item) { return item.first.starts_with("blocks/"); }))
    return {.kind = StructureKind::group};
  bool pruned = false;
  for (const auto& [name, mask] : ticket.mask) {
    if (mask.dim() != 4) continue;
    if (!whole_filters(mask)) return {};
    pruned = pruned || !mask.all().item<bool>();
  }
  return {.kind = pruned ? StructureKind::filter : StructureKind::unstructured};
}

std::vector<int64_t> integers(const Tensor& values) {
  const Tensor flat = values.to(torch::kCPU, torch::kInt64).contiguous().flatten();
  return {flat.const_data_ptr<int64_t>(), flat.const_data_ptr<int64_t>() + flat.numel()};
}

// The same numbers for the same shape, so that contenders are given the same work.
Tensor random_input(const kernels::ConvShape& shape) {
  const torch::NoGradGuard no_grad;
  Rng rng = Stream(0, "probe input").at(0);
  Tensor input = torch::empty({shape.batch, shape.in, shape.height, shape.width});
  float* values = input.mutable_data_ptr<float>();
  for (int64_t i = 0; i < input.numel(); ++i) values[i] = static_cast<float>(rng.uniform() - 0.5);
  return input;
}

}  // namespace

Subject subject_of(const Ticket& ticket) {
  const State& state = ticket.trained.empty() ? ticket.rewind_to : ticket.trained;
  if (state.empty()) throw std::invalid_argument("the ticket holds no weights to compute with");
  Subject subject{ticket.architecture, state.clone(), ticket.mask, structure_of(ticket),
                  ticket.extra};
  for (const auto& [name, mask] : subject.mask) subject.state[name].mul_(mask);
  return subject;
}

std::span<const float> floats_of(const torch::Tensor& tensor) {
  return {tensor.const_data_ptr<float>(), static_cast<size_t>(tensor.numel())};
}

int64_t Problem::kept() const {
  return mask.sum().item<int64_t>();
}

double Problem::kept_flops() const {
  return 2 * static_cast<double>(kept() * shape.batch * shape.out_height() * shape.out_width());
}

double Problem::bytes() const {
  const double size = type == ComputeType::bf16 ? 2 : 4;
  return size * static_cast<double>(shape.input_size() + shape.weights() + shape.output_size());
}

Problem problem_of(const std::string& name, const kernels::ConvShape& shape, const Tensor& weight,
                   const Tensor& mask, const Structure& structure) {
  kernels::check(shape);
  const std::vector<int64_t> sizes{shape.out, shape.in, shape.kernel, shape.kernel};
  Problem problem{.name = name,
                  .shape = shape,
                  .weight = weight.detach().to(torch::kCPU, torch::kFloat32).reshape(sizes),
                  .mask = mask.to(torch::kCPU).reshape(sizes),
                  .structure = structure,
                  .blocks = {},
                  .input = random_input(shape)};
  problem.weight = (problem.weight * problem.mask).contiguous();
  problem.mask = problem.mask.contiguous();
  return problem;
}

std::vector<kernels::DenseBlock> stored_blocks(const NamedTensors& extra,
                                               const std::string& weight) {
  const std::string prefix = "blocks/" + weight + "/";
  if (!extra.contains(prefix + "sizes")) return {};
  const std::vector<int64_t> rows = integers(extra.at(prefix + "rows"));
  const std::vector<int64_t> columns = integers(extra.at(prefix + "columns"));
  const std::vector<int64_t> sizes = integers(extra.at(prefix + "sizes"));
  std::vector<kernels::DenseBlock> blocks;
  size_t row = 0;
  size_t column = 0;
  const auto take = [&](const std::vector<int64_t>& from, size_t& at, int64_t count) {
    if (count < 0 || at + static_cast<size_t>(count) > from.size()) {
      throw std::invalid_argument(
          fmt::format("the blocks of {} don't fit their sizes; write the ticket anew", weight));
    }
    const auto begin = from.begin() + static_cast<std::ptrdiff_t>(at);
    at += static_cast<size_t>(count);
    return std::vector<int64_t>(begin, begin + count);
  };
  for (size_t i = 0; i + 1 < sizes.size(); i += 2) {
    // In this order: operands of an initialiser would do, but a reader should see it.
    std::vector<int64_t> block_rows = take(rows, row, sizes[i]);
    std::vector<int64_t> block_columns = take(columns, column, sizes[i + 1]);
    blocks.push_back({std::move(block_rows), std::move(block_columns)});
  }
  return blocks;
}

std::vector<Problem> problems_of(const Subject& subject, int64_t batch, bool merge, int64_t map) {
  std::vector<Problem> problems;
  using Look = std::tuple<std::vector<int64_t>, int64_t, bool>;
  std::map<Look, size_t> seen;
  for (const LayerShape& layer : layers(subject.architecture)) {
    if (!subject.mask.contains(layer.weight) || layer.groups != 1) continue;
    const bool convolution = layer.shape.size() == 4;
    const int64_t height = convolution && map > 0 ? map : layer.input_height;
    const int64_t width = convolution && map > 0 ? map : layer.input_width;
    const kernels::ConvShape shape{.batch = batch,
                                   .in = layer.shape[1],
                                   .out = layer.shape[0],
                                   .height = height,
                                   .width = width,
                                   .kernel = convolution ? layer.shape[2] : 1,
                                   .stride = layer.stride,
                                   .padding = layer.padding};
    const Tensor& mask = subject.mask.at(layer.weight);
    std::vector<kernels::DenseBlock> blocks = stored_blocks(subject.extra, layer.weight);
    const Look look{{shape.in, shape.out, height, width, shape.kernel, shape.stride},
                    mask.sum().item<int64_t>(),
                    blocks.empty()};
    if (const auto found = seen.find(look); merge && found != seen.end()) {
      ++problems[found->second].copies;
      continue;
    }
    seen[look] = problems.size();
    problems.push_back(problem_of(layer.weight.substr(0, layer.weight.rfind('.')), shape,
                                  subject.state.at(layer.weight), mask, subject.structure));
    problems.back().blocks = std::move(blocks);
  }
  return problems;
}

}  // namespace ticketbench
