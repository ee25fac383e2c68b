// What the tests of core share: messages of errors, a folder to write in.
#pragma once

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

namespace ticketbench::testing {

/// The message of the `Error` that `action` throws. A failed check where it throws none or another.
template <class Error, class Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  } catch (const std::exception& error) {
    BOOST_ERROR("an error of another type: " << error.what());
    return error.what();
  }
  BOOST_ERROR("nothing was thrown");
  return {};
}

/// True where `text` contains every part.
inline boost::test_tools::assertion_result says(const std::string& text,
                                                std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) {
    if (text.find(part) != std::string::npos) continue;
    boost::test_tools::assertion_result missing(false);
    missing.message() << "\"" << text << "\" doesn't say \"" << part << "\"";
    return missing;
  }
  return true;
}

/// An empty folder, removed with its content.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "core_tests_XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
    return path_ / name;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace ticketbench::testing
