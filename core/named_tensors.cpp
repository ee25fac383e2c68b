#include "core/named_tensors.hpp"

#include <stdexcept>

namespace ticketbench {

torch::Tensor& NamedTensors::operator[](const std::string& name) {
  const auto [it, added] = index_.try_emplace(name, items_.size());
  if (added) items_.emplace_back(name, torch::Tensor());
  return items_[it->second].second;
}

const torch::Tensor& NamedTensors::at(const std::string& name) const {
  const auto it = index_.find(name);
  if (it == index_.end()) throw std::out_of_range("there is no tensor named '" + name + "'");
  return items_[it->second].second;
}

std::vector<std::string> NamedTensors::names() const {
  std::vector<std::string> result;
  for (const auto& [name, tensor] : items_) result.push_back(name);
  return result;
}

std::vector<torch::Tensor> NamedTensors::tensors() const {
  std::vector<torch::Tensor> result;
  for (const auto& [name, tensor] : items_) result.push_back(tensor);
  return result;
}

NamedTensors NamedTensors::clone() const {
  NamedTensors result;
  for (const auto& [name, tensor] : items_) result[name] = tensor.detach().clone();
  return result;
}

}  // namespace ticketbench
