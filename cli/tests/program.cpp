#include "cli/tests/program.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ticketbench::test {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "ticketbench-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

pid_t begin(const std::vector<std::string>& arguments, const fs::path& folder,
            long file_limit_bytes) {
  std::vector<std::string> words{TICKETBENCH_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string out = (folder / "stdout").string();
  const std::string err = (folder / "stderr").string();
  const pid_t pid = fork();
  if (pid == 0) {
    // Only calls that are safe after fork in a process with threads.
    dup2(open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), STDOUT_FILENO);
    dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), STDERR_FILENO);
    if (file_limit_bytes > 0) {
      signal(SIGXFSZ, SIG_IGN);  // the write fails, as on a full disk, and the process lives
      const rlimit limit{static_cast<rlim_t>(file_limit_bytes),
                         static_cast<rlim_t>(file_limit_bytes)};
      setrlimit(RLIMIT_FSIZE, &limit);
    }
    execv(argv[0], argv.data());
    _exit(127);
  }
  return pid;
}

Ended wait_for(pid_t pid, const fs::path& folder) {
  int status = 0;
  waitpid(pid, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), slurp(folder / "stdout"),
          slurp(folder / "stderr")};
}

Ended run(const std::vector<std::string>& arguments, long file_limit_bytes) {
  const TemporaryFolder folder;
  return wait_for(begin(arguments, folder.path, file_limit_bytes), folder.path);
}

fs::path write_suite(const fs::path& folder, const nlohmann::json& runs,
                     const std::string& length) {
  const nlohmann::json phase{{"length", length},
                             {"batch_size", 32},
                             {"optimizer", {{"learning_rate", 0.05}}},
                             {"schedule", {{"kind", "cosine"}}}};
  const nlohmann::json recipe{{"title", "a few steps"},
                              {"train_examples", 160},
                              {"test_examples", 200},
                              {"augmentation", {{"padding", 2}, {"flip", false}}},
                              {"phases", {{"train", phase}, {"finetune", phase}}}};
  const nlohmann::json suite{
      {"title", "Test"},
      {"harness", {{"dataset", "synthetic"}, {"model", "resnet8"}, {"recipe", "few_steps"}}},
      {"seeds", {1}},
      {"runs", runs}};
  fs::create_directories(folder / "recipes");
  std::ofstream(folder / "recipes" / "few_steps.json") << recipe.dump(2);
  std::ofstream(folder / "suite.json") << suite.dump(2);
  return folder / "suite.json";
}

std::map<std::string, nlohmann::json> records(const fs::path& results) {
  std::map<std::string, nlohmann::json> found;
  for (const auto& entry : fs::recursive_directory_iterator(results)) {
    if (entry.path().filename() != "record.json") continue;
    const auto record = nlohmann::json::parse(slurp(entry.path()));
    found[record.at("name")] = record;
  }
  return found;
}

}  // namespace ticketbench::test
