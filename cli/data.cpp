// ticketbench data: datasets on disk.

#include "cli/cli.hpp"
#include "suites/harness/dataset.hpp"

#include <fmt/format.h>

#include <memory>

namespace ticketbench {
namespace {

void verify_all(const std::vector<std::string>& names, const std::filesystem::path& data,
                Exit& exit) {
  // Without names: what seems to be there.
  std::vector<std::string> wanted = names;
  for (const std::string& name :
       names.empty() ? Registry<DatasetCard>::instance().names() : names) {
    const auto& files = find_dataset(name).files;
    if (names.empty() && !files.empty() && std::filesystem::exists(data / files.front().path))
      wanted.push_back(name);
  }
  if (wanted.empty())
    throw std::invalid_argument(fmt::format(
        "--data {}: no dataset known here lies there; see 'ticketbench data list'", data.string()));
  for (const std::string& name : wanted) {
    const DatasetCard& card = find_dataset(name);
    if (card.files.empty()) {
      fmt::print("{}: made in memory, nothing to verify\n", name);
      continue;
    }
    const auto problems = verify(card, data);
    if (problems.empty())
      fmt::print("{}: {} files, sizes and checksums right\n", name, card.files.size());
    for (const std::string& problem : problems) fmt::print("{}: {}\n", name, problem);
    if (!problems.empty()) exit.code = kFailed;
  }
}

}  // namespace

void add_data(CLI::App& app, Exit& exit) {
  CLI::App* command =
      app.add_subcommand("data", "datasets: what there is, and whether your files are right");
  command->require_subcommand(1);
  CLI::App* list = command->add_subcommand("list", "names, and the files each is read from");
  list->callback([] {
    for (const std::string& name : Registry<DatasetCard>::instance().names()) {
      const DatasetCard& card = find_dataset(name);
      fmt::print("{:<12} {}\n", name, card.title);
      for (const DatasetFile& file : card.files)
        fmt::print("{:<12}   {}  {} bytes\n", "", file.path, file.bytes);
    }
  });
  CLI::App* check = command->add_subcommand("verify", "sizes and checksums");
  auto names = std::make_shared<std::vector<std::string>>();
  auto data = std::make_shared<std::string>();
  check->add_option("names", *names, "datasets; all if none is named");
  check->add_option("--data", *data, "where datasets lie")->required();
  check->callback([names, data, &exit] { verify_all(*names, *data, exit); });
}

}  // namespace ticketbench
