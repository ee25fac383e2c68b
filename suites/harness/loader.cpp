#include "suites/harness/loader.hpp"

#include "core/files.hpp"
#include "suites/harness/image_codec.hpp"
#include "suites/harness/parallel.hpp"
#include "suites/harness/view.hpp"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
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

void check_view(const Augmentation& augmentation, const InputShape& input) {
  const int64_t least = std::max(input.height, input.width);
  if (augmentation.test_resize == 0 || augmentation.test_resize >= least) return;
  throw std::invalid_argument(
      fmt::format("test_resize {} found; 0, or at least the input's {} expected",
                  augmentation.test_resize, least));
}

Loader::Loader(LoaderOptions options, Stream order, Stream augment)
    : options_(std::move(options)),
      order_(order),
      augment_(augment),
      input_(options_.images.input()),
      table_(normalisation_table(options_.mean, options_.deviation)),
      batches_per_epoch_(ticketbench::batches_per_epoch(options_.images.size(), options_.batch_size,
                                                        options_.last_batch)) {
  if (static_cast<int64_t>(table_.size()) != 256 * input_.channels) {
    throw std::invalid_argument(fmt::format("normalisation for {} channels, the images have {}",
                                            table_.size() / 256, input_.channels));
  }
  check_view(options_.augmentation, input_);
  if (options_.workers == 0) options_.workers = at::get_num_threads();
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

  torch::Tensor out = torch::empty({count, input_.height, input_.width, input_.channels});
  torch::Tensor targets = torch::empty({count}, torch::kInt64);
  const int64_t values = input_.height * input_.width * input_.channels;
  float* const to = out.mutable_data_ptr<float>();
  int64_t* const target = targets.mutable_data_ptr<int64_t>();
  const int64_t* const labels = options_.images.labels.const_data_ptr<int64_t>();
  // To copy bytes is quicker than to start a thread.
  const bool copies = !options_.images.files && options_.augmentation.crop == Crop::padded &&
                      options_.augmentation.test_resize == 0;
  parallel_for(copies ? 1 : options_.workers, count, [&](int64_t i) {
    const int64_t index = permutation_[static_cast<size_t>(first + i)];
    target[i] = labels[index];
    write(index, augment_.at(static_cast<uint64_t>(epoch), static_cast<uint64_t>(index)),
          to + i * values);
  });
  // [N, H, W, C] in memory, seen as [N, C, H, W]: channels-last.
  return {out.permute({0, 3, 1, 2}).to(options_.device), targets.to(options_.device)};
}

// The bytes of an image at the size of the input, before padding and flip; in `made` where they
// don't lie in memory as they are.
const uint8_t* Loader::view(int64_t index, Rng& rng, std::vector<uint8_t>& made) const {
  const Augmentation& how = options_.augmentation;
  const Extent out{input_.height, input_.width};
  const auto choose = [&](const Extent& image) {
    return how.crop == Crop::random_resized ? random_box(image, how.min_area, how.max_aspect, rng)
                                            : centre_box(image, out, how.test_resize);
  };
  const auto size = static_cast<size_t>(input_.height * input_.width * input_.channels);
  const Images& images = options_.images;
  if (images.files) {
    const int64_t place = images.places.const_data_ptr<int64_t>()[index];
    const auto path = images.files->folder / images.files->paths[static_cast<size_t>(place)];
    const std::string name = path.string();
    const std::string bytes = read_file(path);
    const Raster raster = decode_image(bytes, name, choose(image_extent(bytes, name)), out);
    made.resize(size);
    resample(raster.rgb.data(), raster.size, input_.channels, raster.box, out, made.data());
    return made.data();
  }
  const uint8_t* const pixels =
      images.pixels.const_data_ptr<uint8_t>() + static_cast<size_t>(index) * size;
  const Box box = choose(out);
  if (box == whole(out)) return pixels;
  made.resize(size);
  resample(pixels, out, input_.channels, box, out, made.data());
  return made.data();
}

void Loader::write(int64_t index, Rng rng, float* to) const {
  const auto [channels, height, width] = input_;
  std::vector<uint8_t> made;
  const uint8_t* const image = view(index, rng, made);
  const Augmentation& how = options_.augmentation;
  int64_t top = 0;
  int64_t left = 0;
  if (how.crop == Crop::padded && how.padding > 0) {
    top = rng.below(2 * how.padding + 1) - how.padding;
    left = rng.below(2 * how.padding + 1) - how.padding;
  }
  const bool flip = how.flip && rng.below(2) == 1;
  for (int64_t y = 0; y < height; ++y) {
    const int64_t from_y = y + top;
    const bool inside = from_y >= 0 && from_y < height;
    for (int64_t x = 0; x < width; ++x) {
      const int64_t from_x = (flip ? width - 1 - x : x) + left;
      const bool visible = inside && from_x >= 0 && from_x < width;
      const uint8_t* const pixel = visible ? image + (from_y * width + from_x) * channels : nullptr;
      const float* table = table_.data();
      for (int64_t c = 0; c < channels; ++c, table += 256)
        *to++ = table[pixel != nullptr ? pixel[c] : 0];
    }
  }
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
