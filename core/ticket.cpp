#include "core/ticket.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <stdexcept>

namespace ticketbench {
namespace {

constexpr const char* kFormat = "ticketbench/ticket/1";

void check_shapes(const Ticket& ticket) {
  std::map<std::string, std::vector<int64_t>> expected;
  std::map<std::string, std::vector<int64_t>> buffers;
  for (const TensorShape& p : parameter_shapes(ticket.architecture)) {
    expected[p.name] = p.shape;
    if (p.shape.size() == 1 && p.name.ends_with(".weight")) {  // a norm's scale
      const std::string norm = p.name.substr(0, p.name.rfind('.'));
      buffers[norm + ".running_mean"] = buffers[norm + ".running_var"] = p.shape;
      buffers[norm + ".num_batches_tracked"] = {};
    }
  }
  if (ticket.mask.names() != ticket.prunable)
    throw std::invalid_argument("its masks are not those of its prunable list");
  for (const auto& [name, m] : ticket.mask) {
    const auto it = expected.find(name);
    if (it == expected.end())
      throw std::invalid_argument(
          fmt::format("{} is no parameter of {}", name, ticket.architecture.model));
    if (m.sizes().vec() != it->second) {
      throw std::invalid_argument(fmt::format("mask/{} has shape [{}], the architecture says [{}]",
                                              name, fmt::join(m.sizes(), ","),
                                              fmt::join(it->second, ",")));
    }
  }
  expected.merge(buffers);
  for (const State* state : {&ticket.rewind_to, &ticket.trained}) {
    if (state->empty()) continue;
    for (const auto& [name, tensor] : *state) {
      if (!expected.contains(name))
        throw std::invalid_argument(
            fmt::format("{} is no tensor of {}", name, ticket.architecture.model));
    }
    for (const auto& [name, shape] : expected) {
      if (!state->contains(name))
        throw std::invalid_argument(fmt::format("weights of {} are missing", name));
      if (state->at(name).sizes().vec() != shape) {
        throw std::invalid_argument(fmt::format("{} has shape [{}], the architecture says [{}]",
                                                name, fmt::join(state->at(name).sizes(), ","),
                                                fmt::join(shape, ",")));
      }
    }
  }
}

}  // namespace

void save_ticket(const std::filesystem::path& path, const Ticket& ticket) {
  TensorFile file{.tensors = {}, .metadata = ticket.origin};
  for (const auto& [name, m] : ticket.mask) file.tensors["mask/" + name] = m;
  for (const auto& [name, w] : ticket.rewind_to) file.tensors["rewind/" + name] = w;
  for (const auto& [name, w] : ticket.trained) file.tensors["trained/" + name] = w;
  for (const auto& [name, t] : ticket.extra) file.tensors["extra/" + name] = t;
  file.metadata["format"] = kFormat;
  file.metadata["architecture"] = nlohmann::json(ticket.architecture).dump();
  file.metadata["prunable"] = nlohmann::json(ticket.prunable).dump();
  file.metadata["level"] = std::to_string(ticket.level);
  file.metadata["rewind_iteration"] = std::to_string(ticket.rewind_iteration);
  write_safetensors(path, file);
}

Ticket load_ticket(const std::filesystem::path& path) {
  const TensorFile file = read_safetensors(path);
  Ticket ticket{.origin = file.metadata};
  try {
    const auto take = [&](const char* key) {
      const auto it = file.metadata.find(key);
      if (it == file.metadata.end())
        throw std::invalid_argument(fmt::format("its metadata has no '{}'", key));
      ticket.origin.erase(key);
      return it->second;
    };
    if (const std::string format = take("format"); format != kFormat) {
      throw std::invalid_argument(
          fmt::format("its format is '{}', expected '{}'", format, kFormat));
    }
    ticket.architecture = nlohmann::json::parse(take("architecture")).get<Architecture>();
    ticket.prunable = nlohmann::json::parse(take("prunable")).get<std::vector<std::string>>();
    ticket.level = std::stoll(take("level"));
    ticket.rewind_iteration = std::stoll(take("rewind_iteration"));
    std::map<std::string, torch::Tensor> masks;
    for (const auto& [name, tensor] : file.tensors) {
      const size_t slash = name.find('/');
      const std::string group = name.substr(0, slash);
      const std::string rest = slash == std::string::npos ? "" : name.substr(slash + 1);
      if (group == "mask") {
        if (tensor.element_size() != 1 || tensor.numel() == 0 ||
            tensor.view(torch::kUInt8).max().item<int64_t>() > 1) {
          throw std::invalid_argument(fmt::format("{} is not a mask of zeros and ones", name));
        }
        masks[rest] = tensor.view(torch::kBool);
      } else if (group == "rewind") {
        ticket.rewind_to[rest] = tensor;
      } else if (group == "trained") {
        ticket.trained[rest] = tensor;
      } else if (group == "extra") {
        ticket.extra[rest] = tensor;
      } else {
        throw std::invalid_argument(
            fmt::format("tensor '{}' is none of mask/, rewind/, trained/, extra/", name));
      }
    }
    for (const std::string& name : ticket.prunable) {
      if (!masks.contains(name))
        throw std::invalid_argument(fmt::format("mask/{} is missing", name));
      ticket.mask[name] = masks.at(name);
    }
    if (masks.size() != ticket.prunable.size())
      throw std::invalid_argument("it has masks of weights that aren't prunable");
    check_shapes(ticket);
  } catch (const nlohmann::json::exception& error) {
    throw std::invalid_argument(
        fmt::format("{}: not a sound ticket: {}", path.string(), error.what()));
  } catch (const std::logic_error& error) {
    throw std::invalid_argument(
        fmt::format("{}: not a sound ticket: {}", path.string(), error.what()));
  }
  return ticket;
}

}  // namespace ticketbench
