#include "hardware/harness/sparse_network.hpp"

#include "core/fold.hpp"
#include "hardware/harness/timing.hpp"
#include "hardware/kernels/cpu/packed.hpp"
#include "hardware/kernels/cpu/run.hpp"
#include "hardware/kernels/cpu/tile_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>
#include <variant>

namespace ticketbench {
namespace {

using kernels::BlockedShape;
using kernels::BlockedTensor;
using kernels::BlockedView;
using kernels::ConstBlockedView;
using kernels::ConvShape;
using kernels::kLanes;
using kernels::PackedConv;
using torch::Tensor;

// Plans of each packing that are tried, each on sixteen images: as many as have these multiply-adds
// together, and of a large layer the likeliest few.
constexpr int64_t kTriedMacs = 1'000'000'000;
constexpr int64_t kFewestPlans = 4;

// A feature map of sixteen images. Its border is what its readers need.
struct Map {
  int64_t channels = 0;
  int64_t height = 1;
  int64_t width = 1;
  int64_t border = 0;
  size_t slot = 0;  // the buffer it lies in

  [[nodiscard]] BlockedShape blocked(int64_t images) const {
    return {images, channels, height, width, border};
  }
};

struct ConvStep {
  std::string name;
  ConvShape shape;  // of sixteen images
  size_t input = 0;
  size_t output = 0;
  std::optional<size_t> residual;
  bool relu = false;
  std::vector<float> bias;
  PackedConv packed;
};

struct MaxPoolStep {
  size_t input = 0;
  size_t output = 0;
  int64_t kernel = 2;
  int64_t stride = 2;
  int64_t padding = 0;
};

// He et al.'s option A: every `stride`-th pixel, zero channels on both sides.
struct PadStep {
  size_t input = 0;
  size_t output = 0;
  int64_t stride = 1;
};

struct AveragePoolStep {
  size_t input = 0;
  size_t output = 0;
};

using Step = std::variant<ConvStep, MaxPoolStep, PadStep, AveragePoolStep>;

float* pixel(const BlockedView& map, int64_t channel, int64_t y, int64_t x) {
  return map.data + channel * map.shape.channel_stride() + map.shape.first_pixel() +
         y * map.shape.row_stride() + x * kLanes;
}
const float* pixel(const ConstBlockedView& map, int64_t channel, int64_t y, int64_t x) {
  return map.data + channel * map.shape.channel_stride() + map.shape.first_pixel() +
         y * map.shape.row_stride() + x * kLanes;
}

void max_pool(const MaxPoolStep& step, const ConstBlockedView& in, const BlockedView& out) {
  for (int64_t c = 0; c < out.shape.channels; ++c) {
    for (int64_t y = 0; y < out.shape.height; ++y) {
      for (int64_t x = 0; x < out.shape.width; ++x) {
        float* to = pixel(out, c, y, x);
        bool first = true;
        for (int64_t ky = 0; ky < step.kernel; ++ky) {
          const int64_t iy = y * step.stride + ky - step.padding;
          if (iy < 0 || iy >= in.shape.height) continue;
          for (int64_t kx = 0; kx < step.kernel; ++kx) {
            const int64_t ix = x * step.stride + kx - step.padding;
            if (ix < 0 || ix >= in.shape.width) continue;
            const float* from = pixel(in, c, iy, ix);
            for (int64_t lane = 0; lane < kLanes; ++lane)
              to[lane] = first ? from[lane] : std::max(to[lane], from[lane]);
            first = false;
          }
        }
      }
    }
  }
}

void pad_channels(const PadStep& step, const ConstBlockedView& in, const BlockedView& out) {
  const int64_t before = (out.shape.channels - in.shape.channels) / 2;
  for (int64_t c = 0; c < out.shape.channels; ++c) {
    const int64_t from_channel = c - before;
    const bool there = from_channel >= 0 && from_channel < in.shape.channels;
    for (int64_t y = 0; y < out.shape.height; ++y) {
      for (int64_t x = 0; x < out.shape.width; ++x) {
        float* to = pixel(out, c, y, x);
        if (!there) {
          std::fill_n(to, kLanes, 0.0F);
        } else {
          std::copy_n(pixel(in, from_channel, y * step.stride, x * step.stride), kLanes, to);
        }
      }
    }
  }
}

// As LibTorch's adaptive pooling: cell i covers pixels from floor(i n / m) to ceil((i + 1) n / m).
void average_pool(const ConstBlockedView& in, const BlockedView& out, int64_t edge) {
  const auto begin = [](int64_t i, int64_t n, int64_t m) { return i * n / m; };
  const auto end = [](int64_t i, int64_t n, int64_t m) { return ((i + 1) * n + m - 1) / m; };
  for (int64_t c = 0; c < in.shape.channels; ++c) {
    for (int64_t y = 0; y < edge; ++y) {
      for (int64_t x = 0; x < edge; ++x) {
        const int64_t y0 = begin(y, in.shape.height, edge);
        const int64_t y1 = end(y, in.shape.height, edge);
        const int64_t x0 = begin(x, in.shape.width, edge);
        const int64_t x1 = end(x, in.shape.width, edge);
        float sums[kLanes] = {};
        for (int64_t iy = y0; iy < y1; ++iy) {
          for (int64_t ix = x0; ix < x1; ++ix) {
            const float* from = pixel(in, c, iy, ix);
            for (int64_t lane = 0; lane < kLanes; ++lane) sums[lane] += from[lane];
          }
        }
        // Flat, in the order in which the classifier's columns are.
        float* to = pixel(out, (c * edge + y) * edge + x, 0, 0);
        const auto count = static_cast<float>((y1 - y0) * (x1 - x0));
        for (int64_t lane = 0; lane < kLanes; ++lane) to[lane] = sums[lane] / count;
      }
    }
  }
}

std::vector<float> floats(const Tensor& tensor) {
  const Tensor flat = tensor.to(torch::kFloat32).contiguous();
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

bool overlaps(const ConvShape& shape, const kernels::Plan& plan) {
  return kernels::tile_grid(plan, kernels::tile_area(shape, 1), shape.stride).overlaps();
}

// Whether the likeliest tiles of each packing compute no pixel twice; else a sum in its residual's
// place would have to do with worse ones.
bool tiles_apart(const ConvShape& shape) {
  return !overlaps(shape, kernels::plans(shape, kernels::Packing::rows, 1).front()) &&
         !overlaps(shape, kernels::plans(shape, kernels::Packing::panels, 1).front());
}

// Steps and maps of a network, before anything is packed.
class Builder {
 public:
  Builder(const Architecture& architecture, const State& state)
      : architecture_(architecture), state_(state) {}

  void build() {
    const Architecture& a = architecture_;
    // Without a convolution images go to the classifier as they are.
    const bool flat = a.stages.empty() && a.stem.conv.name.empty();
    size_t at = flat ? add({a.input.channels * a.input.height * a.input.width})
                     : add({a.input.channels, a.input.height, a.input.width});
    if (!a.stem.conv.name.empty()) at = conv(at, a.stem, std::nullopt, a.stem.relu);
    if (a.stem_pool) at = max_pool(at, 3, 2, 1);
    for (const Stage& stage : a.stages) {
      for (const Block& one : stage.blocks) at = block(at, one);
      if (stage.pool) at = max_pool(at, 2, 2, 0);
    }
    if (!a.stages.empty()) {
      const size_t out = add({maps[at].channels * a.features * a.features});
      steps.emplace_back(AveragePoolStep{at, out});
      at = out;
    }
    for (const Linear& linear : a.classifier) {
      const size_t out = add({linear.out});
      steps.emplace_back(ConvStep{
          .name = linear.name,
          .shape = kernels::linear_shape(kLanes, linear.in, linear.out),
          .input = at,
          .output = out,
          .residual = std::nullopt,
          .relu = linear.relu,
          .bias = linear.bias ? floats(state_.at(linear.name + ".bias")) : std::vector<float>{},
          .packed = {}});
      at = out;
    }
    give_slots();
  }

  std::vector<Map> maps;
  std::vector<Step> steps;
  std::vector<Map> slots;  // the shape of each buffer

 private:
  size_t add(const Map& map) {
    maps.push_back(map);
    return maps.size() - 1;
  }

  size_t conv(size_t in, const ConvUnit& unit, std::optional<size_t> residual, bool relu) {
    const Conv& c = unit.conv;
    if (c.groups != 1) {
      throw std::invalid_argument(fmt::format(
          "{}: a convolution of {} groups; the kernels know only one", c.name, c.groups));
    }
    const ConvShape shape{.batch = kLanes,
                          .in = c.in,
                          .out = c.out,
                          .height = maps[in].height,
                          .width = maps[in].width,
                          .kernel = c.kernel,
                          .stride = c.stride,
                          .padding = c.padding};
    maps[in].border = std::max(maps[in].border, c.padding);
    const size_t out = add({c.out, shape.out_height(), shape.out_width()});
    steps.emplace_back(
        ConvStep{.name = c.name,
                 .shape = shape,
                 .input = in,
                 .output = out,
                 .residual = residual,
                 .relu = relu,
                 .bias = c.bias ? floats(state_.at(c.name + ".bias")) : std::vector<float>{},
                 .packed = {}});
    return out;
  }

  size_t max_pool(size_t in, int64_t kernel, int64_t stride, int64_t padding) {
    const auto after = [&](int64_t edge) { return (edge + 2 * padding - kernel) / stride + 1; };
    const size_t out = add({maps[in].channels, after(maps[in].height), after(maps[in].width)});
    steps.emplace_back(MaxPoolStep{in, out, kernel, stride, padding});
    return out;
  }

  size_t block(size_t in, const Block& one) {
    std::optional<size_t> residual;
    if (one.shortcut == Shortcut::identity) residual = in;
    if (one.shortcut == Shortcut::projection)
      residual = conv(in, *one.projection, std::nullopt, one.projection->relu);
    if (one.shortcut == Shortcut::pad) {
      const int64_t stride = one.body.front().conv.stride;
      const auto sampled = [&](int64_t edge) { return (edge + stride - 1) / stride; };
      residual = add({one.body.back().conv.out, sampled(maps[in].height), sampled(maps[in].width)});
      steps.emplace_back(PadStep{in, *residual, stride});
    }
    size_t at = in;
    for (size_t i = 0; i + 1 < one.body.size(); ++i)
      at = conv(at, one.body[i], std::nullopt, one.body[i].relu);
    const ConvUnit& last = one.body.back();
    // Behind the sum there is a ReLU in every residual network.
    return conv(at, last, residual, residual ? true : last.relu);
  }

  // A map's buffer is free again behind its last reader. Maps share a buffer only where they have
  // one shape, so that its border stays zero. A sum takes the place of a residual that nobody reads
  // again, for two buffers may fit into a cache that three don't.
  void give_slots() {
    std::vector<size_t> last_use(maps.size(), 0);
    // Input, output, and the residual or the input again.
    const auto uses = [](const Step& step) {
      return std::visit(
          [](const auto& one) {
            size_t third = one.input;
            if constexpr (std::is_same_v<std::decay_t<decltype(one)>, ConvStep>)
              third = one.residual.value_or(third);
            return std::array{one.input, one.output, third};
          },
          step);
    };
    for (size_t i = 0; i < steps.size(); ++i) {
      for (const size_t map : uses(steps[i])) last_use[map] = i;
    }
    std::set<size_t> free;
    const auto take = [&](Map& map) {
      const auto fits = std::find_if(free.begin(), free.end(), [&](size_t slot) {
        return slots[slot].blocked(kLanes) == map.blocked(kLanes);
      });
      if (fits != free.end()) {
        map.slot = *fits;
        free.erase(fits);
        return;
      }
      map.slot = slots.size();
      slots.push_back(map);
    };
    take(maps[0]);
    for (size_t i = 0; i < steps.size(); ++i) {
      const auto [input, output, third] = uses(steps[i]);
      const bool in_place = third != input && last_use[third] == i &&
                            maps[third].blocked(kLanes) == maps[output].blocked(kLanes) &&
                            tiles_apart(std::get<ConvStep>(steps[i]).shape);
      if (in_place) {
        maps[output].slot = maps[third].slot;
      } else {
        take(maps[output]);
        if (third != input && last_use[third] == i) free.insert(maps[third].slot);
      }
      for (const size_t map : {input, output}) {
        if (last_use[map] == i) free.insert(maps[map].slot);
      }
    }
  }

  const Architecture& architecture_;
  const State& state_;
};

}  // namespace

struct SparseNetwork::Program {
  Architecture architecture;
  int64_t batch;
  kernels::ThreadPool& pool;
  std::vector<Map> maps;
  std::vector<Step> steps;
  std::vector<Map> slots;
  // Of each worker: a pool of itself alone, and its buffers.
  std::vector<std::unique_ptr<kernels::ThreadPool>> solo;
  std::vector<std::vector<BlockedTensor>> buffers;
  std::vector<std::string> choices;
  double pack_seconds = 0;

