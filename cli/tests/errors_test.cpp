// Every mistake a user can make is said with what was found, what is allowed and where, and ends in
// the right exit code.

#include "cli/tests/program.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/file.h>
#include <sys/mount.h>
#include <unistd.h>

namespace ticketbench::test {
namespace {

using nlohmann::json;

const json kDense = {{"name", "dense"}, {"method", "dense"}};

// One line on stderr with all of `parts`, exit code 2, nothing written.
void check_refused(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& parts) {
  const Ended ended = run(arguments);
  BOOST_TEST_CONTEXT("stderr: " << ended.err) {
    BOOST_TEST(ended.code == 2);
    BOOST_TEST(ended.out == "");
    BOOST_TEST(std::count(ended.err.begin(), ended.err.end(), '\n') == 1);
    for (const std::string& part : parts)
      BOOST_TEST(ended.err.find(part) != std::string::npos, "missing: " << part);
  }
}

struct BadSuite {
  const char* what;
  json runs;
  std::vector<std::string> parts;
};

BOOST_AUTO_TEST_CASE(bad_suites) {
  const BadSuite cases[] = {
      {"unknown method",
       json::array({{{"name", "a"}, {"method", "snipp"}}}),
       {"suite.json", "/runs/0/method", "'snipp'", "did you mean 'snip'"}},
      {"misspelt field",
       json::array({{{"name", "a"}, {"method", "snip"}, {"densty", 0.1}}}),
       {"/runs/0/densty", "did you mean 'density'"}},
      {"out of range",
       json::array({{{"name", "a"}, {"method", "snip"}, {"density", 1.5}}}),
       {"/runs/0/density", "1.5", "[0, 1]"}},
      {"wrong type",
       json::array({{{"name", "a"}, {"method", "snip"}, {"density", "half"}}}),
       {"/runs/0/density", "\"half\"", "a number"}},
      {"bad duration",
       json::array({{{"name", "a"}, {"method", "imp"}, {"rewind", "3 weeks"}}}),
       {"/runs/0/rewind", "3 weeks", "1000it"}},
      {"no source",
       json::array({{{"name", "a"}, {"method", "magnitude_one_shot"}}}),
       {"/runs/0", "\"source\""}},
      {"source of a method without",
       {kDense, {{"name", "b"}, {"method", "snip"}, {"source", {{"run", "dense"}}}}},
       {"/runs/1/source", "no source"}},
      {"unknown source",
       {kDense, {{"name", "b"}, {"method", "magnitude_one_shot"}, {"source", {{"run", "dens"}}}}},
       {"/runs/1/source/run", "did you mean 'dense'"}},
      {"level that isn't there",
       {kDense,
        {{"name", "b"}, {"method", "imp_reinit"}, {"source", {{"run", "dense"}, {"level", 4}}}}},
       {"/runs/1/source/level", "4 found", "levels 0"}},
      {"same name twice", json::array({kDense, kDense}), {"/runs/1/name", "'dense'"}},
      {"unknown model",
       json::array({{{"name", "a"}, {"method", "dense"}, {"harness", {{"model", "resnet9"}}}}}),
       {"model 'resnet9'", "did you mean"}},
      {"unknown dataset",
       json::array({{{"name", "a"}, {"method", "dense"}, {"harness", {{"dataset", "cifar11"}}}}}),
       {"dataset 'cifar11'", "did you mean"}},
      {"unknown recipe",
       json::array({{{"name", "a"}, {"method", "dense"}, {"harness", {{"recipe", "few_step"}}}}}),
       {"recipe 'few_step'", "did you mean 'few_steps'"}},
      {"cycle",
       {{{"name", "a"}, {"method", "imp_reinit"}, {"source", {{"run", "b"}}}},
        {{"name", "b"}, {"method", "imp_reinit"}, {"source", {{"run", "a"}}}}},
       {"cycle: a -> b -> a"}},
      {"no runs", json::array(), {"/runs"}},
  };
  for (const BadSuite& bad : cases) {
    BOOST_TEST_CONTEXT(bad.what) {
      const TemporaryFolder folder;
      const auto suite = write_suite(folder.path, bad.runs);
      check_refused({"run", suite.string(), "--results", (folder / "results").string()}, bad.parts);
      BOOST_TEST(!std::filesystem::exists(folder / "results"));
    }
  }
}

BOOST_AUTO_TEST_CASE(broken_json_is_said_with_line_and_column) {
  const TemporaryFolder folder;
  std::ofstream(folder / "suite.json") << "{\n  \"title\": \"x\",\n  \"runs\": [1,]\n}\n";
  check_refused({"plan", (folder / "suite.json").string()}, {"suite.json:3:14: "});
}

BOOST_AUTO_TEST_CASE(bad_flags) {
  const TemporaryFolder folder;
  const std::string suite = write_suite(folder.path, json::array({kDense})).string();
  check_refused({"run"}, {"suites is required", "ticketbench run --help"});
  check_refused({"run", suite, "--seed", "3"}, {"--seed", "did you mean '--seeds'"});
  check_refused({"plan", folder.path.string()}, {"a folder found, a suite file expected"});
  check_refused({"plan", (folder / "recipes/few_steps.json").string()},
                {"a recipe found, a suite expected"});
  check_refused({"ticket", "inspect", (folder / "no.safetensors").string()},
                {"no such ticket file"});
  check_refused({"rum"}, {"rum"});
  check_refused({"run", "nowhere.json"}, {"nowhere.json", "no such file"});
  check_refused({"run", "quik"}, {"quik", "did you mean 'quick'"});
  check_refused({"run", suite, "--seeds", "3..1"}, {"--seeds 3..1", "1..5"});
  check_refused({"run", suite, "--only", "ffffffff"}, {"--only ffffffff", "ticketbench plan"});
  check_refused({"run", suite, "--shard", "3/2"}, {"--shard 3/2", "1 <= I <= N"});
  check_refused({"run", suite, "--set", "/runs/dens/density=1"},
                {"/runs/dens", "did you mean 'dense'"});
  check_refused({"run", suite, "--set", "density"}, {"POINTER=VALUE"});
  check_refused({"run", suite, "--timeout", "soon"}, {"--timeout soon", "30m"});
  check_refused({"run", suite, "--keep", "some"}, {"--keep", "last"});
  check_refused({"run", suite, "--jobs", "0"}, {"--jobs", "1"});
  check_refused({"run", suite, "--save-every", "often"}, {"--save-every often", "30m"});
  check_refused({"run", suite, "--seeds", "one"}, {"--seeds one", "1..5"});
  check_refused({"run", suite, "--shard", "half"}, {"--shard half", "1/4"});
  check_refused({"run", suite, "--set", "/runs/dense/source/level=2"},
                {"run 'dense' has no \"source\""});
  check_refused({"collect", (folder / "nothing").string()}, {"nothing", "not a folder"});
  check_refused({"clean", "--results", (folder / "nothing").string()}, {"nothing", "not a folder"});
  check_refused({"data", "verify", "cifar11", "--data", folder.path.string()},
                {"cifar11", "did you mean 'cifar10"});
  check_refused({"run", suite, "--device", "tpu"}, {"--device tpu", "cpu or cuda"});
  check_refused({"run", suite, "--plugin", "nothing.so"}, {"--plugin nothing.so"});
  check_refused({"describe", "snipp"}, {"snipp", "did you mean 'snip'"});
  check_refused({"leaderboard", (folder / "nothing").string()}, {"nothing"});
  check_refused({"reproduce"}, {"PAPER/TABLE", "--all"});
  check_refused({"reproduce", "--all", "--format", "latex"}, {"LaTeX", "one table"});
  check_refused({"reproduce", "--all", "structure_lth/table_a3"},
                {"structure_lth/table_a3", "--all"});
  check_refused({"reproduce", "table_a3"}, {"'table_a3'", "PAPER/TABLE", "list tables"});
  check_refused({"reproduce", "structur_lth/table_a3"}, {"did you mean 'structure_lth'"});
  check_refused({"reproduce", "structure_lth/table_9"}, {"table_9", "table_a3"});
  check_refused({"reproduce", "structure_lth/table_a3", (folder / "nothing").string()},
                {"nothing"});
  check_refused({"probe"}, {"nothing to time", "--ticket"});
  check_refused({"probe", "--model", "resnet21"}, {"resnet21", "did you mean"});
  check_refused({"probe", "--ticket", "nothing.safetensors"}, {"nothing.safetensors", "no such"});
  check_refused({"probe", "--tickets", folder.path.string()}, {"no ticket_LEVEL.safetensors"});
  check_refused({"probe", "--shape", "1,2,3"}, {"--shape"});
  check_refused({"probe", "--shape", "8,6,6,16,9,1,0"}, {"the padded height"});
  check_refused({"probe", "resnet21"}, {"resnet21: no such file", "quick"});
  check_refused({"probe", "--model", "resnet8", "--filter", "("}, {"--filter (", "regular"});
  check_refused({"describe", "quick", "papers/nothing"}, {"papers/nothing"});
  check_refused({"report", "abc", "--results", folder.path.string()}, {"abc", "expected one"});
  check_refused({"ticket", "inspect", suite}, {suite, "not a sound safetensors file"});
}

// In a recipe as in a suite: the file, the place, what is allowed.
BOOST_AUTO_TEST_CASE(bad_recipes) {
  const TemporaryFolder folder;
  const std::string suite = write_suite(folder.path, json::array({kDense})).string();
  const auto file = folder / "recipes/few_steps.json";
  json good;
  std::ifstream(file) >> good;
  const auto changed = [&](const char* pointer, const json& value) {
    json bad = good;
    bad[json::json_pointer(pointer)] = value;
    std::ofstream(file) << bad.dump(1);
  };
  changed("/label_smoothin", 0.1);
  check_refused({"plan", suite}, {"few_steps.json", "did you mean 'label_smoothing'"});
  changed("/phases/train/optimizer/learning_rate", -1);
  check_refused({"plan", suite}, {"few_steps.json", "/phases/train/optimizer/learning_rate: -1"});
  changed("/phases/train/length", "0ep");
  check_refused({"plan", suite}, {"few_steps.json", "/phases/train/length: \"0ep\" found"});
  changed("/phases/train/length", "1e300ep");
  check_refused({"plan", suite}, {"few_steps.json", "/phases/train/length", "1e300ep"});
  changed("/phases/train/schedule/warmup", "4ep");
  check_refused({"plan", suite}, {"/phases/train/schedule/warmup: \"4ep\" found", "\"3ep\""});
  changed("/selection", "best_test");
  check_refused({"plan", suite}, {"/selection: \"best_test\" found", "papers/"});
  changed("/selection", "best_val");
  check_refused({"plan", suite}, {"/selection", "/validation_examples is 0"});
  std::ofstream(file) << "{\n  \"title\": }\n";
  check_refused({"plan", suite}, {"few_steps.json:2:"});
}

// One that is broken is named and hides no other; the board is printed, the exit code tells.
BOOST_AUTO_TEST_CASE(a_broken_record) {
  const TemporaryFolder folder;
  const std::string suite = write_suite(folder.path, json::array({kDense})).string();
  const std::string results = (folder / "results").string();
  BOOST_REQUIRE(run({"run", suite, "--results", results}).code == 0);
  json newer = records(results).at("dense");
  std::filesystem::create_directory(folder / "results/broken");
  std::ofstream(folder / "results/broken/record.json") << "{\"schema\": ";
  const Ended board = run({"leaderboard", results});
  BOOST_TEST(board.code == 1);
  BOOST_TEST(board.err.find("broken/record.json:1:") != std::string::npos, board.err);
  BOOST_TEST(board.out.find("dense") != std::string::npos);
  check_refused({"leaderboard", results, "--output", "/proc/ticketbench/board.txt"},
                {"--output /proc/ticketbench/board.txt: can't write there"});

  // A record of a newer program is neither read nor replaced.
  const auto file = folder / "results" / newer.at("hash").get<std::string>() / "record.json";
  newer["schema_version"] = 99;
  std::ofstream(file) << newer.dump();
  const Ended ended = run({"run", suite, "--results", results});
  BOOST_TEST(ended.code == 2);
  BOOST_TEST(ended.err.find("found version 99") != std::string::npos, ended.err);
  json after;
  std::ifstream(file) >> after;
  BOOST_TEST(after == newer);
}

BOOST_AUTO_TEST_CASE(no_gpu_is_one_line) {
  const TemporaryFolder folder;
  const std::string suite = write_suite(folder.path, json::array({kDense})).string();
  if (access("/dev/nvidiactl", F_OK) == 0) return;
  check_refused({"run", suite, "--device", "cuda", "--results", (folder / "results").string()},
                {"--device cuda"});
  check_refused({"probe", "--shape", "4,8,8,4,3,1,1", "--device", "cuda"}, {"--device cuda"});

  // A run that requires one is skipped, with the reason in its record.
  const std::string needs =
      write_suite(folder.path,
                  {{{"name", "dense"}, {"method", "dense"}, {"requires", {{"device", "cuda"}}}}})
          .string();
  const Ended ended = run({"run", needs, "--results", (folder / "results").string()});
  BOOST_TEST(ended.code == 0);
  BOOST_TEST(ended.out.find("1 skipped") != std::string::npos);
  const json record = records(folder / "results").at("dense");
  BOOST_TEST(record.at("status") == "skipped");
  BOOST_TEST(record.at("reason").get<std::string>().find("requires a GPU") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(data_that_is_not_there) {
  const TemporaryFolder folder;
  const std::string suite =
      write_suite(folder.path,
                  {{{"name", "dense"}, {"method", "dense"}, {"harness", {{"dataset", "cifar10"}}}}})
          .string();
  const std::string results = (folder / "results").string();
  const Ended ended = run({"run", suite, "--results", results});
  BOOST_TEST(ended.code == 0);
  BOOST_TEST(ended.err.find(
                 "skipped: cifar10 has to be there: give the folder that holds it with --data") !=
                 std::string::npos,
             ended.err);

  check_refused({"run", suite, "--results", results, "--data", folder.path.string()},
                {"cifar-10-batches-bin/data_batch_1.bin", "missing", "30730000 bytes", "--data"});
  std::filesystem::create_directory(folder / "cifar-10-batches-bin");
  std::ofstream(folder / "cifar-10-batches-bin/data_batch_1.bin") << "short";
  check_refused({"run", suite, "--results", results, "--data", folder.path.string()},
                {"5 bytes found, 30730000 expected"});
}

BOOST_AUTO_TEST_CASE(results_that_cannot_be_written) {
  const TemporaryFolder folder;
  const std::string suite = write_suite(folder.path, json::array({kDense})).string();
  std::ofstream(folder / "file") << "in the way";
  check_refused({"run", suite, "--results", (folder / "file").string()}, {"--results", "file"});
  check_refused({"run", suite, "--results", "/proc/ticketbench"},
                {"--results /proc/ticketbench", "can't write there"});
  std::filesystem::create_directory(folder / "read_only");
  std::filesystem::permissions(folder / "read_only", std::filesystem::perms::owner_read |
                                                         std::filesystem::perms::owner_exec);
  if (access((folder / "read_only").c_str(), W_OK) != 0) {  // root may write anywhere
    check_refused({"run", suite, "--results", (folder / "read_only").string()},
                  {"read_only: can't write there: Permission denied"});
  }
}

BOOST_AUTO_TEST_CASE(a_full_disk_fails_the_run_and_leaves_nothing_half) {
  const TemporaryFolder folder;
  const std::string suite = write_suite(folder.path, json::array({kDense})).string();
  const std::string results = (folder / "results").string();
  // No file may grow past 100 kB: a checkpoint of resnet8 is larger.
  const Ended limited = run({"run", suite, "--results", results}, 100'000);
  BOOST_TEST(limited.code == 1);
  BOOST_TEST(limited.err.find("File too large") != std::string::npos, limited.err);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(results)) {
    BOOST_TEST(entry.path().extension() != ".part", entry.path().string());
  }

  // A really full disk, where this process may make one.
  const std::string disk = (folder / "disk").string();
  std::filesystem::create_directory(disk);
  if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=256k") == 0) {
    const Ended full = run({"run", suite, "--results", disk + "/results"});
    umount(disk.c_str());
    BOOST_TEST(full.code == 1);
    BOOST_TEST(full.err.find("No space left on device") != std::string::npos, full.err);
  }
  // With room again the same command does it.
  BOOST_TEST(run({"run", suite, "--results", results}).code == 0);
}

BOOST_AUTO_TEST_CASE(a_second_process_leaves_a_run_alone) {
  const TemporaryFolder folder;
  const std::string suite = write_suite(folder.path, json::array({kDense})).string();
  const std::string results = (folder / "results").string();
  const json plan = json::parse(run({"plan", suite, "--format", "json"}).out);
  const auto run_folder = folder / "results" / plan[0].at("hash").get<std::string>();
  std::filesystem::create_directories(run_folder);
  const int lock = open((run_folder / "lock").c_str(), O_RDWR | O_CREAT, 0644);
  BOOST_REQUIRE(flock(lock, LOCK_EX | LOCK_NB) == 0);
  BOOST_REQUIRE(write(lock, "4711", 4) == 4);
  const Ended ended = run({"run", suite, "--results", results});
  BOOST_TEST(ended.code == 75);
  BOOST_TEST(ended.err.find("process 4711 is running it; run again when it has ended") !=
                 std::string::npos,
             ended.err);
  close(lock);
  BOOST_TEST(run({"run", suite, "--results", results}).code == 0);
}

}  // namespace
}  // namespace ticketbench::test
