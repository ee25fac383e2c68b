// What a run ran on: devices, processor, memory.
#pragma once

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include <cstdint>
#include <string>

namespace ticketbench {

/// "cpu" or "cuda". The CUDA backend is LibTorch's own library, opened now. Throws
/// std::invalid_argument with one line for people where there is no such device.
torch::Device open_device(const std::string& name);

/// True where the driver of an NVIDIA GPU is loaded, whether LibTorch's CUDA part is there or not.
bool has_gpu();

/// Cores this process may use.
int64_t usable_cores();

/// cpu, gpu, cores, memory_bytes, host, libtorch, device, tf32 of a record's provenance.
nlohmann::json describe_machine(const torch::Device& device);

/// Has the process keep freed memory: LibTorch's large temporaries would be given back to the
/// system and faulted in anew at each step.
void keep_freed_memory();

/// Largest resident memory of this process so far.
int64_t peak_memory_bytes();

/// UTC, "2026-11-21T09:00:00Z".
std::string utc_now();

}  // namespace ticketbench
