// Fetching from a server in this process: what it is asked for, what lies on the disk afterwards.

#include "cli/fetch.hpp"

#include "cli/tests/program.hpp"
#include "core/files.hpp"
#include "core/sha256.hpp"

#include <boost/test/unit_test.hpp>

#include <archive.h>
#include <archive_entry.h>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <httplib.h>
#include <mutex>
#include <sys/file.h>
#include <sys/mount.h>
#include <thread>
#include <unistd.h>

namespace ticketbench::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Answers every path by `answer` and remembers the requests.
class Server {
 public:
  using Answer = std::function<void(const httplib::Request&, httplib::Response&)>;
  Server() {
    ::setenv("no_proxy", "127.0.0.1", 1);
    server_.Get(".*", [this](const httplib::Request& request, httplib::Response& response) {
      Answer now;
      {
        const std::lock_guard guard(mutex_);
        ranges_.push_back(request.get_header_value("Range"));
        agent_ = request.get_header_value("User-Agent");
        now = answer_;
      }
      now(request, response);
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::sleep_for(1ms);
  }
  ~Server() {
    closing = true;
    server_.stop();
    thread_.join();
  }
  void answer(Answer answer) {
    const std::lock_guard guard(mutex_);
    answer_ = std::move(answer);
  }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // The Range header of each request so far; "" where there was none.
  std::vector<std::string> ranges() {
    const std::lock_guard guard(mutex_);
    return ranges_;
  }
  std::string agent() {
    const std::lock_guard guard(mutex_);
    return agent_;
  }
  std::atomic<bool> closing = false;

 private:
  httplib::Server server_;
  std::mutex mutex_;
  Answer answer_;
  std::vector<std::string> ranges_;
  std::string agent_;
  int port_ = 0;
  std::thread thread_;
};

// The whole body, or the range that is asked for.
Server::Answer whole(const std::string& body) {
  return [body](const httplib::Request&, httplib::Response& response) {
    response.set_content(body, "application/octet-stream");
  };
}

// Promises `body`, sends `count` bytes of it and drops the connection.
Server::Answer cut_after(const std::string& body, size_t count) {
  return [body, count](const httplib::Request&, httplib::Response& response) {
    response.set_content_provider(body.size(), "application/octet-stream",
                                  [body, count](size_t, size_t, httplib::DataSink& sink) {
                                    sink.write(body.data(), count);
                                    return false;
                                  });
  };
}

// Sends all of `body`, whatever range is asked for.
Server::Answer without_ranges(const std::string& body) {
  return [body](const httplib::Request&, httplib::Response& response) {
    response.status = 200;
    response.set_chunked_content_provider("application/octet-stream",
                                          [body](size_t, httplib::DataSink& sink) {
                                            sink.write(body.data(), body.size());
                                            sink.done();
                                            return true;
                                          });
  };
}

struct Entry {
  std::string path;
  std::string text;
  std::string link = "";  // a symbolic link to it
};

std::string compressed(const std::vector<Entry>& entries, bool tar = true) {
  std::string bytes(1 << 20, '\0');
  size_t used = 0;
  archive* out = archive_write_new();
  archive_write_add_filter_gzip(out);
  archive_write_set_filter_option(out, "gzip", "timestamp", nullptr);
  if (tar) archive_write_set_format_pax_restricted(out);
  if (!tar) archive_write_set_format_raw(out);
  BOOST_REQUIRE(archive_write_open_memory(out, bytes.data(), bytes.size(), &used) == ARCHIVE_OK);
  for (const Entry& entry : entries) {
    archive_entry* e = archive_entry_new();
    archive_entry_set_pathname(e, entry.path.c_str());
    archive_entry_set_perm(e, 0644);
    archive_entry_set_filetype(e, entry.link.empty() ? AE_IFREG : AE_IFLNK);
    if (!entry.link.empty()) archive_entry_set_symlink(e, entry.link.c_str());
    archive_entry_set_size(e, static_cast<int64_t>(entry.text.size()));
    BOOST_REQUIRE(archive_write_header(out, e) == ARCHIVE_OK);
    archive_write_data(out, entry.text.data(), entry.text.size());
    archive_entry_free(e);
  }
  archive_write_close(out);
  archive_write_free(out);
  bytes.resize(used);
  return bytes;
}

// Text that doesn't compress to nothing.
std::string noise(size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += sha256(std::to_string(text.size()));
  return text.substr(0, bytes);
}

DatasetCard card_of(const std::vector<Entry>& entries) {
  DatasetCard card{.name = "toy"};
  for (const Entry& entry : entries)
    card.files.push_back({entry.path, static_cast<int64_t>(entry.text.size()), sha256(entry.text)});
  return card;
}

// A dataset of two files in a tar.gz with a third, a server, a data folder.
struct Toy {
  std::vector<Entry> entries{{"toy/a.bin", noise(30'000)}, {"toy/sub/b.bin", noise(500)}};
  DatasetCard card = card_of(entries);
  std::string archive = compressed({entries[0], entries[1], {"toy/readme.txt", "hello"}});
  TemporaryFolder folder;
  fs::path data = folder / "data";
  fs::path part = data / ".fetch/toy.tar.gz.part";
  Server server;
  FetchOptions options{.data = data, .user_agent = "ticketbench/test"};

  [[nodiscard]] std::vector<Download> downloads(const std::string& promised) const {
    return {{.url = server.url() + "/some/where/toy.tar.gz",
             .bytes = static_cast<int64_t>(promised.size()),
             .sha256 = sha256(promised),
             .unpack = Unpack::archive}};
  }
  bool fetch() { return ticketbench::fetch(card, downloads(archive), options); }
  // The message of what fetch throws; nothing may be in place afterwards.
  template <class Error = std::runtime_error>
  std::string refusal(const std::string& promised) {
    std::string words = "nothing was thrown";
    try {
      ticketbench::fetch(card, downloads(promised), options);
    } catch (const Error& error) {
      words = error.what();
    }
    BOOST_TEST(!fs::exists(data / "toy"));
    return words;
  }
  void check_in_place() const {
    for (const Entry& entry : entries) BOOST_TEST(read_file(data / entry.path) == entry.text);
  }
};

BOOST_AUTO_TEST_SUITE(fetching)

BOOST_AUTO_TEST_CASE(whole_and_then_nothing_to_do) {
  Toy toy;
  toy.server.answer(whole(toy.archive));
  BOOST_TEST(toy.fetch());
  toy.check_in_place();
  BOOST_TEST(read_file(toy.data / "toy/readme.txt") == "hello");
  BOOST_TEST(!fs::exists(toy.data / ".fetch"));
  BOOST_TEST(toy.server.agent() == "ticketbench/test");

  BOOST_TEST(!toy.fetch());
  BOOST_TEST(toy.server.ranges() == std::vector<std::string>{""});
}

BOOST_AUTO_TEST_CASE(files_as_they_are_and_single_compressed_ones) {
  Toy toy;
  const std::string text = noise(2000);
  const std::string gz = compressed({{"anything", text}}, /*tar=*/false);
  toy.server.answer(whole(gz));
  const Download plain{.url = toy.server.url() + "/digits.gz",
                       .bytes = static_cast<int64_t>(gz.size()),
                       .sha256 = sha256(gz),
                       .into = "a/b"};
  BOOST_TEST(fetch(card_of({{"a/b/digits.gz", gz}}), {plain}, toy.options));
  BOOST_TEST(read_file(toy.data / "a/b/digits.gz") == gz);
  Download unpacked = plain;
  unpacked.unpack = Unpack::gz;
  BOOST_TEST(fetch(card_of({{"a/b/digits", text}}), {unpacked}, toy.options));
  BOOST_TEST(read_file(toy.data / "a/b/digits") == text);
  BOOST_TEST(read_file(toy.data / "a/b/digits.gz") == gz);

  // Of two files one is there: only the other is asked for.
  const size_t before = toy.server.ranges().size();
  Download second = plain;
  second.url = toy.server.url() + "/letters.gz";
  const DatasetCard both = card_of({{"a/b/digits.gz", gz}, {"a/b/letters.gz", gz}});
  BOOST_TEST(fetch(both, {plain, second}, toy.options));
  BOOST_TEST(toy.server.ranges().size() == before + 1);
  BOOST_TEST(read_file(toy.data / "a/b/letters.gz") == gz);
}

BOOST_AUTO_TEST_CASE(a_cut_download_goes_on) {
  Toy toy;
  toy.server.answer(cut_after(toy.archive, 5000));
  const std::string words = toy.refusal(toy.archive);
  BOOST_TEST(says(words, toy.server.url() + "/some/where/toy.tar.gz: "), words);
  BOOST_TEST(says(words, "5000 of " + std::to_string(toy.archive.size()) + " bytes are kept"),
             words);
  BOOST_TEST(read_file(toy.part) == toy.archive.substr(0, 5000));

  toy.server.answer(whole(toy.archive));
  BOOST_TEST(toy.fetch());
  toy.check_in_place();
  BOOST_TEST((toy.server.ranges() == std::vector<std::string>{"", "bytes=5000-"}));
}

BOOST_AUTO_TEST_CASE(a_server_without_ranges_sends_all_again) {
  Toy toy;
  toy.server.answer(cut_after(toy.archive, 5000));
  toy.refusal(toy.archive);
  toy.server.answer(without_ranges(toy.archive));
  BOOST_TEST(toy.fetch());
  toy.check_in_place();
  BOOST_TEST(toy.server.ranges().back() == "bytes=5000-");
}

BOOST_AUTO_TEST_CASE(a_whole_download_is_not_asked_for_again) {
  Toy toy;
  fs::create_directories(toy.part.parent_path());
  write_atomically(toy.part, toy.archive);
  BOOST_TEST(toy.fetch());
  toy.check_in_place();
  BOOST_TEST(toy.server.ranges().empty());
}

// One byte differs, in the middle: only the checksum can tell. What is wrong is dropped, so the
// next call begins anew.
BOOST_AUTO_TEST_CASE(a_wrong_checksum) {
  Toy toy;
  std::string altered = toy.archive;
  altered[altered.size() / 2] ^= 1;
  toy.server.answer(whole(altered));
  const std::string words = toy.refusal(toy.archive);
  BOOST_TEST(says(words, "SHA-256 " + sha256(altered) + " found, " + sha256(toy.archive)), words);
  BOOST_TEST(!fs::exists(toy.part));
  toy.server.answer(whole(toy.archive));
  BOOST_TEST(toy.fetch());
  toy.check_in_place();
  BOOST_TEST((toy.server.ranges() == std::vector<std::string>{"", ""}));
}

BOOST_AUTO_TEST_CASE(a_wrong_size) {
  Toy toy;
  const auto size = std::to_string(toy.archive.size());
  toy.server.answer(whole("<html>please log in</html>"));
  std::string words = toy.refusal(toy.archive);
  BOOST_TEST(says(words, "26 bytes found, " + size + " expected"), words);
  BOOST_TEST(!fs::exists(toy.part));
  toy.server.answer(whole(toy.archive + "x"));
  words = toy.refusal(toy.archive);
  BOOST_TEST(says(words, "more than the " + size + " bytes expected"), words);
  BOOST_TEST(!fs::exists(toy.part));  // else the next call would ask for what follows

  // What was kept is longer than what the server has.
  write_atomically(toy.part, toy.archive.substr(0, 5000));
  toy.server.answer(whole("short"));
  words = toy.refusal(toy.archive);
  BOOST_TEST(says(words, "5000 bytes found, " + size + " expected"), words);
  BOOST_TEST(!fs::exists(toy.part));
}

BOOST_AUTO_TEST_CASE(no_such_address) {
  Toy toy;
  toy.server.answer([](const httplib::Request&, httplib::Response& response) {
    response.status = 404;
    response.set_content("gone", "text/plain");
  });
  std::string words = toy.refusal(toy.archive);
  BOOST_TEST(says(words, "/some/where/toy.tar.gz: the server answers 404"), words);
  BOOST_TEST(!fs::exists(toy.part));

  auto nowhere = toy.downloads(toy.archive);
  nowhere[0].url = "http://127.0.0.1:1/toy.tar.gz";
  BOOST_CHECK_EXCEPTION(fetch(toy.card, nowhere, toy.options), std::runtime_error,
                        [](const auto& e) {
                          return says(e.what(), "http://127.0.0.1:1/toy.tar.gz: ") &&
                                 says(e.what(), "connect") && says(e.what(), "nothing was fetched");
                        });
}

BOOST_AUTO_TEST_CASE(redirects_and_mirrors) {
  Toy toy;
  const auto moved = [&](const std::string& to) {
    toy.server.answer([&, to](const httplib::Request& request, httplib::Response& response) {
      if (request.path == "/elsewhere/toy.tar.gz") return whole(toy.archive)(request, response);
      response.set_redirect(to);
    });
  };
  moved("file://" + (toy.folder / "secret").string());
  write_atomically(toy.folder / "secret", toy.archive);
  const std::string words = toy.refusal(toy.archive);
  BOOST_TEST(says(words, "file"), words);
  moved("/elsewhere/toy.tar.gz");
  BOOST_TEST(toy.fetch());
  toy.check_in_place();

  fs::remove_all(toy.data);
  moved("/nowhere");
  toy.options.mirror = toy.server.url() + "/elsewhere";
  BOOST_TEST(toy.fetch());
  toy.check_in_place();
}

BOOST_AUTO_TEST_CASE(entries_that_lead_out_are_refused) {
  const std::pair<Entry, std::string> cases[] = {
      {{"../evil", "x"}, "entry '../evil' is refused: its path leads out of the folder"},
      {{"toy/../../evil", "x"}, "its path leads out of the folder"},
      {{"/evil", "x"}, "its path leads out of the folder"},
      {{"toy/evil", "", "/etc"}, "entry 'toy/evil' is refused: a file or a folder expected"},
  };
  for (const auto& [entry, reason] : cases) {
    BOOST_TEST_CONTEXT(entry.path) {
      Toy toy;
      // Sound in size and checksum, and the dataset's files are in it.
      const std::string archive = compressed({toy.entries[0], toy.entries[1], entry});
      toy.server.answer(whole(archive));
      const std::string words = toy.refusal(archive);
      BOOST_TEST(says(words, reason), words);
      for (const auto& found : fs::recursive_directory_iterator(toy.folder.path))
        BOOST_TEST(found.path().filename() != "evil");
    }
  }
}

BOOST_AUTO_TEST_CASE(not_an_archive_and_not_this_dataset) {
  Toy toy;
  const std::string text = noise(3000);
  toy.server.answer(whole(text));
  std::string words = toy.refusal(text);
  BOOST_TEST(says(words, "can't unpack toy.tar.gz: "), words);

  fs::remove_all(toy.data);
  const std::string other = compressed({toy.entries[0], {"toy/sub/b.bin", noise(499)}});
  toy.server.answer(whole(other));
  words = toy.refusal(other);
  BOOST_TEST(says(words, "sub/b.bin: 499 bytes found, 500 expected"), words);
}

BOOST_AUTO_TEST_CASE(what_is_there_is_never_replaced) {
  Toy toy;
  toy.server.answer(whole(toy.archive));
  fs::create_directories(toy.data / "toy");
  std::ofstream(toy.data / "toy/a.bin") << "mine";
  std::ofstream(toy.data / "toy/readme.txt") << "my notes";
  BOOST_CHECK_EXCEPTION(toy.fetch(), std::runtime_error, [](const auto& e) {
    return says(e.what(),
                "toy/a.bin: 4 bytes found, 30000 expected; nothing was fetched: move it away");
  });
  BOOST_TEST(read_file(toy.data / "toy/a.bin") == "mine");
  BOOST_TEST(toy.server.ranges().empty());

  // A right one stays, the missing one comes.
  std::ofstream(toy.data / "toy/a.bin") << toy.entries[0].text;
  const auto before = fs::last_write_time(toy.data / "toy/a.bin");
  BOOST_TEST(toy.fetch());
  toy.check_in_place();
  BOOST_TEST((fs::last_write_time(toy.data / "toy/a.bin") == before));
  BOOST_TEST(read_file(toy.data / "toy/readme.txt") == "my notes");
}

// A card without a list of files is judged by its own reading of the folder.
BOOST_AUTO_TEST_CASE(a_folder_of_images) {
  Toy toy;
  toy.card = {.name = "toy", .folder = "toy", .load = [](const DatasetCard&, const fs::path& data) {
                if (read_file(data / "toy/labels.txt") != "cat")
                  throw std::invalid_argument("labels.txt: cat expected");
                return Dataset{};
              }};
  toy.archive = compressed({{"toy/labels.txt", "dog"}});
  toy.server.answer(whole(toy.archive));
  const std::string words = toy.refusal(toy.archive);
  BOOST_TEST(says(words, "labels.txt: cat expected"), words);

  toy.archive = compressed({{"toy/labels.txt", "cat"}});
  toy.server.answer(whole(toy.archive));
  fs::remove_all(toy.data);
  BOOST_TEST(toy.fetch());
  BOOST_TEST(read_file(toy.data / "toy/labels.txt") == "cat");
  BOOST_TEST(!toy.fetch());
  BOOST_TEST(toy.server.ranges().size() == 2);
  std::ofstream(toy.data / "toy/labels.txt") << "mouse";
  BOOST_CHECK_EXCEPTION(toy.fetch(), std::runtime_error,
                        [](const auto& e) { return says(e.what(), "cat expected; nothing was"); });
  BOOST_TEST(toy.server.ranges().size() == 2);
}

BOOST_AUTO_TEST_CASE(stopped_and_locked) {
  Toy toy;
  toy.server.answer(whole(toy.archive));
  std::string doing;
  toy.options.progress = [&](const std::string& now, int64_t, int64_t) { doing = now; };
  for (const std::string stop : {"fetching", "checking", "unpacking"}) {
    toy.options.interrupted = [&] { return doing.starts_with(stop); };
    const std::string words = toy.refusal<TryAgain>(toy.archive);
    BOOST_TEST(says(words, "the same command goes on"), stop << ": " << words);
  }
  toy.options.interrupted = [] { return false; };
  BOOST_TEST(toy.fetch());
  toy.check_in_place();

  fs::remove_all(toy.data);
  fs::create_directories(toy.data / ".fetch");
  const int lock = open((toy.data / ".fetch/lock").c_str(), O_RDWR | O_CREAT, 0644);
  BOOST_REQUIRE(flock(lock, LOCK_EX | LOCK_NB) == 0);
  BOOST_CHECK_EXCEPTION(toy.fetch(), TryAgain, [](const auto& e) {
    return says(e.what(), "another process is fetching into");
  });
  close(lock);
  BOOST_TEST(toy.fetch());
}

BOOST_AUTO_TEST_CASE(mistakes_in_a_manifest) {
  const std::string good =
      R"({"toy": {"downloads": [{"url": "https://a.b/c/t.zip", "bytes": 5, "sha256": ")" +
      std::string(64, 'a') + R"(", "unpack": "archive", "into": "x/y"}]}})";
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    BOOST_REQUIRE(says(text, from));
    return text.replace(text.find(from), from.size(), to);
  };
  const TemporaryFolder folder;
  const auto read = [&](const std::string& text) {
    std::ofstream(folder / "m.json") << text;
    return read_manifest(folder / "m.json");
  };
  const Download toy = read(good).at("toy").downloads.at(0);
  BOOST_TEST(toy.file() == "t.zip");
  BOOST_TEST(toy.bytes == 5);
  BOOST_TEST((toy.unpack == Unpack::archive && toy.into == "x/y"));

  const std::string at = "/toy/downloads/0";
  const std::tuple<std::string, std::string, std::string, std::string> cases[] = {
      {"https:", "ftp:", at + "/url", "an http or https address that ends in a file's name"},
      {"t.zip", "", at + "/url", "an http or https address"},
      {"t.zip", "..", at + "/url", "an http or https address"},
      {"5", "0", at + "/bytes", "0"},
      {"aaaa", "AAAA", at + "/sha256", "64 lower-case hexadecimal digits"},
      {"archive", "rar", at + "/unpack", "rar"},
      {"x/y", "../y", at + "/into", "such as MNIST/raw"},
      {"x/y", "/x", at + "/into", "such as MNIST/raw"},
      {"bytes", "byte", at, "byte"},
      {"downloads", "download", "/toy", "download"},
      {"{\"toy\": {", "{\"toy\": {\"by_hand\": \"x\", ", "/toy",
       "either \"downloads\" or \"by_hand\""},
  };
  for (const auto& [from, to, pointer, words] : cases) {
    BOOST_TEST_CONTEXT(from << " -> " << to) {
      BOOST_CHECK_EXCEPTION(read(with(from, to)), std::invalid_argument, [&](const auto& e) {
        return says(e.what(), "m.json: " + pointer) && says(e.what(), words);
      });
    }
  }
}

