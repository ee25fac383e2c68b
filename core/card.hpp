// What a method is: the first thing `describe` shows.
#pragma once

#include <array>
#include <string_view>

namespace ticketbench {

/// What a method starts from.
enum class Needs {
  none,   ///< nothing: it trains from its own initialisation
  dense,  ///< a ticket of a trained dense run
  curve,  ///< a ticket of an iterative run, at the level the suite chose
};
constexpr auto enum_names(Needs) {
  return std::to_array<std::string_view>({"none", "dense", "curve"});
}

struct Card {
  std::string_view name;  ///< registered name = file stem
  std::string_view title;
  std::string_view paper;  ///< "arXiv:1810.02340"
  std::string_view place;  ///< section or algorithm
  int version = 1;         ///< part of the hash; raised when results change
  Needs needs = Needs::none;
  std::array<std::string_view, 8> deviations = {};  ///< sentences; the empty ones are unused
  std::string_view bibtex = {};
};

}  // namespace ticketbench
