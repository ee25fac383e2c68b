#include "cli/fetch.hpp"

#include "core/sha256.hpp"
#include "reports/json_schema.hpp"
#include "suites/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <curl/curl.h>
#include <fstream>
#include <memory>

namespace ticketbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const json& manifest_schema() {
  static const json schema = json::parse(R"schema({
    "type": "object",
    "additionalProperties": {
      "type": "object",
      "additionalProperties": false,
      "oneOf": [{"required": ["downloads"]}, {"required": ["by_hand"]}],
      "description": "either \"downloads\" or \"by_hand\"",
      "properties": {
        "by_hand": {"type": "string", "minLength": 1},
        "downloads": {
          "type": "array", "minItems": 1,
          "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["url", "bytes", "sha256"],
            "properties": {
              "url": {"type": "string", "pattern": "^https?://[^?#]+/[A-Za-z0-9_][A-Za-z0-9_.-]*$",
                      "description": "an http or https address that ends in a file's name"},
              "bytes": {"type": "integer", "minimum": 1},
              "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$",
                         "description": "64 lower-case hexadecimal digits"},
              "unpack": {"enum": ["none", "gz", "archive"]},
              "into": {"type": "string", "pattern": "^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$",
                       "description": "folders of letters, digits and _ -, such as MNIST/raw"}
            }
          }
        }
      }
    }
  })schema");
  return schema;
}

Download download_of(const json& entry) {
  const std::string unpack = entry.value("unpack", "none");
  return {.url = entry.at("url"),
          .bytes = entry.at("bytes"),
          .sha256 = entry.at("sha256"),
          .unpack = unpack == "archive" ? Unpack::archive
                    : unpack == "gz"    ? Unpack::gz
                                        : Unpack::none,
          .into = entry.value("into", "")};
}

[[noreturn]] void fail_writing(const fs::path& path) {
  throw std::runtime_error(
      fmt::format("can't write {}: {}", path.string(), std::strerror(errno == 0 ? EIO : errno)));
}

int64_t size_of(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error ? 0 : static_cast<int64_t>(size);
}

// --- from an address to a file that is right -----------------------------------------------------

// One request; what libcurl's callbacks work on.
struct Transfer {
  CURL* curl;
  const Download& download;
  const FetchOptions& options;
  fs::path part;
  int64_t have;         // bytes of the file in `part`
  std::ofstream out;    // open as soon as the server's answer is known to be the file
  std::string problem;  // why nothing could be written
  bool too_long = false;
};

size_t receive(char* bytes, size_t, size_t count, void* user) {
  Transfer& t = *static_cast<Transfer*>(user);
  errno = 0;
  if (!t.out.is_open()) {
    long status = 0;
    curl_easy_getinfo(t.curl, CURLINFO_RESPONSE_CODE, &status);
    const bool rest = status == 206;  // else the server ignores ranges and sends all of it
    if (!rest) t.have = 0;
    t.out.open(t.part, std::ios::binary | (rest ? std::ios::app : std::ios::trunc));
  }
  if (t.have + static_cast<int64_t>(count) > t.download.bytes) {
    t.too_long = true;
    return 0;
  }
  if (!t.out.write(bytes, static_cast<std::streamsize>(count)).flush()) {
    t.problem = fmt::format("can't write {}: {}", t.part.string(), std::strerror(errno));
    return 0;
  }
  t.have += static_cast<int64_t>(count);
  return count;
}

int report_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  Transfer& t = *static_cast<Transfer*>(user);
  t.options.progress("fetching " + t.download.file(), t.have, t.download.bytes);
  return t.options.interrupted() ? 1 : 0;
}

