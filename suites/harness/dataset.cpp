#include "suites/harness/dataset.hpp"

#include "core/files.hpp"
#include "core/sha256.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace ticketbench {

const DatasetCard& find_dataset(const std::string& name) {
  return Registry<DatasetCard>::instance().find("dataset", name);
}

std::string read_checked(const DatasetFile& file, const std::filesystem::path& data) {
  const std::filesystem::path path = data / file.path;
  if (!std::filesystem::exists(path)) {
    throw std::invalid_argument(
        fmt::format("{}: missing; expected {} bytes. Give the folder that holds {} with --data",
                    path.string(), file.bytes, std::filesystem::path(file.path).begin()->string()));
  }
  const auto found = static_cast<int64_t>(std::filesystem::file_size(path));
  if (found != file.bytes) {
    throw std::invalid_argument(
        fmt::format("{}: {} bytes found, {} expected", path.string(), found, file.bytes));
  }
  std::string bytes = read_file(path);
  if (const std::string hash = sha256(bytes); hash != file.sha256) {
    throw std::invalid_argument(fmt::format("{}: altered: SHA-256 {} found, {} expected",
                                            path.string(), hash, file.sha256));
  }
  return bytes;
}

std::vector<std::string> verify(const DatasetCard& card, const std::filesystem::path& data) {
  std::vector<std::string> problems;
  for (const DatasetFile& file : card.files) {
    try {
      read_checked(file, data);
    } catch (const std::exception& error) {
      problems.emplace_back(error.what());
    }
  }
  return problems;
}

}  // namespace ticketbench