  [[nodiscard]] BlockedView view(size_t worker, size_t map) {
    return {buffers[worker][maps[map].slot].view().data, maps[map].blocked(kLanes)};
  }

  void pack(const Subject& subject, const State& state) {
    for (Step& step : steps) {
      auto* conv = std::get_if<ConvStep>(&step);
      if (conv == nullptr) continue;
      const std::string weight_name = conv->name + ".weight";
      const std::vector<float> weights = floats(state.at(weight_name));
      std::vector<uint8_t> mask(weights.size(), 1);
      if (subject.mask.contains(weight_name)) {
        const Tensor kept = subject.mask.at(weight_name).to(torch::kUInt8).contiguous();
        mask.assign(kept.const_data_ptr<uint8_t>(), kept.const_data_ptr<uint8_t>() + kept.numel());
      }
      choose(*conv, weights, mask, blocks_of(subject, *conv, weight_name, mask));
    }
  }

  static std::vector<kernels::DenseBlock> blocks_of(const Subject& subject, const ConvStep& conv,
                                                    const std::string& weight,
                                                    const std::vector<uint8_t>& mask) {
    if (subject.structure.kind == StructureKind::block && subject.mask.contains(weight)) {
      return kernels::tiles_of(conv.shape, mask, subject.structure.block_rows,
                               subject.structure.block_columns);
    }
    return stored_blocks(subject.extra, weight);
  }