// Whatever is read from files can be fetched, or says how to get it.
BOOST_AUTO_TEST_CASE(every_dataset_has_a_source) {
  const auto sources = read_manifest("suites/datasets.json");
  for (const std::string& name : Registry<DatasetCard>::instance().names()) {
    if (!find_dataset(name).files.empty()) BOOST_TEST(sources.contains(name), name);
  }
  for (const auto& [name, source] : sources)
    BOOST_TEST(Registry<DatasetCard>::instance().contains(name), name);
}

// --- the command ---------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(command_mistakes) {
  const TemporaryFolder folder;
  const std::string data = (folder / "data").string();
  const auto refused = [](const std::vector<std::string>& arguments, const std::string& words) {
    const Ended ended = run(arguments);
    BOOST_TEST(ended.code == 2);
    BOOST_TEST(ended.out == "");
    BOOST_TEST(std::count(ended.err.begin(), ended.err.end(), '\n') == 1, ended.err);
    BOOST_TEST(says(ended.err, words), ended.err);
  };
  refused({"data", "fetch", "cifar11", "--data", data}, "did you mean 'cifar10");
  refused({"data", "fetch", "cifar10"}, "--data is required");
  refused({"data", "fetch", "--data", data}, "names is required");
  refused({"data", "fetch", "imagenet", "--data", data}, "https://image-net.org");
  refused({"data", "fetch", "cifar10", "imagenet", "--data", data}, "imagenet can't be fetched");
  refused({"data", "fetch", "cifar10", "--data", data, "--mirror", "ftp://x/y"},
          "--mirror ftp://x/y: expected the http or https address");
  refused({"data", "fetch", "cifar10", "--data", "/proc/ticketbench"},
          "--data /proc/ticketbench: can't write there");
  BOOST_TEST(!fs::exists(data));
  BOOST_TEST(says(run({"data", "fetch", "synthetic", "--data", data}).out, "nothing to fetch"));

  const std::string list = run({"data", "list"}).out;
  BOOST_TEST(says(list, "DIR/cifar-10-batches-bin/data_batch_1.bin  30730000 bytes"), list);
  BOOST_TEST(says(list, "'data fetch cifar10' takes 170 MB from https://www.cs.toronto.edu/~kriz/"),
             list);
  BOOST_TEST(says(list, "by hand: "), list);
  // The manifest lies among the suites and isn't one.
  BOOST_TEST(!says(run({"list", "suites"}).out, "datasets"));
}

