// A table of plugins by name, filled before main by the registering macros.
#pragma once

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ticketbench {

/// The candidate nearest to `word` by edit distance, or "" where none is near enough to be a
/// misspelling.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// One line for people: "unknown <kind> 'x'; did you mean 'y'?" or the list of what there is.
std::string unknown_name(std::string_view kind, std::string_view word,
                         const std::vector<std::string>& candidates);

/// Plugins of one kind. Entries are added during static initialisation or by a loaded plugin, read
/// later.
template <class Entry>
class Registry {
 public:
  static Registry& instance() {
    static Registry registry;
    return registry;
  }

  /// A second entry of a name is remembered and reported at the first look-up: before main nobody
  /// could catch it.
  void add(const std::string& name, Entry entry) {
    if (!entries_.emplace(name, std::move(entry)).second) duplicate_ = name;
  }

  /// Throws std::invalid_argument with the nearest name where there is no such entry.
  const Entry& find(std::string_view kind, std::string_view name) const {
    check(kind);
    const auto it = entries_.find(name);
    if (it == entries_.end()) throw std::invalid_argument(unknown_name(kind, name, names()));
    return it->second;
  }

  [[nodiscard]] bool contains(std::string_view name) const { return entries_.contains(name); }

  /// In alphabetical order.
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& [name, entry] : entries_) result.push_back(name);
    return result;
  }

  /// Throws std::logic_error where two plugins registered the same name.
  void check(std::string_view kind) const {
    if (!duplicate_.empty()) {
      throw std::logic_error("two plugins are registered as " + std::string(kind) + " '" +
                             duplicate_ + "'");
    }
  }

 private:
  std::map<std::string, Entry, std::less<>> entries_;
  std::string duplicate_;
};

}  // namespace ticketbench