  [[nodiscard]] bool in_place(const ConvStep& conv) const {
    return conv.residual && maps[*conv.residual].slot == maps[conv.output].slot;
  }

  // Where the sum takes its residual's place no tile may overlap another.
  std::vector<kernels::Plan> plans_for(const ConvStep& conv, kernels::Packing packing,
                                       double density) {
    std::vector<kernels::Plan> plans = kernels::plans(conv.shape, packing, density);
    if (in_place(conv))
      std::erase_if(plans, [&](const kernels::Plan& plan) { return overlaps(conv.shape, plan); });
    return plans;
  }

  // The quickest of the likely plans, on one group of images.
  void choose(ConvStep& conv, const std::vector<float>& weights, const std::vector<uint8_t>& mask,
              const std::vector<kernels::DenseBlock>& blocks) {
    using kernels::Packing;
    const int64_t border = maps[conv.input].border;
    const auto kept = std::count(mask.begin(), mask.end(), uint8_t{1});
    const double density = static_cast<double>(kept) / static_cast<double>(mask.size());
    struct Way {
      const char* name;
      Packing packing;
      double density;
      std::function<PackedConv(const kernels::Plan&)> pack;
    };
    std::vector<Way> ways{{"dense", Packing::panels, 1, [&](const kernels::Plan& plan) {
                             return kernels::pack_dense(conv.shape, weights, border, plan);
                           }}};
    if (density < 1) {
      ways.push_back({"rows", Packing::rows, density, [&](const kernels::Plan& plan) {
                        return kernels::pack_rows(conv.shape, weights, mask, border, plan);
                      }});
    }
    if (!blocks.empty()) {
      ways.push_back({"blocks", Packing::panels, density, [&](const kernels::Plan& plan) {
                        return kernels::pack_blocks(conv.shape, weights, blocks, border, plan);
                      }});
    }
    std::vector<PackedConv> packed;
    std::vector<std::pair<const Way*, kernels::Plan>> tried;
    for (const Way& way : ways) {
      std::vector<kernels::Plan> plans = plans_for(conv, way.packing, way.density);
      const auto most =
          static_cast<size_t>(std::max(kTriedMacs / conv.shape.dense_macs(), kFewestPlans));
      if (plans.size() > most) plans.resize(most);
      for (const kernels::Plan& plan : plans) {
        packed.push_back(way.pack(plan));
        tried.emplace_back(&way, plan);
      }
    }
    const size_t best = quickest(packed.size(), [&](size_t i) {
      return seconds_of([&] { run(conv, packed[i], 0, *solo[0]); });
    });
    if (in_place(conv)) {
      // Each trial has added to what the last one left; the next layers shall not read such
      // numbers.
      BlockedTensor& sums = buffers[0][maps[conv.output].slot];
      std::fill_n(sums.view().data, sums.shape().size(), 0.0F);
    }
    conv.packed = std::move(packed[best]);
    pack_seconds += seconds_of([&] { (void)tried[best].first->pack(tried[best].second); });
    choices.push_back(fmt::format("{}: {}, {}", conv.name, tried[best].first->name,
                                  kernels::to_string(tried[best].second)));
  }

