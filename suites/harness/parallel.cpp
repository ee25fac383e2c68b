#include "suites/harness/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace ticketbench {

void parallel_for(int64_t workers, int64_t count, const std::function<void(int64_t)>& work) {
  std::atomic<int64_t> next{0};
  std::mutex mutex;
  int64_t failed = count;
  std::exception_ptr failure;
  const auto take_turns = [&] {
    for (int64_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (i < failed) {
          failed = i;
          failure = std::current_exception();
        }
        next = count;  // what comes before i has begun and will end
      }
    }
  };
  std::vector<std::jthread> others;
  for (int64_t w = 1; w < std::min(workers, count); ++w) others.emplace_back(take_turns);
  take_turns();
  others.clear();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace ticketbench
