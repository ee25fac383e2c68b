// The safetensors format: 8 bytes header length (little endian), a JSON header, raw little-endian
// data. https://github.com/huggingface/safetensors, "Format".
#pragma once

#include "core/named_tensors.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace ticketbench {

using Metadata = std::map<std::string, std::string>;

struct TensorFile {
  NamedTensors tensors;
  Metadata metadata;
};

/// Writes atomically. Bool is stored as U8 0/1; tensors are stored contiguously whatever their
/// memory format. The same content gives the same bytes. Throws std::invalid_argument for a type
/// the format lacks.
void write_safetensors(const std::filesystem::path& path, const TensorFile& content);

/// Maps the file; tensors point into the mapping (copy on write) and keep it alive. Every length,
/// offset, shape and type is checked before use: throws std::invalid_argument that names the file
/// and what is wrong with it.
TensorFile read_safetensors(const std::filesystem::path& path);

}  // namespace ticketbench
