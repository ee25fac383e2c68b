#include "suites/harness/dataset.hpp"

#include "core/files.hpp"
#include "core/sha256.hpp"
#include "suites/harness/image_folder.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace ticketbench {

InputShape Images::input() const {
  return files ? files->input : InputShape{pixels.size(3), pixels.size(1), pixels.size(2)};
}

Images Images::slice(int64_t from, int64_t to) const {
  const auto part = [&](const torch::Tensor& all) {
    return all.defined() ? all.slice(0, from, to) : all;
  };
  return {part(pixels), part(labels), files, part(places)};
}

Images Images::select(const torch::Tensor& index) const {
  const auto part = [&](const torch::Tensor& all) {
    return all.defined() ? all.index_select(0, index) : all;
  };
  return {part(pixels), part(labels), files, part(places)};
}

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
  if (card.folder.empty()) return problems;
  if (const auto folder = data / card.folder; std::filesystem::is_directory(folder))
    problems = broken_images(folder);
  try {
    if (problems.empty()) card.load(card, data);
  } catch (const std::exception& error) {
    problems.emplace_back(error.what());
  }
  return problems;
}

std::string verified(const DatasetCard& card) {
  if (card.folder.empty()) return fmt::format("{} files, sizes and checksums", card.files.size());
  return fmt::format("layout, {} + {} images of {} classes, each decoded", card.train_examples,
                     card.test_examples, card.classes);
}

}  // namespace ticketbench
