// compare and history as a user types them.

#include "cli/tests/program.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <functional>

namespace ticketbench::test {
namespace {

using nlohmann::json;

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const json kRuns = {{{"name", "dense"}, {"method", "dense"}},
                    {{"name", "random"}, {"method", "random_pruning"}, {"density", 0.5}}};

// Rewrites one record of a results folder.
void change(const std::filesystem::path& results, const std::string& name,
            const std::function<void(json&)>& how) {
  json record = records(results).at(name);
  how(record);
  std::ofstream(results / record.at("hash").get<std::string>() / "record.json") << record;
}

// The same program twice gives the same answers; then a run fails that did not, then one loses
// accuracy at its only seed, which no test can confirm.
BOOST_AUTO_TEST_CASE(two_nights) {
  const TemporaryFolder folder;
  const std::string suite = write_suite(folder.path, kRuns, "20ep").string();  // beyond chance
  const std::string base = (folder / "base").string();
  const std::string now = (folder / "new").string();
  BOOST_TEST(run({"run", suite, "--results", base}).code == 0);
  BOOST_TEST(run({"run", suite, "--results", now}).code == 0);

  const Ended same = run({"compare", base, now});
  BOOST_TEST(same.code == 0);
  BOOST_TEST(same.out.ends_with("\n2 same of 2 cells.\n"), same.out);
  for (const char* format : {"md", "json", "junit", "github"}) {
    BOOST_TEST(run({"compare", base, now, "--format", format}).code == 0);
  }
  BOOST_TEST(run({"compare", base, now, "--confirm"}).out.empty());

  change(folder / "new", "random", [](json& record) {
    json& test = record["results"]["points"][0]["test"];
    test["top1_correct"] = 0;
    test["top5_correct"] = 0;
    record["results"]["points"][0]["prediction_sha256"] = std::string(64, '0');
  });
  const Ended lower = run({"compare", base, now});
  BOOST_TEST(lower.code == 0);
  BOOST_TEST(says(lower.out, "ambiguous  random"), lower.out);
  const Ended confirm = run({"compare", base, now, "--confirm"});
  BOOST_TEST(says(confirm.out, " --only random --seeds 2..6 --results "), confirm.out);

  change(folder / "new", "random", [](json& record) {
    record["status"] = "failed";
    record["reason"] = "out of paper";
    record["results"]["points"] = json::array();
    record["timing"]["points"] = json::array();
  });
  const Ended failed = run({"compare", base, now, "--output", (folder / "report.txt").string()});
  BOOST_TEST(failed.code == 1);
  BOOST_TEST(failed.out.empty());
  BOOST_TEST(std::filesystem::exists(folder / "report.txt"));
  BOOST_TEST(says(run({"compare", base, now}).out, "out of paper"));
}

BOOST_AUTO_TEST_CASE(what_compare_refuses) {
  const TemporaryFolder folder;
  const std::string empty = folder.path.string();
  const Ended nothing = run({"compare", empty, empty});
  BOOST_TEST(nothing.code == 2);
  BOOST_TEST(says(nothing.err, "no record.json and no probe-*.json there"), nothing.err);
  BOOST_TEST(run({"compare", empty}).code == 2);
  BOOST_TEST(run({"compare", empty, (folder / "missing").string()}).code == 2);
  BOOST_TEST(run({"compare", empty, empty, "--format", "html"}).code == 2);
}

// A name does what its hashes do, whatever the seed.
BOOST_AUTO_TEST_CASE(only_by_name) {
  const TemporaryFolder folder;
  const std::string suite = write_suite(folder.path, kRuns).string();
  const json plan = json::parse(
      run({"plan", suite, "--only", "random", "--seeds", "4..6", "--format", "json"}).out);
  BOOST_TEST(plan.size() == 3U);
  for (const json& one : plan) BOOST_TEST(one.at("name") == "random");
  const Ended unknown = run({"plan", suite, "--only", "randon"});
  BOOST_TEST(unknown.code == 2);
  BOOST_TEST(says(unknown.err, "no run of these suites has such a hash or name"), unknown.err);
}

}  // namespace
}  // namespace ticketbench::test
