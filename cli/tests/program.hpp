// Runs the built program as a user would, and reads what it says.
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace ticketbench::test {

struct Ended {
  int code = 0;  ///< exit code, or -signal
  std::string out;
  std::string err;
};

/// A folder that goes with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path / name;
  }
  std::filesystem::path path;
};

/// Begins `ticketbench ARGUMENTS` with its output in files below `folder`; `file_limit_bytes` > 0
/// limits what it may write to one file.
pid_t begin(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
            long file_limit_bytes = 0);
Ended wait_for(pid_t pid, const std::filesystem::path& folder);
/// begin and wait_for.
Ended run(const std::vector<std::string>& arguments, long file_limit_bytes = 0);

/// Writes a suite of quick runs and its recipe below `folder`; returns the suite's path. `runs` is
/// its JSON list.
std::filesystem::path write_suite(const std::filesystem::path& folder, const nlohmann::json& runs,
                                  const std::string& length = "3ep");

/// Every record.json below `results`, by run name.
std::map<std::string, nlohmann::json> records(const std::filesystem::path& results);

}  // namespace ticketbench::test
