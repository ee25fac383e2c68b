#include "reports/result_files.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <stdexcept>
#include <system_error>

namespace ticketbench {
namespace {

namespace fs = std::filesystem;

using Wanted = std::function<bool(std::string_view name)>;

void walk(const fs::path& folder, const Wanted& wanted, std::set<std::string>& files,
          std::vector<std::string>& errors) {
  std::error_code problem;
  fs::directory_iterator entry(folder, problem);
  for (; !problem && entry != fs::directory_iterator(); entry.increment(problem)) {
    std::error_code unknown;
    if (entry->is_directory(unknown) && !entry->is_symlink(unknown)) {
      walk(entry->path(), wanted, files, errors);
    } else if (wanted(entry->path().filename().string())) {
      // Below a canonical folder only a link has a second name.
      const bool link = entry->is_symlink(unknown);
      files.insert((link ? fs::weakly_canonical(entry->path()) : entry->path()).string());
    }
  }
  if (problem) {
    errors.push_back(fmt::format("{}: {}", folder.string(), problem.message()));
  }
}

}  // namespace

std::vector<std::string> result_files(const std::vector<std::string>& paths, const Wanted& wanted,
                                      bool any_name, std::string_view what,
                                      std::vector<std::string>& errors) {
  std::set<std::string> files;
  for (const std::string& path : paths) {
    std::error_code problem;
    if (!fs::exists(path, problem)) {
      throw std::invalid_argument(
          fmt::format("{}: no such file or folder, expected {}", path, what));
    }
    if (fs::is_directory(path, problem)) {
      walk(fs::weakly_canonical(path), wanted, files, errors);
    } else if (any_name || wanted(fs::path(path).filename().string())) {
      files.insert(fs::weakly_canonical(path).string());
    }
  }
  return {files.begin(), files.end()};
}

}  // namespace ticketbench
