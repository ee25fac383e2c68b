#include "hardware/kernels/cpu/thread_pool.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace ticketbench::kernels {

ThreadPool::ThreadPool(int64_t size) {
  if (size < 1 || size > 1024)
    throw std::invalid_argument(fmt::format("thread pool: {} workers, expected 1 to 1024", size));
  scratch_.resize(static_cast<std::size_t>(size));
  for (int64_t worker = 1; worker < size; ++worker)
    threads_.emplace_back([this, worker] { serve(worker); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::run(int64_t count, const std::function<void(int64_t, int64_t)>& work) {
  if (threads_.empty() || count <= 1) {
    for (int64_t i = 0; i < count; ++i) work(0, i);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    count_ = count;
    next_ = 0;
  }
  wake_.notify_all();
  take(0);
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return busy_ == 0; });
  work_ = nullptr;
}

float* ThreadPool::scratch(int64_t worker, int64_t size) {
  AlignedBuffer& buffer = scratch_[static_cast<std::size_t>(worker)];
  if (buffer.size() < size) buffer = AlignedBuffer(size);
  return buffer.data();
}

// Pieces of the work that runs now, until none is left.
void ThreadPool::take(int64_t worker) {
  std::unique_lock lock(mutex_);
  while (work_ != nullptr && next_ < count_) {
    const std::function<void(int64_t, int64_t)>& work = *work_;
    const int64_t i = next_++;
    ++busy_;
    lock.unlock();
    work(worker, i);
    lock.lock();
    --busy_;
  }
  if (busy_ == 0) done_.notify_one();
}

void ThreadPool::serve(int64_t worker) {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stop_ || (work_ != nullptr && next_ < count_); });
      if (stop_) return;
    }
    take(worker);
  }
}

}  // namespace ticketbench::kernels
