// The files of a results folder, by name.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ticketbench {

// Files among `paths`, and below those that are folders, whose name `wanted` takes; sorted by path,
// each once. A file among `paths` is taken whatever its name if `any_name` is true. Links to
// folders are not followed, so that no circle is walked; a folder that can't be read is a sentence
// in `errors` and hides no other. Throws std::invalid_argument for a path that doesn't exist;
// `what` says what was expected there.
std::vector<std::string> result_files(const std::vector<std::string>& paths,
                                      const std::function<bool(std::string_view name)>& wanted,
                                      bool any_name, std::string_view what,
                                      std::vector<std::string>& errors);

}  // namespace ticketbench
