// Files that are either whole or absent.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>

namespace ticketbench {

/// Writes `path` so that a reader, a crash or a full disk never meets half of it: to a temporary
/// name in the same folder, fsync, rename. Throws std::runtime_error with the path and the system's
/// reason; the old file then stays.
void write_atomically(const std::filesystem::path& path, std::string_view bytes);
void write_atomically(const std::filesystem::path& path,
                      const std::function<void(std::ostream&)>& write);

/// The whole file. Throws std::runtime_error with the path and the system's reason.
std::string read_file(const std::filesystem::path& path);

}  // namespace ticketbench
