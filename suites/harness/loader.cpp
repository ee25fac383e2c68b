#include "suites/harness/loader.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstring>
#include <numeric>
#include <stdexcept>

namespace ticketbench {

int64_t batches_per_epoch(int64_t images, int64_t batch_size, LastBatch last) {
  if (images <= 0) throw std::invalid_argument("there are no images to train on");
  if (images < batch_size) return 1;
  return last == LastBatch::keep ? (images + batch_size - 1) / batch_size : images / batch_size;
}
std::vector<float> normalisation_table(const std::vector<double>& mean,
                                       const std::vector<double>& deviation) {
  std::vector<float> table;
  for (size_t c = 0; c < mean.size(); ++c) {
    for (int value = 0; value < 256; ++value) {
      table.push_back(static_cast<float>((value / 255.0 - mean[c]) / deviation[c]));
    }
  }
  return table;
}

Loader::Loader(LoaderOptions options, Stream order, Stream augment)
    : options_(std::move(options)),
      order_(order),
      augment_(augment),
      table_(normalisation_table(options_.mean, options_.deviation)),
      batches_per_epoch_(ticketbench::batches_per_epoch(options_.images.size(), options_.batch_size,
                                                        options_.last_batch)) {
  const int64_t channels = options_.images.pixels.size(3);
  if (static_cast<int64_t>(table_.size()) != 256 * channels) {
    throw std::invalid_argument(fmt::format("normalisation for {} channels, the images have {}",
                                            table_.size() / 256, channels));
  }
}

Batch Loader::at(int64_t iteration) {
  const int64_t epoch = iteration / batches_per_epoch_;
  const int64_t images = options_.images.size();
  if (epoch != permuted_epoch_) {
    if (options_.shuffle) {
      permutation_ = order_.at(static_cast<uint64_t>(epoch)).permutation(images);
    } else if (permutation_.empty()) {
      permutation_.resize(static_cast<size_t>(images));
      std::iota(permutation_.begin(), permutation_.end(), int64_t{0});
    }
    permuted_epoch_ = epoch;
  }
  const int64_t first = (iteration % batches_per_epoch_) * options_.batch_size;
  const int64_t count = std::min(options_.batch_size, images - first);

  const auto& pixels = options_.images.pixels;
  const int64_t height = pixels.size(1);
  const int64_t width = pixels.size(2);
  const int64_t channels = pixels.size(3);
  const int64_t padding = options_.augmentation.padding;
  const uint8_t* const source = pixels.const_data_ptr<uint8_t>();
  const int64_t* const labels = options_.images.labels.const_data_ptr<int64_t>();

  torch::Tensor out = torch::empty({count, height, width, channels});
  torch::Tensor targets = torch::empty({count}, torch::kInt64);
  float* write = out.mutable_data_ptr<float>();
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = permutation_[static_cast<size_t>(first + i)];
    targets.mutable_data_ptr<int64_t>()[i] = labels[index];
    int64_t top = 0;
    int64_t left = 0;
    bool flip = false;
    if (padding > 0 || options_.augmentation.flip) {
      Rng rng = augment_.at(static_cast<uint64_t>(epoch), static_cast<uint64_t>(index));
      if (padding > 0) {
        top = rng.below(2 * padding + 1) - padding;
        left = rng.below(2 * padding + 1) - padding;
      }
      flip = options_.augmentation.flip && rng.below(2) == 1;
    }
    const uint8_t* const image = source + index * height * width * channels;
    for (int64_t y = 0; y < height; ++y) {
      const int64_t from_y = y + top;
      const bool inside = from_y >= 0 && from_y < height;
      for (int64_t x = 0; x < width; ++x) {
        const int64_t from_x = (flip ? width - 1 - x : x) + left;
        const bool visible = inside && from_x >= 0 && from_x < width;
        const uint8_t* const pixel =
            visible ? image + (from_y * width + from_x) * channels : nullptr;
        const float* table = table_.data();
        for (int64_t c = 0; c < channels; ++c, table += 256)
          *write++ = table[pixel != nullptr ? pixel[c] : 0];
      }
    }
  }
  // [N, H, W, C] in memory, seen as [N, C, H, W]: channels-last.
  return {out.permute({0, 3, 1, 2}).to(options_.device), targets.to(options_.device)};
}

Prefetcher::Prefetcher(Loader loader, int64_t from, int64_t to)
    : thread_([this, own = std::move(loader), from, to](const std::stop_token& stop) mutable {
        try {
          for (int64_t iteration = from; iteration < to; ++iteration) {
            Batch batch = own.at(iteration);
            std::unique_lock lock(mutex_);
            if (!changed_.wait(lock, stop, [&] { return ready_.size() < kDepth; })) return;
            ready_.push_back(std::move(batch));
            changed_.notify_all();
          }
        } catch (...) {
          const std::lock_guard lock(mutex_);
          failure_ = std::current_exception();
          changed_.notify_all();
        }
      }) {}

Batch Prefetcher::next() {
  const auto start = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !ready_.empty() || failure_; });
  waited_seconds_ +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (ready_.empty()) std::rethrow_exception(failure_);
  Batch batch = std::move(ready_.front());
  ready_.pop_front();
  changed_.notify_all();
  return batch;
}

}  // namespace ticketbench
