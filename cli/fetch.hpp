// Datasets from their public addresses: a manifest, and the way from an address to checked files
// in place.
#pragma once

#include "suites/harness/dataset.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace ticketbench {

/// What becomes of a downloaded file.
enum class Unpack {
  none,     ///< it is a dataset's file as it is
  gz,       ///< one compressed file, named without .gz
  archive,  ///< tar, gzipped or not, or zip
};

struct Download {
  std::string url;  ///< http or https; the last part of its path names the file
  int64_t bytes = 0;
  std::string sha256;
  Unpack unpack = Unpack::none;
  std::filesystem::path into;  ///< folder below the data folder; empty: the data folder itself
  [[nodiscard]] std::string file() const { return url.substr(url.rfind('/') + 1); }
};

/// Where a dataset comes from: downloads, or words on how a user gets it.
struct DataSource {
  std::vector<Download> downloads;
  std::string by_hand;  ///< a sentence without a full stop; empty if there are downloads
};

/// Sources by name of dataset. Throws std::invalid_argument with file, pointer, what was found and
/// what is allowed.
std::map<std::string, DataSource> read_manifest(const std::filesystem::path& file);

struct FetchOptions {
  std::filesystem::path data;  ///< made if it isn't there
  std::string mirror;          ///< address of a folder with the same files; empty: the manifest's
  std::string user_agent;
  std::function<bool()> interrupted = [] { return false; };
  /// Called now and then: what is being done ("fetching cifar-10-binary.tar.gz"), bytes of how
  /// many.
  std::function<void(const std::string& doing, int64_t bytes, int64_t of)> progress =
      [](const std::string&, int64_t, int64_t) {};
};

/// Stopped after saving, or another process is at it: the same call goes on.
struct TryAgain : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Fetches what is missing of a dataset's files, by way of `data`/.fetch: a download cut short goes
/// on from where it was; nothing is unpacked before its size and SHA-256 are right, and nothing put
/// in place before that holds for the card's files. What is in `data` is never replaced. Returns
/// false if all was there. Throws TryAgain; std::invalid_argument if `data` can't be written;
/// std::runtime_error with the address or file, what was found and what to do.
bool fetch(const DatasetCard& card, const std::vector<Download>& downloads,
           const FetchOptions& options);

}  // namespace ticketbench
