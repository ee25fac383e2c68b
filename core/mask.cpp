#include "core/mask.hpp"

#include "core/net.hpp"
#include "core/sha256.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <stdexcept>

namespace ticketbench {

MaskSet MaskSet::ones(const Net& net) {
  MaskSet mask;
  for (const auto& [name, w] : prunable(net))
    mask[name] = torch::ones(w.sizes(), w.options().dtype(torch::kBool));
  return mask;
}

int64_t MaskSet::kept() const {
  int64_t count = 0;
  for (const auto& [name, m] : *this) count += m.sum().item<int64_t>();
  return count;
}

int64_t MaskSet::total() const {
  int64_t count = 0;
  for (const auto& [name, m] : *this) count += m.numel();
  return count;
}

double MaskSet::density() const {
  const int64_t all = total();
  return all == 0 ? 1 : static_cast<double>(kept()) / static_cast<double>(all);
}

MaskSet::MaskSet(const MaskSet& other) : NamedTensors(other.clone()) {}

MaskSet& MaskSet::operator=(const MaskSet& other) {
  if (this != &other) NamedTensors::operator=(other.clone());
  return *this;
}

std::string MaskSet::sha256() const {
  Sha256 hash;
  for (const auto& [name, m] : *this) {
    hash.update(fmt::format("{}[{}]", name, fmt::join(m.sizes(), ",")));
    const torch::Tensor bytes = m.to(torch::kCPU).contiguous();
    hash.update({static_cast<const char*>(bytes.data_ptr()), bytes.nbytes()});
  }
  return hash.hex();
}

bool operator==(const MaskSet& a, const MaskSet& b) {
  if (a.names() != b.names()) return false;
  for (const auto& [name, m] : a) {
    if (!torch::equal(m, b.at(name))) return false;
  }
  return true;
}

void apply_mask(Net& net, const MaskSet& mask) {
  const torch::NoGradGuard no_grad;
  for (const auto& [name, m] : mask) net.parameters().at(name).masked_fill_(m.logical_not(), 0);
}

void check_mask(const Net& net, const MaskSet& mask) {
  if (mask.names() != net.prunable_names()) {
    throw std::invalid_argument(
        fmt::format("the mask covers [{}], but the prunable weights are [{}]",
                    fmt::join(mask.names(), ", "), fmt::join(net.prunable_names(), ", ")));
  }
  for (const auto& [name, m] : mask) {
    const auto expected = net.parameters().at(name).sizes();
    if (m.sizes() != expected || m.scalar_type() != torch::kBool) {
      throw std::invalid_argument(fmt::format(
          "the mask of {} has shape [{}] of {}, expected [{}] of Bool", name,
          fmt::join(m.sizes(), ","), c10::toString(m.scalar_type()), fmt::join(expected, ",")));
    }
  }
}

}  // namespace ticketbench
