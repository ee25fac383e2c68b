#include "core/files.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <unistd.h>

namespace ticketbench {
namespace {

[[noreturn]] void fail(std::string_view what, const std::filesystem::path& path, int error) {
  throw std::runtime_error(fmt::format("{} {}: {}", what, path.string(), std::strerror(error)));
}

void sync(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY);
  if (descriptor < 0) fail("can't open", path, errno);
  const int code = ::fsync(descriptor);
  const int error = errno;
  ::close(descriptor);
  if (code != 0) fail("can't write", path, error);
}

}  // namespace

void write_atomically(const std::filesystem::path& path,
                      const std::function<void(std::ostream&)>& write) {
  // The process in the name: two processes that write the same file don't meet in the temporary
  // one.
  std::filesystem::path temporary = path;
  temporary += fmt::format(".{}.part", ::getpid());
  try {
    {
      errno = 0;
      std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
      if (!out) fail("can't write", path, errno);
      write(out);
      out.close();
      if (!out) fail("can't write", path, errno == 0 ? EIO : errno);
    }
    sync(temporary);
    std::error_code error;
    std::filesystem::rename(temporary, path, error);
    if (error) fail("can't write", path, error.value());
    sync(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw;
  }
}

void write_atomically(const std::filesystem::path& path, std::string_view bytes) {
  write_atomically(path, [&](std::ostream& out) {
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  });
}

std::string read_file(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path))
    fail("can't read", path, errno == 0 ? EISDIR : errno);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (in.bad()) fail("can't read", path, errno);
  return std::move(bytes).str();
}

}  // namespace ticketbench
