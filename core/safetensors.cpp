#include "core/safetensors.hpp"

#include "core/files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ticketbench {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little endian");

constexpr uint64_t kMaxHeader = 100'000'000;  // the reference implementation's own limit

struct Type {
  const char* name;
  torch::ScalarType type;
};
constexpr Type kTypes[] = {{"U8", torch::kUInt8},      {"I8", torch::kInt8},
                           {"I16", torch::kInt16},     {"I32", torch::kInt32},
                           {"I64", torch::kInt64},     {"F16", torch::kFloat16},
                           {"BF16", torch::kBFloat16}, {"F32", torch::kFloat32},
                           {"F64", torch::kFloat64},   {"BOOL", torch::kBool}};

// The read-only view of a file, private so that a tensor changed in place never reaches the disk.
class Mapping {
 public:
  explicit Mapping(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
      throw std::runtime_error(
          fmt::format("can't read {}: {}", path.string(), std::strerror(errno)));
    struct stat status {};
    ::fstat(descriptor, &status);
    size_ = static_cast<uint64_t>(status.st_size);
    if (S_ISREG(status.st_mode) && size_ > 0) {
      void* address = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0);
      if (address != MAP_FAILED) data_ = static_cast<char*>(address);
    }
    ::close(descriptor);
    if (data_ == nullptr)
      throw std::invalid_argument(fmt::format("{}: not a file with content", path.string()));
  }
  ~Mapping() { ::munmap(data_, size_); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  [[nodiscard]] char* data() const { return data_; }
  [[nodiscard]] uint64_t size() const { return size_; }

 private:
  char* data_ = nullptr;
  uint64_t size_ = 0;
};

// Checked product of the dimensions and the element size; nothing where a size is negative or the
// product, an extent of 0 counted as 1, overflows.
std::optional<uint64_t> byte_count(const std::vector<int64_t>& shape, int64_t element) {
  int64_t bytes = element;
  bool empty = false;
  for (const int64_t extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(bytes, std::max<int64_t>(extent, 1), &bytes))
      return {};
    empty = empty || extent == 0;
  }
  return empty ? 0 : static_cast<uint64_t>(bytes);
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const TensorFile& content) {
  // Wide elements first: with the header padded to 8 bytes every tensor is then aligned for its
  // type.
  std::vector<NamedTensors::Item> items;
  for (const auto& [name, tensor] : content.tensors) {
    torch::Tensor t = tensor.detach().to(torch::kCPU).contiguous();
    if (t.scalar_type() == torch::kBool) t = t.view(torch::kUInt8);
    items.emplace_back(name, t);
  }
  std::stable_sort(items.begin(), items.end(), [](const auto& a, const auto& b) {
    return a.second.element_size() > b.second.element_size();
  });
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!content.metadata.empty()) header["__metadata__"] = content.metadata;
  size_t offset = 0;
  for (const auto& [name, t] : items) {
    const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                    [&t = t](const Type& k) { return k.type == t.scalar_type(); });
    if (type == std::end(kTypes)) {
      throw std::invalid_argument(fmt::format("can't write {}: safetensors has no type for {}, {}",
                                              path.string(), name, c10::toString(t.scalar_type())));
    }
    header[name] = {{"dtype", type->name},
                    {"shape", t.sizes().vec()},
                    {"data_offsets", {offset, offset + t.nbytes()}}};
    offset += t.nbytes();
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  write_atomically(path, [&](std::ostream& out) {
    const uint64_t length = text.size();
    out.write(reinterpret_cast<const char*>(&length), sizeof length);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    for (const auto& [name, t] : items) {
      out.write(static_cast<const char*>(t.data_ptr()), static_cast<std::streamsize>(t.nbytes()));
    }
  });
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  const auto mapping = std::make_shared<Mapping>(path);
  const auto refuse = [&](const std::string& why) {
    throw std::invalid_argument(
        fmt::format("{}: not a sound safetensors file: {}", path.string(), why));
  };
  uint64_t length = 0;
  if (mapping->size() < sizeof length)
    refuse(fmt::format("{} bytes, at least 8 expected", mapping->size()));
  std::memcpy(&length, mapping->data(), sizeof length);
  if (length > kMaxHeader || length > mapping->size() - sizeof length) {
    refuse(fmt::format("its header is said to have {} bytes, the file has {}", length,
                       mapping->size()));
  }
  char* const data = mapping->data() + sizeof length + length;
  const uint64_t data_size = mapping->size() - sizeof length - length;

  TensorFile content;
  try {
    const auto header = nlohmann::ordered_json::parse(mapping->data() + sizeof length, data);
    if (!header.is_object()) refuse("its header is not a JSON object");
    std::vector<std::pair<uint64_t, uint64_t>> spans;
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        entry.get_to(content.metadata);
        continue;
      }
      const auto dtype = entry.at("dtype").get<std::string>();
      const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                      [&](const Type& k) { return k.name == dtype; });
      if (type == std::end(kTypes))
        refuse(fmt::format("{} has the unknown type '{}'", name, dtype));
      const auto shape = entry.at("shape").get<std::vector<int64_t>>();
      const auto offsets = entry.at("data_offsets").get<std::vector<uint64_t>>();
      const auto bytes = byte_count(shape, static_cast<int64_t>(c10::elementSize(type->type)));
      if (!bytes)
        refuse(fmt::format("{} has the impossible shape [{}]", name, fmt::join(shape, ",")));
      if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data_size) {
        refuse(fmt::format("{} lies outside the {} data bytes", name, data_size));
      }
      if (offsets[1] - offsets[0] != *bytes) {
        refuse(fmt::format("{} has {} bytes, its shape needs {}", name, offsets[1] - offsets[0],
                           *bytes));
      }
      spans.emplace_back(offsets[0], offsets[1]);
      char* const address = data + offsets[0];
      const auto view = torch::from_blob(
          address, shape, [mapping](void*) {}, torch::TensorOptions().dtype(type->type));
      const bool aligned = reinterpret_cast<uintptr_t>(address) % c10::elementSize(type->type) == 0;
      if (aligned) {
        content.tensors[name] = view;
      } else {  // another program's file: legal, but no element of it may be read in place
        torch::Tensor copy = torch::empty(shape, torch::TensorOptions().dtype(type->type));
        std::memcpy(copy.data_ptr(), address, *bytes);
        content.tensors[name] = copy;
      }
    }
    std::sort(spans.begin(), spans.end());
    uint64_t covered = 0;
    for (const auto& [begin, end] : spans) {
      if (begin < covered) refuse("two tensors overlap");
      if (begin > covered) break;  // a hole, which the format forbids
      covered = end;
    }
    if (covered != data_size) {
      refuse(fmt::format("its tensors fill the first {} of {} data bytes", covered, data_size));
    }
  } catch (const nlohmann::json::exception& error) {
    refuse(error.what());
  }
  return content;
}

}  // namespace ticketbench
