// The commands as a user types them: what they print, what they leave on the disk.

#include "cli/tests/program.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sys/wait.h>

namespace ticketbench::test {
namespace {

using nlohmann::json;

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const json kRuns = {{{"name", "dense"}, {"method", "dense"}},
                    {{"name", "random"}, {"method", "random_pruning"}, {"density", {0.5, 0.2}}},
                    {{"name", "shot"},
                     {"method", "magnitude_one_shot"},
                     {"density", 0.5},
                     {"source", {{"run", "dense"}}}}};

BOOST_AUTO_TEST_CASE(a_suite_from_plan_to_board) {
  const TemporaryFolder folder;
  const std::string suite = write_suite(folder.path, kRuns).string();
  const std::string results = (folder / "results").string();

  // An axis of two values: four runs. 3 epochs of 5 batches each; a pure command writes nothing.
  const json plan = json::parse(run({"plan", suite, "--format", "json"}).out);
  BOOST_REQUIRE(plan.size() == 4);
  for (const json& planned : plan) BOOST_TEST(planned.at("cost").at("iterations") == 15);
  BOOST_TEST(!std::filesystem::exists(results));
  BOOST_TEST(says(run({"status", suite, "--results", results}).out, "4 runs: 4 to do"));

  const Ended first = run({"run", suite, "--results", results, "--jobs", "2"});
  BOOST_TEST(first.code == 0);
  BOOST_TEST(says(first.out, "4 runs: 4 "), first.out);
  const auto before = records(results);
  const Ended second = run({"run", suite, "--results", results});
  BOOST_TEST(second.code == 0);
  BOOST_TEST(says(second.out, "nothing to do"), second.out);
  BOOST_TEST(records(results) == before);

  // Elsewhere, one job: the same hashes and the same numbers.
  BOOST_TEST(run({"run", suite, "--results", (folder / "again").string(), "--threads", "1"}).code ==
             0);
  for (const auto& [name, record] : records(folder / "again")) {
    BOOST_TEST(record.at("hash") == before.at(name).at("hash"));
    BOOST_TEST(record.at("results").dump() == before.at(name).at("results").dump());
  }

  for (const char* format : {"text", "md", "html", "json", "csv", "latex"}) {
    const Ended board = run({"leaderboard", results, "--format", format});
    BOOST_TEST(board.code == 0);
    BOOST_TEST(says(board.out, "shot"), board.out);
  }
  const std::string hash = before.at("dense").at("hash");
  BOOST_TEST(says(run({"report", hash.substr(0, 8), "--results", results}).out, "dense"));

  // The ticket that stays is the last; inspect, export and diff read it.
  const std::string ticket = results + "/" + hash + "/ticket_0.safetensors";
  BOOST_TEST(says(run({"ticket", "inspect", ticket}).out, "resnet8"));
  BOOST_TEST(run({"ticket", "export", ticket, (folder / "state.safetensors").string()}).code == 0);
  const Ended same = run({"ticket", "diff", ticket, ticket});
  BOOST_TEST(same.code == 0);
  BOOST_TEST(same.out ==
             "  rewind weights: equal\n  trained weights: equal\n  extra: equal\nequal\n");
  const std::string other =
      results + "/" + before.at("shot").at("hash").get<std::string>() + "/ticket_0.safetensors";
  const Ended different = run({"ticket", "diff", ticket, other});
  BOOST_TEST(different.code == 1);
  BOOST_TEST(says(different.out, "kept only in the first: "));
  BOOST_TEST(says(different.out, "only in the second: 0"));
  BOOST_TEST(says(different.out, "rewind weights: equal"));
  BOOST_TEST(says(different.out, "trained weights: "));
  BOOST_TEST(different.out.ends_with("\ndifferent\n"));

  // Gathering into an empty folder, then again; cleaning keeps records.
  BOOST_TEST(says(run({"collect", results, "--results", (folder / "all").string()}).out,
                  "4 runs gathered"));
  BOOST_TEST(says(run({"collect", results, "--results", (folder / "all").string()}).out,
                  "0 runs gathered"));
  BOOST_TEST(records(folder / "all") == before);
  const std::string would = run({"clean", "--results", (folder / "all").string(), "--dry-run"}).out;
  BOOST_TEST(says(would, "would remove 4 tickets"), would);
  BOOST_TEST(records(folder / "all") == before);
  BOOST_TEST(run({"clean", "--results", (folder / "all").string()}).code == 0);
  for (const auto& [name, record] : records(folder / "all")) {
    const json& point = record.at("results").at("points")[0];
    BOOST_TEST(point.at("ticket").is_null());
    BOOST_TEST(point.at("test") == before.at(name).at("results").at("points")[0].at("test"));
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "all")) {
    BOOST_TEST(entry.path().extension() != ".safetensors");
  }
}

BOOST_AUTO_TEST_CASE(set_seeds_and_shards) {
  const TemporaryFolder folder;
  const std::string suite = write_suite(folder.path, kRuns).string();
  const auto planned = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"plan", suite, "--format", "json"});
    return json::parse(run(more).out);
  };
  BOOST_TEST(planned({"--seeds", "1..3"}).size() == 12);
  const json changed = planned({"--set", "/runs/shot/density=0.25"});
  BOOST_TEST(changed.back().at("spec").at("method").at("fields").at("density") == 0.25);
  // A chain is never torn: dense and the run that starts from it are in one part.
  const json first = planned({"--shard", "1/2"});
  const json second = planned({"--shard", "2/2"});
  BOOST_TEST(first.size() + second.size() == 4);
  for (const json& part : {first, second}) {
    std::set<std::string> hashes;
    for (const json& one : part) hashes.insert(one.at("hash"));
    for (const json& one : part) {
      const json& source = one.at("spec").at("source");
      BOOST_TEST((source.is_null() || hashes.contains(source.at("hash"))));
    }
  }
  // A run with its source.
  const std::string one_shot = planned({}).back().at("hash");
  BOOST_TEST(planned({"--only", one_shot.substr(0, 10)}).size() == 2);
}