BOOST_AUTO_TEST_CASE(command_without_luck) {
  Server server;
  const TemporaryFolder folder;
  const auto fetch_into = [&](const std::string& data, long file_limit_bytes = 0) {
    return run({"data", "fetch", "mnist", "--data", data, "--mirror", server.url() + "/m/"},
               file_limit_bytes);
  };
  const std::string data = (folder / "data").string();
  server.answer([](const httplib::Request&, httplib::Response& r) { r.status = 404; });
  const Ended gone = fetch_into(data);
  BOOST_TEST(gone.code == 1);
  BOOST_TEST(says(gone.err, server.url() + "/m/train-images-idx3-ubyte.gz: the server answers 404"),
             gone.err);

  // No file may grow past 100 kB.
  server.answer(whole(noise(9'912'422)));
  const Ended limited = fetch_into(data, 100'000);
  BOOST_TEST(limited.code == 1);
  BOOST_TEST(says(limited.err, "File too large"), limited.err);
  BOOST_TEST(says(limited.err, "the same command goes on"), limited.err);

  // A really small disk, where this process may make one.
  const std::string disk = (folder / "disk").string();
  fs::create_directory(disk);
  if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=256k") == 0) {
    const Ended full = fetch_into(disk);
    umount(disk.c_str());
    BOOST_TEST(full.code == 1);
    BOOST_TEST(says(full.err, "0 MB free"), full.err);
  }
}

