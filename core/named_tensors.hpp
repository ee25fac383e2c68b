// Tensors by name in insertion order: scores, masks, weights, whole states.
#pragma once

#include <torch/types.h>

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ticketbench {

/// An ordered map from a name to a tensor. Copies share storage with the original, as tensors do.
class NamedTensors {
 public:
  using Item = std::pair<std::string, torch::Tensor>;

  /// The tensor of that name; a new, undefined one at the end if there is none.
  torch::Tensor& operator[](const std::string& name);

  /// Throws std::out_of_range that says the name.
  [[nodiscard]] const torch::Tensor& at(const std::string& name) const;

  [[nodiscard]] bool contains(const std::string& name) const { return index_.contains(name); }
  [[nodiscard]] size_t size() const { return items_.size(); }
  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] std::vector<torch::Tensor> tensors() const;

  [[nodiscard]] auto begin() const { return items_.begin(); }
  [[nodiscard]] auto end() const { return items_.end(); }

  /// The same names with detached copies of the tensors.
  [[nodiscard]] NamedTensors clone() const;

 private:
  std::vector<Item> items_;
  std::unordered_map<std::string, size_t> index_;
};

/// Larger = keep. One tensor per prunable weight, of its shape.
using ScoreMap = NamedTensors;

/// Weights and buffers of a net at one moment.
using State = NamedTensors;

}  // namespace ticketbench
