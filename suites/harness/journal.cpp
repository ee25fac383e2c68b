#include "suites/harness/journal.hpp"

#include "core/files.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace ticketbench {
namespace {

constexpr int kVersion = 1;

}  // namespace

Journal::Journal(std::filesystem::path folder, std::string identity, std::string program)
    : folder_(std::move(folder)), identity_(std::move(identity)), program_(std::move(program)) {
  const auto path = folder_ / "journal.json";
  std::filesystem::create_directories(folder_);
  if (!std::filesystem::exists(path)) {
    write();
    return;
  }
  try {
    const auto json = nlohmann::json::parse(read_file(path));
    if (json.at("version") != kVersion || json.at("run") != identity_) {
      throw std::runtime_error(fmt::format("it belongs to run {} in form {}", json.at("run").dump(),
                                           json.at("version").dump()));
    }
    if (json.at("program") != program_) {
      std::filesystem::remove_all(folder_);
      std::filesystem::create_directories(folder_);
      write();
      return;
    }
    for (const auto& e : json.at("entries")) {
      entries_.push_back({e.at("verb"), e.at("arguments"), e.at("result"), e.at("has_tensors")});
    }
    resume_count_ = json.at("resume_count").get<int64_t>() + 1;
  } catch (const std::exception& error) {
    throw std::runtime_error(
        fmt::format("{}: can't go on from it ({}); remove its folder to start the run afresh",
                    path.string(), error.what()));
  }
  write();
}

std::filesystem::path Journal::tensor_path(size_t index) const {
  return folder_ / fmt::format("{:04}.safetensors", index);
}

const Journal::Entry* Journal::replay(const std::string& verb, const nlohmann::json& arguments) {
  if (next_ == entries_.size()) return nullptr;
  const Entry& entry = entries_[next_];
  check_same(entry.verb, entry.arguments, verb, arguments);
  ++next_;
  return &entry;
}

void Journal::check_same(const std::string& stored_verb, const nlohmann::json& stored,
                         const std::string& verb, const nlohmann::json& arguments) const {
  if (stored_verb == verb && stored == arguments) return;
  throw std::runtime_error(fmt::format(
      "{}: call {} of the method is {}({}), stored is {}({}): the method has changed since, or "
      "its hooks change something that isn't declared with lab.state; remove the folder to start "
      "the run afresh",
      folder_.string(), next_, verb, arguments.dump(), stored_verb, stored.dump()));
}

NamedTensors Journal::replayed_tensors() const {
  return read_safetensors(tensor_path(next_ - 1)).tensors;
}

void Journal::append(Entry entry, const NamedTensors& tensors) {
  entry.has_tensors = !tensors.empty();
  if (entry.has_tensors) write_safetensors(tensor_path(next_), {tensors, {}});
  entries_.push_back(std::move(entry));
  next_ = entries_.size();
  write();
  std::filesystem::remove(folder_ / "unfinished.safetensors");
}

void Journal::write() const {
  nlohmann::json json{{"version", kVersion},
                      {"run", identity_},
                      {"program", program_},
                      {"resume_count", resume_count_},
                      {"entries", nlohmann::json::array()}};
  for (const Entry& e : entries_) {
    json["entries"].push_back({{"verb", e.verb},
                               {"arguments", e.arguments},
                               {"result", e.result},
                               {"has_tensors", e.has_tensors}});
  }
  write_atomically(folder_ / "journal.json", json.dump());
}

std::optional<TensorFile> Journal::unfinished(const nlohmann::json& arguments) const {
  const auto path = folder_ / "unfinished.safetensors";
  if (!std::filesystem::exists(path)) return std::nullopt;
  TensorFile content = read_safetensors(path);
  // After a kill between the last two steps of append() the file belongs to a call that is
  // finished.
  if (content.metadata["call"] != std::to_string(next_)) return std::nullopt;
  check_same("train", nlohmann::json::parse(content.metadata.at("arguments")), "train", arguments);
  return content;
}

void Journal::save_unfinished(const nlohmann::json& arguments, TensorFile content) const {
  content.metadata["arguments"] = arguments.dump();
  content.metadata["call"] = std::to_string(next_);
  write_safetensors(folder_ / "unfinished.safetensors", content);
}

}  // namespace ticketbench
