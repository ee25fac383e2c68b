// ticketbench data: datasets on disk.

#include "cli/cli.hpp"
#include "cli/fetch.hpp"
#include "cli/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <revision.hpp>

namespace ticketbench {
namespace {

std::map<std::string, DataSource> manifest() {
  return read_manifest(share_folder() / "suites" / "datasets.json");
}

// Where a dataset comes from, in a line.
std::string source_text(const DatasetCard& card, const std::map<std::string, DataSource>& sources) {
  if (!card.on_disk()) return "nothing to fetch";
  const auto found = sources.find(card.name);
  if (found == sources.end()) return "no address known: put its files there by hand";
  const DataSource& source = found->second;
  if (!source.by_hand.empty()) return "by hand: " + source.by_hand;
  const double bytes = std::accumulate(
      source.downloads.begin(), source.downloads.end(), 0.0,
      [](double sum, const Download& d) { return sum + static_cast<double>(d.bytes); });
  const std::string& url = source.downloads.front().url;
  return fmt::format("'data fetch {}' takes {} from {}", card.name, bytes_text(bytes),
                     url.substr(0, url.rfind('/') + 1));
}

void list() {
  const auto sources = manifest();
  for (const std::string& name : Registry<DatasetCard>::instance().names()) {
    const DatasetCard& card = find_dataset(name);
    fmt::print("{:<14} {}\n", name, card.title);
    for (const DatasetFile& file : card.files)
      fmt::print("{:<14}   DIR/{}  {} bytes\n", "", file.path, file.bytes);
    if (!card.folder.empty()) fmt::print("{:<14}   DIR/{}/  images\n", "", card.folder);
    fmt::print("{:<14}   {}\n", "", source_text(card, sources));
  }
}

void fetch_all(const std::vector<std::string>& names, FetchOptions options, Exit& exit) {
  if (!options.mirror.empty() && !options.mirror.starts_with("http://") &&
      !options.mirror.starts_with("https://")) {
    throw std::invalid_argument(
        fmt::format("--mirror {}: expected the http or https address of a folder", options.mirror));
  }
  const auto sources = manifest();
  // All are known before the first is fetched.
  for (const std::string& name : names) {
    const DatasetCard& card = find_dataset(name);
    const auto found = sources.find(name);
    if (card.on_disk() && (found == sources.end() || !found->second.by_hand.empty()))
      throw std::invalid_argument(
          fmt::format("{} can't be fetched; {}", name, source_text(card, sources)));
  }
  stop_on_signals();
  options.user_agent = fmt::format("ticketbench/{}", kVersion);
  options.interrupted = stop_requested;
  for (const std::string& name : names) {
    const DatasetCard& card = find_dataset(name);
    if (!card.on_disk()) {
      fmt::print("{}: made in memory, nothing to fetch\n", name);
      continue;
    }
    TransferPrinter printer;
    options.progress = [&](const std::string& doing, int64_t bytes, int64_t of) {
      printer.progress(doing, bytes, of);
    };
    try {
      const bool fetched = fetch(card, sources.at(name).downloads, options);
      printer.end();
      fmt::print("{}: {}{} right, in {}\n", name, fetched ? "" : "already there: ", verified(card),
                 options.data.string());
    } catch (const TryAgain& again) {
      printer.end();
      fmt::print(stderr, "ticketbench: {}\n", again.what());
      exit.code = kAgain;
      return;
    } catch (...) {
      printer.end();
      throw;
    }
  }
}

void verify_all(const std::vector<std::string>& names, const std::filesystem::path& data,
                Exit& exit) {
  // Without names: what seems to be there.
  std::vector<std::string> wanted = names;
  for (const std::string& name :
       names.empty() ? Registry<DatasetCard>::instance().names() : names) {
    const DatasetCard& card = find_dataset(name);
    const std::string first = card.files.empty() ? card.folder : card.files.front().path;
    if (names.empty() && !first.empty() && std::filesystem::exists(data / first))
      wanted.push_back(name);
  }
  if (wanted.empty())
    throw std::invalid_argument(fmt::format(
        "--data {}: no dataset known here lies there; see 'ticketbench data list'", data.string()));
  for (const std::string& name : wanted) {
    const DatasetCard& card = find_dataset(name);
    if (!card.on_disk()) {
      fmt::print("{}: made in memory, nothing to verify\n", name);
      continue;
    }
    const auto problems = verify(card, data);
    if (problems.empty()) fmt::print("{}: {} right\n", name, verified(card));
    for (const std::string& problem : problems) fmt::print("{}: {}\n", name, problem);
    if (!problems.empty()) exit.code = kFailed;
  }
}

}  // namespace

void add_data(CLI::App& app, Exit& exit) {
  CLI::App* command = app.add_subcommand(
      "data", "datasets: what there is, how to get them, and whether your files are right");
  command->require_subcommand(1);
  command->add_subcommand("list", "names, the files each is read from, and where they come from")
      ->callback(list);

  struct Arguments {
    std::vector<std::string> names;
    std::string data;
    std::string mirror;
  };
  CLI::App* get = command->add_subcommand(
      "fetch", "download, check, unpack; goes on where it was stopped, replaces nothing");
  auto wanted = std::make_shared<Arguments>();
  get->add_option("names", wanted->names, "datasets")->required();
  get->add_option("--data", wanted->data, "where datasets are to lie")->required();
  get->add_option("--mirror", wanted->mirror,
                  "address of a folder with the same files, instead of the public ones")
      ->type_name("URL");
  get->callback([wanted, &exit] {
    fetch_all(wanted->names, {.data = wanted->data, .mirror = wanted->mirror}, exit);
  });

  CLI::App* check = command->add_subcommand("verify", "sizes and checksums; images are decoded");
  auto names = std::make_shared<std::vector<std::string>>();
  auto data = std::make_shared<std::string>();
  check->add_option("names", *names, "datasets; all if none is named");
  check->add_option("--data", *data, "where datasets lie")->required();
  check->callback([names, data, &exit] { verify_all(*names, *data, exit); });
}

}  // namespace ticketbench
