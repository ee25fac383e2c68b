// Restart by replay, at full length: a process that is killed again and again ends with the same
// bytes as one that never was. A generator in the wrong state, a momentum or norm statistic left
// out of what is stored, an epoch's sums begun anew, a best epoch forgotten, a mask rounded or a
// file half written would all show in the results.

#include "cli/tests/program.hpp"
#include "core/streams.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <optional>
#include <thread>

namespace ticketbench::test {
namespace {

const nlohmann::json kRuns = {
    {{"name", "dense"}, {"method", "dense"}},
    {{"name", "imp"}, {"method", "imp"}, {"levels", 3}, {"rate", 0.5}, {"rewind", "4it"}},
    {{"name", "snip"}, {"method", "snip"}, {"density", 0.3}},
    {{"name", "shuffled"}, {"method", "imp_shuffled"}, {"source", {{"run", "imp"}, {"level", 2}}}}};

std::vector<std::string> command(const std::filesystem::path& suite,
                                 const std::filesystem::path& results) {
  return {"run", suite.string(), "--results", results.string(), "--threads",
          "1",   "--save-every", "0.02s"};
}

// When a training was last saved half done; absent: none lies there.
std::optional<std::filesystem::file_time_type> last_save(const std::filesystem::path& results) {
  std::optional<std::filesystem::file_time_type> last;
  std::error_code ignored;  // files come and go while they are looked at
  auto file = std::filesystem::recursive_directory_iterator(results, ignored);
  for (; !ignored && file != std::filesystem::recursive_directory_iterator();
       file.increment(ignored)) {
    if (file->path().filename() != "unfinished.safetensors") continue;
    const auto time = file->last_write_time(ignored);
    if (!ignored && (!last || time > *last)) last = time;
  }
  return last;
}

// Until something is saved after `start`; not for ever, for the process may have ended before.
void wait_for_save(const std::filesystem::path& results,
                   std::filesystem::file_time_type start = std::filesystem::file_time_type::min()) {
  for (int i = 0; i < 1000; ++i) {
    if (const auto saved = last_save(results); saved && *saved > start) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void check_same_results(const std::filesystem::path& a, const std::filesystem::path& b) {
  const auto first = records(a);
  const auto second = records(b);
  BOOST_TEST(first.size() == kRuns.size());
  BOOST_REQUIRE(first.size() == second.size());
  for (const auto& [name, record] : first) {
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(record.at("status") == second.at(name).at("status"));
      BOOST_TEST(record.at("results").dump() == second.at(name).at("results").dump());
    }
  }
}

BOOST_AUTO_TEST_CASE(killed_twenty_times_gives_the_same_bytes) {
  const TemporaryFolder folder;
  const auto suite = write_suite(folder.path, kRuns, "6ep");
  BOOST_REQUIRE_EQUAL(run(command(suite, folder / "calm")).code, 0);

  Rng rng = Stream(20, "kill").at(0);
  int kills = 0;
  int in_training = 0;  // kills that left an interrupted training behind
  while (kills < 20) {
    const auto start = std::filesystem::file_time_type::clock::now();
    const pid_t pid = begin(command(suite, folder / "killed"), folder.path);
    // Most kills hit a training that goes on, one in four the start of a life as well.
    if (kills % 4 == 3) {
      std::this_thread::sleep_for(std::chrono::milliseconds(rng.below(3000)));
    } else {
      wait_for_save(folder / "killed", start);
      std::this_thread::sleep_for(std::chrono::milliseconds(rng.below(700)));
    }
    kill(pid, SIGKILL);
    const Ended ended = wait_for(pid, folder.path);
    if (ended.code != -SIGKILL) {  // it was faster: begin again, so that twenty kills hit something
      BOOST_REQUIRE_EQUAL(ended.code, 0);
      check_same_results(folder / "calm", folder / "killed");
      std::filesystem::remove_all(folder / "killed");
      continue;
    }
    ++kills;
    if (const auto saved = last_save(folder / "killed"); saved && *saved > start) ++in_training;
  }
  BOOST_REQUIRE_EQUAL(run(command(suite, folder / "killed")).code, 0);
  BOOST_TEST_MESSAGE(in_training << " of 20 kills after a save of the same life");
  BOOST_TEST(in_training >= 10);
  check_same_results(folder / "calm", folder / "killed");
}

BOOST_AUTO_TEST_CASE(a_signal_saves_and_exits_75) {
  const TemporaryFolder folder;
  const auto suite = write_suite(folder.path, kRuns, "6ep");
  BOOST_REQUIRE_EQUAL(run(command(suite, folder / "calm")).code, 0);
  for (const int signal : {SIGTERM, SIGINT}) {
    std::filesystem::remove_all(folder / "stopped");
    const pid_t pid = begin(command(suite, folder / "stopped"), folder.path);
    wait_for_save(folder / "stopped");
    kill(pid, signal);
    const Ended ended = wait_for(pid, folder.path);
    BOOST_TEST(ended.code == 75);
    BOOST_TEST(ended.out.find("the same command goes on") != std::string::npos);
    BOOST_TEST(run(command(suite, folder / "stopped")).code == 0);
    int64_t resumed = 0;
    for (const auto& [name, record] : records(folder / "stopped"))
      resumed += record.at("provenance").at("resume_count").get<int64_t>();
    BOOST_TEST(resumed == 1);
    check_same_results(folder / "calm", folder / "stopped");
  }
}

}  // namespace
}  // namespace ticketbench::test
