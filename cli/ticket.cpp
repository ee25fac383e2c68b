// ticketbench ticket: what a ticket file holds, and how two differ.

#include "core/ticket.hpp"

#include "cli/cli.hpp"
#include "suites/harness/operating_point.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <filesystem>
#include <memory>

namespace ticketbench {
namespace {

Ticket ticket_at(const std::string& path) {
  if (!std::filesystem::is_regular_file(path))
    throw std::invalid_argument(fmt::format("{}: no such ticket file", path));
  return load_ticket(path);
}

void inspect(const std::string& path) {
  const Ticket ticket = ticket_at(path);
  const int64_t kept = ticket.mask.kept();
  fmt::print("{}: {}, level {}\n", path, ticket.architecture.model, ticket.level);
  for (const auto& [key, value] : ticket.origin) fmt::print("  {:<10} {}\n", key, value);
  fmt::print("  {:<10} {} of {} prunable weights, density {:.6f} (sparsity {:.4f})\n", "kept", kept,
             ticket.mask.total(), ticket.mask.density(), 1 - ticket.mask.density());
  fmt::print("  {:<10} {} of {} multiply-adds\n", "MACs",
             kept_macs(ticket.architecture, ticket.mask), mac_count(ticket.architecture));
  if (!ticket.rewind_to.empty())
    fmt::print("  {:<10} to iteration {}\n", "rewinds", ticket.rewind_iteration);
  fmt::print("  {:<10} mask{}{}{}\n\n", "holds", ticket.rewind_to.empty() ? "" : ", rewind",
             ticket.trained.empty() ? "" : ", trained",
             ticket.extra.empty()
                 ? ""
                 : fmt::format(", extra ({})", fmt::join(ticket.extra.names(), ", ")));
  for (const auto& [name, m] : ticket.mask) {
    const auto k = m.sum().item<int64_t>();
    fmt::print("  {:<36} {:>9} of {:>9}  {:.4f}\n", name, k, m.numel(),
               static_cast<double>(k) / static_cast<double>(m.numel()));
  }
}

void export_state(const std::string& path, const std::string& output) {
  const Ticket ticket = ticket_at(path);
  if (ticket.trained.empty())
    throw std::invalid_argument(fmt::format("{}: it holds no trained weights", path));
  to_file("OUTPUT", output, [&] {
    write_safetensors(output, {ticket.trained, {{"format", "pt"}}});
  });
  fmt::print("{}: {} tensors; in Python: safetensors.torch.load_file(\"{}\")\n", output,
             ticket.trained.size(), output);
  // The pool behind the stem tells torchvision's ImageNet networks from those with a CIFAR stem.
  if (ticket.architecture.stem_pool)
    fmt::print("load_state_dict of torchvision.models.{}(num_classes={}) takes them\n",
               ticket.architecture.model, ticket.architecture.classes());
}

void diff(const std::string& first, const std::string& second, Exit& exit) {
  const Ticket a = ticket_at(first);
  const Ticket b = ticket_at(second);
  if (nlohmann::json(a.architecture) != nlohmann::json(b.architecture) || a.prunable != b.prunable)
    throw std::invalid_argument(
        fmt::format("{} is a ticket of {}, {} one of {}: networks or prunable weights differ, so "
                    "nothing can be "
                    "compared",
                    first, a.architecture.model, second, b.architecture.model));
  int64_t differing = 0;
  const auto numbers = [&](const char* what, int64_t x, int64_t y) {
    if (x == y) return;
    ++differing;
    fmt::print("  {}: {} and {}\n", what, x, y);
  };
  numbers("level", a.level, b.level);
  numbers("rewind iteration", a.rewind_iteration, b.rewind_iteration);
  for (const auto& [name, m] : a.mask) {
    const torch::Tensor& other = b.mask.at(name);
    const auto only_a = m.logical_and(other.logical_not()).sum().item<int64_t>();
    const auto only_b = other.logical_and(m.logical_not()).sum().item<int64_t>();
    differing += only_a + only_b;
    if (only_a + only_b > 0)
      fmt::print("  {:<36} kept only in the first: {}, only in the second: {}\n", name, only_a,
                 only_b);
  }
  const auto states = [&](const char* what, const State& x, const State& y) {
    if (x.names() != y.names()) {
      fmt::print("  {}: different tensors\n", what);
      ++differing;
      return;
    }
    int64_t unequal = 0;
    double largest = 0;
    for (const auto& [name, t] : x) {
      const torch::Tensor& other = y.at(name);
      if (t.sizes() == other.sizes() && torch::equal(t, other)) continue;
      ++unequal;
      // Counters of batches would drown the weights.
      if (t.sizes() != other.sizes() || !t.is_floating_point()) continue;
      const double by =
          (t.to(torch::kFloat64) - other.to(torch::kFloat64)).abs().max().item<double>();
      largest = std::isnan(by) ? by : std::max(largest, by);
    }
    differing += unequal;
    fmt::print("  {}: {}\n", what,
               unequal == 0 ? "equal"
                            : fmt::format("{} of {} tensors differ, by at most {:g}", unequal,
                                          x.size(), largest));
  };
  states("rewind weights", a.rewind_to, b.rewind_to);
  states("trained weights", a.trained, b.trained);
  states("extra", a.extra, b.extra);
  fmt::print("{}\n", differing == 0 ? "equal" : "different");
  if (differing != 0) exit.code = kFailed;
}

}  // namespace

void add_ticket(CLI::App& app, Exit& exit) {
  CLI::App* command = app.add_subcommand("ticket", "ticket files (safetensors)");
  command->require_subcommand(1);
  auto paths = std::make_shared<std::array<std::string, 2>>();

  CLI::App* show = command->add_subcommand("inspect", "architecture, counts, layers");
  show->add_option("file", (*paths)[0], "a ticket")->required();
  show->callback([paths] { inspect((*paths)[0]); });

  CLI::App* out =
      command->add_subcommand("export", "the trained weights alone, for load_state_dict");
  out->add_option("file", (*paths)[0], "a ticket")->required();
  out->add_option("output", (*paths)[1], "a safetensors file to write")->required();
  out->callback([paths] { export_state((*paths)[0], (*paths)[1]); });

  CLI::App* compare =
      command->add_subcommand("diff", "where two tickets differ; exit code 1 if they do");
  compare->add_option("first", (*paths)[0], "a ticket")->required();
  compare->add_option("second", (*paths)[1], "a ticket")->required();
  compare->callback([paths, &exit] { diff((*paths)[0], (*paths)[1], exit); });
}

}  // namespace ticketbench