// What `plan --emit` writes is what a shell can run: a Slurm task as a cluster would start it, with
// stand-ins for its two programs, the lines of GNU parallel, and the makefile where there is make.
// A run that starts from a ticket which is not its source's last finds it.
BOOST_AUTO_TEST_CASE(emitted_commands_carry_the_plan_out) {
  const TemporaryFolder folder;
  const std::string suite =
      write_suite(folder.path, {{{"name", "curve"}, {"method", "imp"}, {"levels", 1}},
                                {{"name", "shot"},
                                 {"method", "magnitude_one_shot"},
                                 {"source", {{"run", "curve"}, {"level", 0}}}},
                                {{"name", "random"}, {"method", "random_pruning"}}})
          .string();
  const std::filesystem::path bin = folder / "bin";
  std::filesystem::create_directory(bin);
  std::filesystem::create_symlink(TICKETBENCH_PROGRAM, bin / "ticketbench");
  const auto program = [&](const std::string& name, const std::string& text) {
    std::ofstream(bin / name) << "#!/bin/sh\n" << text;
    std::filesystem::permissions(bin / name, std::filesystem::perms::owner_all);
  };
  const auto shell = [&](const std::string& results, const std::string& command) {
    const std::string line = "PATH=" + bin.string() + ":$PATH TICKETBENCH_FLAGS='--results " +
                             (folder / results).string() + "' " + command + " >" +
                             (folder / "log").string() + " 2>&1";
    const int status = std::system(line.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  const auto emitted = [&](const std::string& scheduler) {
    const Ended plan = run({"plan", suite, "--emit", scheduler});
    BOOST_TEST(plan.code == 0);
    std::ofstream(folder / scheduler) << plan.out;
    return (folder / scheduler).string();
  };
  const auto all_is_done = [&](const std::string& results) {
    return says(run({"run", suite, "--results", (folder / results).string()}).out, "nothing to do");
  };

  // Two chains: the curve with what starts from it, and random. A step that is stopped after saving
  // sends its task, and no other, back into the queue.
  program("srun", "shift\nexec \"$@\"\n");  // behind --ntasks=1
  program("scontrol", "echo \"$@\" >" + (folder / "requeued").string() + "\n");
  const std::string job = emitted("slurm");
  const auto task = [&](const std::string& number) {
    return shell("slurm_results", "SLURM_JOB_ID=12 SLURM_ARRAY_JOB_ID=12 SLURM_ARRAY_TASK_ID=" +
                                      number + " bash " + job);
  };
  BOOST_TEST(task("1") == 0);
  BOOST_TEST(records(folder / "slurm_results").size() == 2);
  BOOST_TEST(records(folder / "slurm_results").contains("shot"));
  BOOST_TEST(task("3") == 2);
  BOOST_TEST(!std::filesystem::exists(folder / "requeued"));
  program("srun", "exit 75\n");
  BOOST_TEST(task("2") == 75);
  std::string requeued;
  std::getline(std::ifstream(folder / "requeued"), requeued);
  BOOST_TEST(requeued == "requeue 12_2");

  BOOST_TEST(shell("parallel_results", "sh -e " + emitted("parallel")) == 0);
  BOOST_TEST(all_is_done("parallel_results"));
  if (std::system("command -v make >/dev/null") == 0) {
    BOOST_TEST(shell("make_results", "make -f " + emitted("make")) == 0);
    BOOST_TEST(all_is_done("make_results"));
  } else {
    BOOST_TEST_MESSAGE("no make here: the makefile was not run");
  }
}

// What can still go on, or is being worked at, is left alone; of two records the better one stays.
BOOST_AUTO_TEST_CASE(clean_and_collect_lose_nothing) {
  const TemporaryFolder folder;
  const std::string suite = write_suite(folder.path, json::array({kRuns[0]})).string();
  const std::string results = (folder / "results").string();
  BOOST_TEST(run({"run", suite, "--results", results, "--timeout", "0.01s"}).code == 1);
  BOOST_TEST(records(results).at("dense").at("status") == "timeout");
  BOOST_TEST(
      says(run({"clean", "--results", results}).out, "1 runs that are running or can go on"));
  BOOST_TEST(run({"run", suite, "--results", (folder / "whole").string()}).code == 0);

  const std::string all = (folder / "all").string();
  BOOST_TEST(says(run({"collect", results, "--results", all}).out, "1 runs gathered"));
  BOOST_TEST(
      says(run({"collect", (folder / "whole").string(), "--results", all}).out, "1 runs gathered"));
  BOOST_TEST(says(run({"collect", results, "--results", all}).out, "0 runs gathered"));
  // Three short epochs may well end at chance.
  const std::string status = records(all).at("dense").at("status");
  BOOST_TEST((status == "ok" || status == "mistrusted"));
  // It goes on from where the time was over.
  BOOST_TEST(run({"run", suite, "--results", results}).code == 0);
  BOOST_TEST(records(results).at("dense").at("provenance").at("resume_count") == 1);
}

// A layer by its shape; the tickets of a run, each named in a file of its own, which the board
// reads.
BOOST_AUTO_TEST_CASE(probes_of_a_layer_and_of_tickets) {
  const TemporaryFolder folder;
  const std::string results = (folder / "results").string();
  const Ended layer = run({"probe", "--shape", "8,6,6,16,3,1,1", "--density", "0.25", "--batch",
                           "2", "--repetitions", "3", "--results", results});
  BOOST_TEST(layer.code == 0);
  BOOST_TEST(says(layer.out, "verdict"), layer.out);
  BOOST_TEST(says(layer.out, "unstructured"), layer.out);

  // By name: not the suite of runs that is called so too.
  const Ended quick = run({"probe", "quick", "--repetitions", "2", "--filter", "libtorch|tiled",
                           "--results", (folder / "quick").string()});
  BOOST_TEST(quick.code == 0, quick.err);

  const json one = {{{"name", "random"}, {"method", "random_pruning"}, {"density", 0.2}}};
  const std::string suite = write_suite(folder.path, one).string();
  BOOST_TEST(run({"run", suite, "--results", results}).code == 0);
  const Ended tickets = run({"probe", "--tickets", results, "--results", results, "--batch", "2"});
  BOOST_TEST(tickets.code == 0);
  const std::string hash = records(results).at("random").at("hash");
  BOOST_TEST(says(tickets.out, hash.substr(0, 8)), tickets.out);
  size_t named = 0;
  for (const auto& entry : std::filesystem::directory_iterator(results)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in(entry.path());
    const json ticket = json::parse(in).at("ticketbench").at("ticket");
    if (!ticket.is_null()) named += ticket.at("run") == hash ? 1U : 0U;
  }
  BOOST_TEST(named == 1U);
  BOOST_TEST(run({"leaderboard", results}).code == 0);
}

BOOST_AUTO_TEST_CASE(lists_and_descriptions) {
  BOOST_TEST(
      says(run({"list", "methods", "--markdown"}).out, "| snip | SNIP | arXiv:1810.02340 |"));
  BOOST_TEST(says(run({"list"}).out, "quick"));
  BOOST_TEST(says(run({"describe", "imp"}).out, "rewind"));
  BOOST_TEST(says(run({"describe", "resnet20s"}).out, "269722 parameters"));
  BOOST_TEST(says(run({"describe", "cifar10"}).out, "data_batch_1.bin"));
  BOOST_TEST(says(run({"describe", "quick"}).out, "one_cycle"));
  const std::string differences =
      run({"describe", "papers/bip_cifar10", "papers/bip_cifar10_printed"}).out;
  BOOST_TEST(says(differences, "/phases/prune/optimizer/learning_rate"));
  BOOST_TEST(says(differences, "0.01"));
  BOOST_TEST(!says(differences, "momentum"));
  BOOST_TEST(says(run({"list", "probes"}).out, "onednn_nhwc"));
  BOOST_TEST(says(run({"describe", "probe"}).out, "repetitions"));
  BOOST_TEST(says(run({"list", "tables"}).out, "structure_lth/table_a3"));
  BOOST_TEST(says(run({"reproduce", "structure_lth/table_a3"}).out, "0 of 10 comparable cells"));
  BOOST_TEST(says(run({"reproduce", "structure_lth/table_a3"}).out, "36 of 36 runs"));
  BOOST_TEST(says(run({"reproduce", "structure_lth/table_a3", "--format", "latex"}).out,
                  "\\begin{tabular}"));
  BOOST_TEST(says(run({"reproduce", "--all"}).out, "0 of 546 comparable cells"));
  BOOST_TEST(says(run({"--version"}).out, "ticketbench 0.1.0"));
  BOOST_TEST(run({"--help"}).code == 0);
}

}  // namespace
}  // namespace ticketbench::test
