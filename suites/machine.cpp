#include "suites/machine.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <chrono>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <malloc.h>
#include <sched.h>
#include <stdexcept>
#include <sys/resource.h>
#include <unistd.h>

namespace ticketbench {
namespace {

// Opening libtorch_cuda registers the backend; empty where it worked, else the loader's reason.
std::string open_cuda_library() {
  static const std::string reason = [] {
    if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) != nullptr) {
      // As on the CPU: whole floats, and kernels that give the same bits again where cuDNN has
      // them.
      at::globalContext().setAllowTF32CuDNN(false);
      at::globalContext().setAllowTF32CuBLAS(false);
      at::globalContext().setBenchmarkCuDNN(false);
      at::globalContext().setDeterministicCuDNN(true);
      return std::string();
    }
    const char* error = dlerror();
    return std::string(error == nullptr ? "unknown reason" : error);
  }();
  return reason;
}

std::string cpu_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

// From the driver: LibTorch tells it only to programs built with CUDA's headers.
std::string gpu_name() {
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/driver/nvidia/gpus", ignored)) {
    std::ifstream in(entry.path() / "information");
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("Model:")) return line.substr(line.find_first_not_of(" \t", 6));
    }
  }
  return "unknown";
}

}  // namespace

bool has_gpu() {
  std::error_code ignored;
  return !std::filesystem::is_empty("/proc/driver/nvidia/gpus", ignored) && !ignored;
}

torch::Device open_device(const std::string& name) {
  if (name == "cpu") return torch::kCPU;
  if (name != "cuda")
    throw std::invalid_argument(fmt::format("--device {}: expected cpu or cuda", name));
  if (const std::string reason = open_cuda_library(); !reason.empty()) {
    throw std::invalid_argument(fmt::format(
        "--device cuda: LibTorch's CUDA part can't be opened ({}); 'ci/setup --cuda' installs it",
        reason));
  }
  if (!at::hasCUDA())
    throw std::invalid_argument("--device cuda: LibTorch finds no GPU and driver on this machine");
  return torch::kCUDA;
}

int64_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

nlohmann::json describe_machine(const torch::Device& device) {
  char host[256] = "unknown";
  gethostname(host, sizeof host - 1);
  return {{"cpu", cpu_name()},
          {"gpu", device.is_cuda() ? nlohmann::json(gpu_name()) : nlohmann::json(nullptr)},
          {"cores", usable_cores()},
          {"memory_bytes", static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE)},
          {"host", host},
          {"libtorch", TORCH_VERSION},
          {"tf32", at::globalContext().allowTF32CuDNN() && device.is_cuda()},
          {"device", device.is_cuda() ? "cuda" : "cpu"}};
}

void keep_freed_memory() {
  // The largest that glibc takes; what is larger than this is mapped and unmapped each time.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024;
}

std::string utc_now() {
  return fmt::format(
      "{:%Y-%m-%dT%H:%M:%SZ}",
      fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

}  // namespace ticketbench
