// The GPU's kernels on a GPU; skipped where there is none.

#include "hardware/kernels/cuda/device.hpp"
#include "hardware/tests/cuda_support.hpp"

#include <boost/test/unit_test.hpp>

#include <cuda_runtime_api.h>

namespace ticketbench::kernels {
namespace {

boost::test_tools::assertion_result there_is_a_gpu(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result found(gpu_count() > 0);
  found.message() << "no GPU and driver on this machine";
  return found;
}

struct Free {
  void operator()(void* memory) const { cudaFree(memory); }
};
using DeviceMemory = std::unique_ptr<void, Free>;

DeviceMemory allocate(std::size_t bytes) {
  void* memory = nullptr;
  BOOST_REQUIRE(cudaMalloc(&memory, bytes) == cudaSuccess);
  return DeviceMemory(memory);
}

template <class Value>
std::vector<Value> run_on_gpu(GpuLayer& layer, ConvShape shape, int64_t batch,
                              std::span<const Value> input) {
  shape.batch = batch;
  std::vector<Value> output(static_cast<std::size_t>(output_layout(shape).size()));
  const std::size_t bytes = output.size() * sizeof(Value);
  const DeviceMemory from = allocate(input.size_bytes());
  const DeviceMemory to = allocate(bytes);
  BOOST_REQUIRE(cudaMemcpy(from.get(), input.data(), input.size_bytes(), cudaMemcpyHostToDevice) ==
                cudaSuccess);
  layer.run(from.get(), to.get());
  BOOST_REQUIRE(cudaMemcpy(output.data(), to.get(), bytes, cudaMemcpyDeviceToHost) == cudaSuccess);
  return output;
}

template <class Value>
auto groups(ComputeType type) {
  return [type](const PackedGroups& layer, int64_t batch, std::span<const Value> input) {
    return run_on_gpu<Value>(*upload(layer, batch, type), layer.shape, batch, input);
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_device)

// The layers of the emulation's test, where the hardware adds what that can't: copies that run
// beside the kernel, alignment, and tensor cores.
BOOST_AUTO_TEST_CASE(kernels_are_the_reference, *boost::unit_test::precondition(there_is_a_gpu)) {
  compare_gpu_kernels(
      {.fp32 = groups<float>(ComputeType::fp32),
       .tf32 = groups<float>(ComputeType::tf32),
       .bf16 = groups<uint16_t>(ComputeType::bf16),
       .rows = [](const PackedRows& layer, int64_t batch, std::span<const float> input) {
         return run_on_gpu<float>(*upload(layer, batch), layer.shape, batch, input);
       }});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ticketbench::kernels
