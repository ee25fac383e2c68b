// Independent pieces of work on a few threads.
#pragma once

#include <cstdint>
#include <functional>

namespace ticketbench {

/// Calls `work(i)` once for each i in [0, count), on at most `workers` threads, in any order.
/// Rethrows the exception of the smallest i that has one; pieces after it may be left out.
void parallel_for(int64_t workers, int64_t count, const std::function<void(int64_t)>& work);

}  // namespace ticketbench
