// Restart by replay: a method is straight-line code, so each finished verb of the Lab is remembered
// by its place in the order of calls. After a kill the calls come again in the same order and
// stored ones give back their result.
#pragma once

#include "core/safetensors.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ticketbench {

class Journal {
 public:
  struct Entry {
    std::string verb;
    nlohmann::json arguments;
    nlohmann::json result;
    bool has_tensors = false;
  };

  /// Reads what `folder` holds; an absent folder is an empty journal. `identity` is the run's hash:
  /// a journal of another run or of an older form is refused with std::runtime_error. One of
  /// another `program` (build, device) is emptied: a result has one program to answer for it.
  Journal(std::filesystem::path folder, std::string identity, std::string program);

  /// The stored entry of the call now made, or null where the call is new. Throws
  /// std::runtime_error where another verb or other arguments are stored: the method's code has
  /// changed since.
  const Entry* replay(const std::string& verb, const nlohmann::json& arguments);
  /// The tensors stored with the entry replayed last.
  [[nodiscard]] NamedTensors replayed_tensors() const;

  /// Stores the call now made, and forgets an unfinished one.
  void append(Entry entry, const NamedTensors& tensors = {});

  /// What was stored in the middle of the call now made, if anything was.
  [[nodiscard]] std::optional<TensorFile> unfinished(const nlohmann::json& arguments) const;
  void save_unfinished(const nlohmann::json& arguments, TensorFile content) const;

  /// How often the run was taken up again, this time included.
  [[nodiscard]] int64_t resume_count() const { return resume_count_; }

 private:
  [[nodiscard]] std::filesystem::path tensor_path(size_t index) const;
  void write() const;
  void check_same(const std::string& stored_verb, const nlohmann::json& stored,
                  const std::string& verb, const nlohmann::json& arguments) const;

  std::filesystem::path folder_;
  std::string identity_;
  std::string program_;
  std::vector<Entry> entries_;
  size_t next_ = 0;
  int64_t resume_count_ = 0;
};

}  // namespace ticketbench
