#include "reports/machine.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace ticketbench {

std::string machine_words(const Provenance& provenance) {
  std::vector<std::string> words;
  if (provenance.cpu) words.push_back(*provenance.cpu);
  if (provenance.gpu) words.push_back(*provenance.gpu);
  if (provenance.threads) {
    words.push_back(*provenance.threads == 1 ? "1 thread"
                                             : fmt::format("{} threads", *provenance.threads));
  }
  if (provenance.device) words.push_back("device " + *provenance.device);
  if (provenance.engine) words.push_back(*provenance.engine + " engine");
  if (provenance.libtorch) words.push_back("LibTorch " + *provenance.libtorch);
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace ticketbench
