// From images to float batches: crop, flip and normalise in one pass, decided per image by streams,
// prepared ahead on a thread. Images that are files are decoded on several.
#pragma once

#include "core/batch.hpp"
#include "core/streams.hpp"
#include "suites/harness/dataset.hpp"
#include "suites/harness/recipe.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace ticketbench {

/// Per channel and byte value the normalised float: 256 x C.
std::vector<float> normalisation_table(const std::vector<double>& mean,
                                       const std::vector<double>& deviation);

/// At least one; a last batch that isn't full counts only where it is kept. Throws
/// std::invalid_argument for no images.
int64_t batches_per_epoch(int64_t images, int64_t batch_size, LastBatch last);

/// Everything a batch is made from; the images are shared, not copied.
struct LoaderOptions {
  Images images;
  std::vector<double> mean;
  std::vector<double> deviation;
  Augmentation augmentation;
  int64_t batch_size = 128;
  LastBatch last_batch = LastBatch::drop;
  bool shuffle = true;
  torch::Device device = torch::kCPU;
  int64_t workers = 0;  ///< threads that decode or scale; 0: as many as LibTorch computes with
};

/// Throws std::invalid_argument where test images would be scaled to less than `input`.
void check_view(const Augmentation& augmentation, const InputShape& input);

/// Batches as a pure function of (epoch, index): neither the order of calls nor threads matter.
class Loader {
 public:
  /// Order and augmentation of epoch e come from the streams' epoch e.
  Loader(LoaderOptions options, Stream order, Stream augment);

  [[nodiscard]] int64_t batches_per_epoch() const { return batches_per_epoch_; }
  /// The batch of an iteration counted over epochs. Throws std::invalid_argument that names an
  /// image file which can't be decoded.
  Batch at(int64_t iteration);

 private:
  void write(int64_t index, Rng rng, float* to) const;
  const uint8_t* view(int64_t index, Rng& rng, std::vector<uint8_t>& made) const;

  LoaderOptions options_;
  Stream order_;
  Stream augment_;
  InputShape input_;
  std::vector<float> table_;
  int64_t batches_per_epoch_;
  int64_t permuted_epoch_ = -1;
  std::vector<int64_t> permutation_;
};

/// Calls a Loader ahead of its reader, on a thread of its own.
class Prefetcher {
 public:
  /// Batches of iterations [from, to) in order.
  Prefetcher(Loader loader, int64_t from, int64_t to);
  /// Waits for the next batch.
  Batch next();
  [[nodiscard]] double waited_seconds() const { return waited_seconds_; }

 private:
  static constexpr size_t kDepth = 3;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Batch> ready_;
  std::exception_ptr failure_;
  double waited_seconds_ = 0;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace ticketbench
