// Threads that stay, for kernels that take less time than it takes to start one.
#pragma once

#include "hardware/kernels/cpu/aligned_buffer.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ticketbench::kernels {

/// `size` workers, the caller of `run` among them, so a pool of one has no thread of its own.
/// Every worker has scratch memory that lives as long as the pool. One `run` at a time.
class ThreadPool {
 public:
  /// Throws std::invalid_argument unless `size` is 1 to 1024.
  explicit ThreadPool(int64_t size);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] int64_t size() const { return static_cast<int64_t>(scratch_.size()); }

  /// Calls `work(worker, i)` once for each i in [0, count), in any order, and waits for all of
  /// them; `worker` is in [0, size()). `work` must not throw.
  void run(int64_t count, const std::function<void(int64_t worker, int64_t i)>& work);

  /// At least `size` floats that only this worker uses, with whatever its last user left there.
  /// Valid until the worker asks again.
  float* scratch(int64_t worker, int64_t size);

 private:
  void take(int64_t worker);
  void serve(int64_t worker);

  std::vector<AlignedBuffer> scratch_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  // All under the mutex: a piece of work is thousands of cycles, taking it a few dozen.
  const std::function<void(int64_t, int64_t)>* work_ = nullptr;
  int64_t count_ = 0;
  int64_t next_ = 0;
  int64_t busy_ = 0;  // workers inside of work_
  bool stop_ = false;
  std::vector<std::thread> threads_;  // last: they use the members above
};

}  // namespace ticketbench::kernels