// A signal saves what has come; the next call asks for what is missing.
BOOST_AUTO_TEST_CASE(command_stopped_by_a_signal) {
  Server server;
  server.answer([&](const httplib::Request&, httplib::Response& response) {
    response.set_content_provider(9'912'422, "application/octet-stream",
                                  [&](size_t, size_t, httplib::DataSink& sink) {
                                    std::this_thread::sleep_for(20ms);
                                    sink.write(noise(1000).data(), 1000);
                                    return !server.closing;
                                  });
  });
  const TemporaryFolder folder;
  const fs::path part = folder / ".fetch/train-images-idx3-ubyte.gz.part";
  uintmax_t kept = 0;
  for (const int signal : {SIGINT, SIGTERM}) {
    const pid_t pid =
        begin({"data", "fetch", "mnist", "--data", folder.path.string(), "--mirror", server.url()},
              folder.path);
    for (int i = 0; i < 3000 && (!fs::exists(part) || fs::file_size(part) <= kept); ++i)
      std::this_thread::sleep_for(10ms);
    kill(pid, signal);
    const Ended ended = wait_for(pid, folder.path);
    BOOST_TEST(ended.code == 75);
    BOOST_TEST(says(ended.err, "bytes are kept, the same command goes on"), ended.err);
    BOOST_TEST(server.ranges().back() == (kept == 0 ? "" : "bytes=" + std::to_string(kept) + "-"));
    BOOST_REQUIRE(fs::file_size(part) > kept);
    kept = fs::file_size(part);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench::test