  void run(const ConvStep& conv, const PackedConv& packed, size_t worker,
           kernels::ThreadPool& with) {
    kernels::Epilogue epilogue{.bias = conv.bias, .residual = std::nullopt, .relu = conv.relu};
    if (conv.residual) epilogue.residual = view(worker, *conv.residual);
    kernels::run(packed, view(worker, conv.input), view(worker, conv.output), epilogue, with);
  }

  // One group of sixteen images through all steps.
  void run(const float* images, int64_t count, float* logits, size_t worker,
           kernels::ThreadPool& with) {
    BlockedView input = view(worker, 0);
    input.shape.images = count;
    const auto pixels = static_cast<size_t>(count * architecture.input.channels *
                                            architecture.input.height * architecture.input.width);
    kernels::to_blocked({images, pixels}, kernels::Order::nchw, input);
    for (const Step& step : steps) {
      if (const auto* conv = std::get_if<ConvStep>(&step)) {
        run(*conv, conv->packed, worker, with);
      } else if (const auto* pool_step = std::get_if<MaxPoolStep>(&step)) {
        max_pool(*pool_step, view(worker, pool_step->input), view(worker, pool_step->output));
      } else if (const auto* pad = std::get_if<PadStep>(&step)) {
        pad_channels(*pad, view(worker, pad->input), view(worker, pad->output));
      } else if (const auto* average = std::get_if<AveragePoolStep>(&step)) {
        average_pool(view(worker, average->input), view(worker, average->output),
                     architecture.features);
      }
    }
    BlockedView last = view(worker, maps.size() - 1);
    last.shape.images = count;
    kernels::from_blocked(last, kernels::Order::nchw,
                          {logits, static_cast<size_t>(count * architecture.classes())});
  }
};

SparseNetwork::SparseNetwork(const Subject& subject, int64_t batch, kernels::ThreadPool& pool) {
  const FoldedNet net = folded(subject.architecture, subject.state);
  Builder builder(net.architecture, net.state);
  builder.build();
  program_ = std::unique_ptr<Program>(new Program{.architecture = net.architecture,
                                                  .batch = batch,
                                                  .pool = pool,
                                                  .maps = std::move(builder.maps),
                                                  .steps = std::move(builder.steps),
                                                  .slots = std::move(builder.slots),
                                                  .solo = {},
                                                  .buffers = {},
                                                  .choices = {}});
  for (int64_t worker = 0; worker < pool.size(); ++worker) {
    program_->solo.push_back(std::make_unique<kernels::ThreadPool>(1));
    std::vector<BlockedTensor>& own = program_->buffers.emplace_back();
    for (const Map& slot : program_->slots) own.emplace_back(slot.blocked(kLanes));
  }
  program_->pack(subject, net.state);
}

SparseNetwork::~SparseNetwork() = default;

Tensor SparseNetwork::forward(const Tensor& images) {
  Program& p = *program_;
  const InputShape& input = p.architecture.input;
  if (images.sizes() != torch::IntArrayRef({p.batch, input.channels, input.height, input.width}) ||
      !images.is_contiguous() || images.scalar_type() != torch::kFloat32) {
    throw std::invalid_argument(fmt::format(
        "images of another shape, order or type than [{}, {}, {}, {}], contiguous floats", p.batch,
        input.channels, input.height, input.width));
  }
  Tensor logits = torch::empty({p.batch, p.architecture.classes()});
  const float* from = images.const_data_ptr<float>();
  float* to = logits.mutable_data_ptr<float>();
  const int64_t pixels = input.channels * input.height * input.width;
  const int64_t groups = (p.batch + kLanes - 1) / kLanes;
  const auto group = [&](size_t worker, int64_t g, kernels::ThreadPool& with) {
    const int64_t first = g * kLanes;
    p.run(from + first * pixels, std::min(kLanes, p.batch - first),
          to + first * p.architecture.classes(), worker, with);
  };
  if (groups < p.pool.size()) {
    // Too few groups for all threads: they share each layer instead.
    for (int64_t g = 0; g < groups; ++g) group(0, g, p.pool);
  } else {
    p.pool.run(groups, [&](int64_t worker, int64_t g) {
      const auto own = static_cast<size_t>(worker);
      group(own, g, *p.solo[own]);
    });
  }
  return logits;
}

std::vector<std::string> SparseNetwork::choices() const {
  return program_->choices;
}

double SparseNetwork::pack_seconds() const {
  return program_->pack_seconds;
}

}  // namespace ticketbench