// Asks for what is missing of `part`. Throws unless the server has sent all it has, or more than
// there should be: that is returned in words.
std::string transfer(const Download& download, const std::string& url, const fs::path& part,
                     const FetchOptions& options) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (started != CURLE_OK || !curl) throw std::runtime_error("libcurl can't start");
  Transfer t{curl.get(), download, options, part, size_of(part), {}, {}};
  std::array<char, CURL_ERROR_SIZE> words{};
  const std::string range = fmt::format("{}-", t.have);
  curl_easy_setopt(t.curl, CURLOPT_URL, url.c_str());
  // Checksums decide whether the two parts belong together, so no If-Range is needed.
  if (t.have > 0) curl_easy_setopt(t.curl, CURLOPT_RANGE, range.c_str());
  curl_easy_setopt(t.curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(t.curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(t.curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(t.curl, CURLOPT_MAXREDIRS, 10L);
  curl_easy_setopt(t.curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(t.curl, CURLOPT_CONNECTTIMEOUT, 30L);
  curl_easy_setopt(t.curl, CURLOPT_LOW_SPEED_LIMIT, 100L);  // bytes a second
  curl_easy_setopt(t.curl, CURLOPT_LOW_SPEED_TIME, 60L);
  curl_easy_setopt(t.curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(t.curl, CURLOPT_USERAGENT, options.user_agent.c_str());
  curl_easy_setopt(t.curl, CURLOPT_ERRORBUFFER, words.data());
  curl_easy_setopt(t.curl, CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(t.curl, CURLOPT_WRITEDATA, &t);
  curl_easy_setopt(t.curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(t.curl, CURLOPT_XFERINFOFUNCTION, report_progress);
  curl_easy_setopt(t.curl, CURLOPT_XFERINFODATA, &t);
  const CURLcode code = curl_easy_perform(t.curl);
  t.out.close();
  if (code == CURLE_OK) return "";
  if (t.too_long) return fmt::format("more than the {} bytes expected", download.bytes);

  const std::string kept =
      fmt::format("{} of {} bytes are kept, the same command goes on", t.have, download.bytes);
  if (code == CURLE_ABORTED_BY_CALLBACK)
    throw TryAgain(fmt::format("{}: stopped; {}", download.file(), kept));
  if (!t.problem.empty()) throw std::runtime_error(fmt::format("{}: {}; {}", url, t.problem, kept));
  if (code == CURLE_HTTP_RETURNED_ERROR) {
    long status = 0;
    curl_easy_getinfo(t.curl, CURLINFO_RESPONSE_CODE, &status);
    if (status == 416) return "";  // it has no more bytes than `part`
    throw std::runtime_error(
        fmt::format("{}: the server answers {}; if the file has moved, --mirror URL takes it from "
                    "elsewhere",
                    url, status));
  }
  throw std::runtime_error(
      fmt::format("{}: {}; {}", url, words[0] != '\0' ? words.data() : curl_easy_strerror(code),
                  t.have > 0 ? kept : "nothing was fetched: run again when it can be reached"));
}

std::string sha256_of(const fs::path& path, const std::string& doing, const FetchOptions& options) {
  std::ifstream in(path, std::ios::binary);
  std::vector<char> block(1 << 20);
  Sha256 hash;
  for (int64_t done = 0; in;) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    hash.update({block.data(), static_cast<size_t>(in.gcount())});
    options.progress(doing, done += in.gcount(), size_of(path));
    if (options.interrupted()) throw TryAgain("stopped; the same command goes on");
  }
  return hash.hex();
}

// Leaves in `part` the whole file, its size and checksum right.
void download_to(const fs::path& part, const Download& download, const FetchOptions& options) {
  const std::string url =
      options.mirror.empty()
          ? download.url
          : fmt::format("{}{}{}", options.mirror, options.mirror.ends_with('/') ? "" : "/",
                        download.file());
  std::string wrong;
  if (size_of(part) < download.bytes) wrong = transfer(download, url, part, options);
  if (const int64_t found = size_of(part); wrong.empty() && found != download.bytes)
    wrong = fmt::format("{} bytes found, {} expected", found, download.bytes);
  if (wrong.empty()) {
    const std::string hash = sha256_of(part, "checking " + download.file(), options);
    if (hash != download.sha256)
      wrong = fmt::format("SHA-256 {} found, {} expected", hash, download.sha256);
  }
  if (wrong.empty()) return;
  fs::remove(part);  // more bytes can't make it right
  throw std::runtime_error(
      fmt::format("{}: {}; the download is removed and nothing put in place: run again, or take it "
                  "from elsewhere with --mirror URL",
                  url, wrong));
}

// --- from that file to the dataset's -------------------------------------------------------------

// Where an archive's entry goes. Throws for one that isn't a file or folder below `root`.
fs::path target_of(archive_entry* entry, const fs::path& root, const std::string& archive) {
  const char* name = archive_entry_pathname(entry);
  const fs::path path = name == nullptr ? "" : name;
  const auto type = archive_entry_filetype(entry);
  const bool plain =
      (type == AE_IFREG || type == AE_IFDIR) && archive_entry_hardlink(entry) == nullptr;
  if (path.empty() || path.is_absolute() ||
      std::find(path.begin(), path.end(), "..") != path.end() || !plain) {
    throw std::runtime_error(fmt::format(
        "{}: entry '{}' is refused: {}; nothing was put in place", archive, path.string(),
        plain ? "its path leads out of the folder" : "a file or a folder expected"));
  }
  return root / path;
}

void unpack(const fs::path& part, const Download& download, const fs::path& root,
            const FetchOptions& options) {
  const std::unique_ptr<archive, int (*)(archive*)> in(archive_read_new(), archive_read_free);
  const auto check = [&](int code) {
    if (code < ARCHIVE_WARN) {
      throw std::runtime_error(
          fmt::format("can't unpack {}: {}", download.file(), archive_error_string(in.get())));
    }
    return code;
  };
  archive_read_support_filter_gzip(in.get());
  if (download.unpack == Unpack::gz) {
    archive_read_support_format_raw(in.get());
  } else {
    archive_read_support_format_tar(in.get());
    archive_read_support_format_zip(in.get());
  }
  std::vector<char> block(1 << 20);
  check(archive_read_open_filename(in.get(), part.c_str(), block.size()));
  archive_entry* entry = nullptr;
  while (check(archive_read_next_header(in.get(), &entry)) != ARCHIVE_EOF) {
    const fs::path target = download.unpack == Unpack::gz ? root / fs::path(download.file()).stem()
                                                          : target_of(entry, root, download.file());
    if (archive_entry_filetype(entry) == AE_IFDIR) {
      fs::create_directories(target);
      continue;
    }
    fs::create_directories(target.parent_path());
    errno = 0;
    std::ofstream out(target, std::ios::binary);
    while (true) {
      const auto count = archive_read_data(in.get(), block.data(), block.size());
      if (count < 0) check(static_cast<int>(count));
      if (count <= 0) break;
      if (!out.write(block.data(), static_cast<std::streamsize>(count))) fail_writing(target);
      options.progress("unpacking " + download.file(), archive_filter_bytes(in.get(), -1),
                       download.bytes);
      if (options.interrupted()) throw TryAgain("stopped; the same command goes on");
    }
    out.close();
    if (!out) fail_writing(target);
  }
}

// Moves into `to` what isn't there yet; what is there stays.
void put_in_place(const fs::path& from, const fs::path& to) {
  const std::vector<fs::directory_entry> entries{fs::directory_iterator(from), {}};
  for (const fs::directory_entry& entry : entries) {
    const fs::path target = to / entry.path().filename();
    if (!fs::exists(fs::symlink_status(target))) {
      fs::rename(entry.path(), target);
    } else if (entry.is_directory() && fs::is_directory(target)) {
      put_in_place(entry.path(), target);
    }
  }
}

void check_room(const std::vector<Download>& downloads, const DatasetCard& missing,
                const fs::path& folder, const fs::path& data) {
  int64_t needed = 0;
  int64_t packed = 0;
  for (const Download& d : downloads) {
    needed += std::max<int64_t>(0, d.bytes - size_of(folder / (d.file() + ".part")));
    if (d.unpack != Unpack::none) packed += d.bytes;
  }
  int64_t unpacked = 0;
  for (const DatasetFile& file : missing.files) unpacked += file.bytes;
  // What a folder of images takes isn't known: at least as much as its archive.
  if (packed > 0) needed += std::max(unpacked, packed);
  const auto free = static_cast<int64_t>(fs::space(data).available);
  if (free < needed) {
    throw std::runtime_error(fmt::format(
        "{}: {} MB free, {} MB needed to fetch and unpack {}; make room, or choose another folder",
        data.string(), free / 1'000'000, needed / 1'000'000 + 1, missing.name));
  }
}

}  // namespace

std::map<std::string, DataSource> read_manifest(const fs::path& file) {
  const json document = parse_json_file(file.string());
  validate(document, manifest_schema(), file.string());
  std::map<std::string, DataSource> sources;
  for (const auto& [name, entry] : document.items()) {
    DataSource& source = sources[name];
    source.by_hand = entry.value("by_hand", "");
    if (!entry.contains("downloads")) continue;
    for (const json& download : entry.at("downloads"))
      source.downloads.push_back(download_of(download));
  }
  return sources;
}

bool fetch(const DatasetCard& card, const std::vector<Download>& all, const FetchOptions& options) {
  DatasetCard there = card;
  DatasetCard missing = card;
  const auto exists = [&](const DatasetFile& file) { return fs::exists(options.data / file.path); };
  std::erase_if(there.files, std::not_fn(exists));
  std::erase_if(missing.files, exists);
  (fs::exists(options.data / card.folder) ? missing : there).folder.clear();
  if (there.on_disk()) options.progress("verifying what is there of " + card.name, 0, 0);
  if (const auto problems = verify(there, options.data); !problems.empty()) {
    throw std::runtime_error(fmt::format(
        "{}: {}{}; nothing was fetched: move it away, then run again", card.name, problems.front(),
        problems.size() > 1 ? fmt::format(" (and {} more files differ)", problems.size() - 1)
                            : ""));
  }
  if (!missing.on_disk()) return false;
  // A file that is its own download, and there, needn't come again.
  std::vector<Download> downloads = all;
  std::erase_if(downloads, [&](const Download& d) {
    if (d.unpack == Unpack::archive) return false;
    const fs::path name = d.file();
    return fs::exists(options.data / d.into / (d.unpack == Unpack::gz ? name.stem() : name));
  });

  const fs::path folder = options.data / ".fetch";
  try {
    fs::create_directories(folder);
  } catch (const fs::filesystem_error& error) {
    throw std::invalid_argument(fmt::format("--data {}: can't write there: {}",
                                            options.data.string(), error.code().message()));
  }
  const RunLock lock(folder);
  if (!lock.held()) {
    throw TryAgain(fmt::format("another process is fetching into {}; run again when it has ended",
                               options.data.string()));
  }
  check_room(downloads, missing, folder, options.data);
  const auto part = [&](const Download& d) { return folder / (d.file() + ".part"); };
  for (const Download& d : downloads) download_to(part(d), d, options);

  const fs::path unpacking = folder / (card.name + ".unpacking");
  fs::remove_all(unpacking);  // of a call that was stopped
  for (const Download& d : downloads) {
    fs::create_directories(unpacking / d.into);
    if (d.unpack != Unpack::none) {
      unpack(part(d), d, unpacking / d.into, options);
      continue;
    }
    // The download stays until all is in place: a call stopped in between needn't repeat it.
    std::error_code no_links;
    fs::create_hard_link(part(d), unpacking / d.into / d.file(), no_links);
    if (no_links) fs::copy_file(part(d), unpacking / d.into / d.file());
  }
  options.progress("verifying " + card.name, 0, 0);
  if (const auto problems = verify(missing, unpacking); !problems.empty()) {
    throw std::runtime_error(
        fmt::format("{}: what was fetched isn't this dataset: {}", card.name, problems.front()));
  }
  put_in_place(unpacking, options.data);

  fs::remove_all(unpacking);
  for (const Download& d : downloads) fs::remove(part(d));
  const auto left = std::distance(fs::directory_iterator(folder), fs::directory_iterator());
  if (left == 1) fs::remove_all(folder);  // but for the lock; else other downloads wait there
  return true;
}

}  // namespace ticketbench
