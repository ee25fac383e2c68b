#include "core/files.hpp"

#include "core/sha256.hpp"
#include "core/tests/support.hpp"

#include <csignal>
#include <fstream>
#include <sys/resource.h>

namespace ticketbench {
namespace {

using testing::error_of;
using testing::says;
using testing::TemporaryFolder;

size_t entries(const TemporaryFolder& folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder.path()), {}));
}

/// Files of this process can't grow beyond `bytes` while it lives: a disk that is full.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

BOOST_AUTO_TEST_SUITE(files)

// Bytes that text mode, C strings or line endings would change; shorter than before, so that a
// missing truncation leaves an old tail.
BOOST_AUTO_TEST_CASE(what_is_written_is_read) {
  const TemporaryFolder folder;
  const std::string first(100'000, 'x');
  const std::string second("a\0b\r\n\xff", 6);
  for (const std::string& bytes : {first, second, std::string()}) {
    write_atomically(folder / "file", bytes);
    BOOST_TEST((read_file(folder / "file") == bytes));
    BOOST_TEST(entries(folder) == 1);
  }
}

// The message must name the path asked for, not the temporary one, and the system's reason.
BOOST_AUTO_TEST_CASE(a_missing_folder_is_named) {
  const TemporaryFolder folder;
  const auto path = folder / "missing" / "file";
  BOOST_TEST(says(error_of<std::runtime_error>([&] { write_atomically(path, "x"); }),
                  {path.string() + ":", "No such file or directory"}));
  BOOST_TEST(says(error_of<std::runtime_error>([&] { (void)read_file(path); }),
                  {path.string() + ":", "No such file or directory"}));
}

BOOST_AUTO_TEST_CASE(a_folder_is_no_file) {
  const TemporaryFolder folder;
  BOOST_TEST(says(error_of<std::runtime_error>([&] { (void)read_file(folder.path()); }),
                  {folder.path().string() + ":", "directory"}));
  std::filesystem::create_directory(folder / "taken");
  BOOST_TEST(says(error_of<std::runtime_error>([&] { write_atomically(folder / "taken", "x"); }),
                  {(folder / "taken").string() + ":", "directory"}));
  BOOST_TEST(entries(folder) == 1);
}

// The first part of the content fits: an implementation that writes in place, or that doesn't look
// at the stream after closing it, leaves a file of 4,096 bytes.
BOOST_AUTO_TEST_CASE(a_full_disk_leaves_the_old_file) {
  const TemporaryFolder folder;
  const auto path = folder / "file";
  write_atomically(path, "old");
  const std::string big(1 << 20, 'x');
  std::string message;
  {
    const SizeLimit limit(4096);
    message = error_of<std::runtime_error>([&] { write_atomically(path, big); });
  }
  BOOST_TEST(says(message, {path.string() + ":", "File too large"}));
  BOOST_TEST(read_file(path) == "old");
  BOOST_TEST(entries(folder) == 1);
}

// Smaller than any buffer: only the flush at closing meets the error.
BOOST_AUTO_TEST_CASE(an_error_at_closing_is_seen) {
  const TemporaryFolder folder;
  const auto path = folder / "file";
  write_atomically(path, "old");
  std::string message;
  {
    const SizeLimit limit(1);
    message = error_of<std::runtime_error>([&] { write_atomically(path, "new content"); });
  }
  BOOST_TEST(says(message, {path.string() + ":"}));
  BOOST_TEST(read_file(path) == "old");
  BOOST_TEST(entries(folder) == 1);
}

// Half is written when the writer gives up.
BOOST_AUTO_TEST_CASE(an_error_of_the_writer_leaves_the_old_file) {
  const TemporaryFolder folder;
  const auto path = folder / "file";
  write_atomically(path, "old");
  const auto half = [&] {
    write_atomically(path, [](std::ostream& out) {
      out << "half" << std::flush;
      throw std::logic_error("the writer's own");
    });
  };
  BOOST_TEST(error_of<std::logic_error>(half) == "the writer's own");
  BOOST_TEST(read_file(path) == "old");
  BOOST_TEST(entries(folder) == 1);
}

// A reader that holds the old file goes on seeing all of it: the name moves, the bytes don't.
BOOST_AUTO_TEST_CASE(a_reader_keeps_the_old_file) {
  const TemporaryFolder folder;
  const auto path = folder / "file";
  write_atomically(path, "old content");
  std::ifstream reader(path);
  write_atomically(path, "new");
  std::string text;
  std::getline(reader, text);
  BOOST_TEST(text == "old content");
}

BOOST_AUTO_TEST_CASE(a_relative_path_without_a_folder) {
  const TemporaryFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  write_atomically("here", "x");
  std::filesystem::current_path(before);
  BOOST_TEST(read_file(folder / "here") == "x");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(sha_256)

// FIPS 180-2, appendix B, and the empty text: one block, two blocks (56 bytes don't leave room for
// the length), and a million bytes.
BOOST_AUTO_TEST_CASE(known_answers) {
  BOOST_TEST(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  BOOST_TEST(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  BOOST_TEST(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
             "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  BOOST_TEST(sha256(std::string(1'000'000, 'a')) ==
             "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Pieces, one of them with a zero byte in the middle, give what the whole gives.
BOOST_AUTO_TEST_CASE(pieces_make_the_whole) {
  const std::string whole("a\0bc", 4);
  Sha256 hash;
  hash.update(std::string_view(whole).substr(0, 1));
  hash.update("");
  hash.update(std::string_view(whole).substr(1));
  BOOST_TEST(hash.hex() == sha256(whole));
  BOOST_TEST(sha256(whole) != sha256("a"));
}

// "abc" begins with the bytes ba 78: high half first, and a byte under 16 keeps its zero.
BOOST_AUTO_TEST_CASE(the_digest_is_the_raw_form) {
  Sha256 hash;
  hash.update("abc");
  const std::string digest = hash.digest();
  BOOST_REQUIRE(digest.size() == 32);
  BOOST_TEST(static_cast<unsigned char>(digest[0]) == 0xba);
  BOOST_TEST(static_cast<unsigned char>(digest[31]) == 0xad);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
