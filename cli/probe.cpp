// ticketbench probe: times layers and networks, dense and sparse.

#include "hardware/harness/probe.hpp"

#include "cli/cli.hpp"
#include "core/files.hpp"
#include "hardware/harness/probe_suite.hpp"
#include "hardware/harness/prober.hpp"
#include "reports/json_schema.hpp"
#include "reports/probe_text.hpp"
#include "suites/machine.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <revision.hpp>
#include <unistd.h>

namespace ticketbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Arguments {
  std::string suite;
  std::string model;
  std::string ticket;
  std::string tickets;
  std::string structure;
  std::vector<int64_t> shape;
  double density = -1;
  int64_t batch = 0;
  std::vector<int64_t> threads;
  int64_t repetitions = 0;
  bool cold = false;
  std::string device;
  std::string dtype;
  std::string filter = ".*";
  std::string results = "results";
  std::string format = "text";
  std::string command;
};

fs::path find_probe_suite(const std::string& name) {
  const fs::path folder = share_folder() / "suites";
  for (const fs::path& candidate : {fs::path(name), folder / "probes" / (name + ".json")}) {
    if (fs::is_regular_file(candidate)) return candidate;
  }
  std::vector<std::string> names;
  if (fs::is_directory(folder / "probes")) {
    for (const auto& entry : fs::directory_iterator(folder / "probes"))
      names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  throw std::invalid_argument(fmt::format("{}: no such file; probe suites that come along: {}",
                                          name, fmt::join(names, ", ")));
}

// The flags as fields; each goes over what a suite says.
json fields_of(const Arguments& a) {
  json fields = json::object();
  if (!a.model.empty()) fields["model"] = a.model;
  if (!a.ticket.empty()) fields["ticket"] = a.ticket;
  if (!a.structure.empty()) fields["structure"] = {{"kind", a.structure}};
  if (!a.shape.empty()) fields["shape"] = a.shape;
  if (a.density >= 0) fields["density"] = a.density;
  if (a.batch > 0) fields["batch"] = a.batch;
  if (!a.threads.empty()) fields["threads"] = a.threads;
  if (a.repetitions > 0) fields["repetitions"] = a.repetitions;
  if (a.cold) fields["cache"] = "cold";
  if (!a.device.empty()) fields["device"] = a.device;
  if (!a.dtype.empty()) fields["dtype"] = a.dtype;
  return fields;
}

// The whole network of every ticket below a results folder.
std::vector<ProbeSpec> specs_of_tickets(const std::string& folder, const json& flags) {
  if (flags.value("device", "cpu") != "cpu")
    throw std::invalid_argument("--tickets times whole networks, which only the CPU computes");
  if (!fs::is_directory(folder))
    throw std::invalid_argument(fmt::format("--tickets {}: no such folder of results", folder));
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".safetensors" &&
        entry.path().filename().string().starts_with("ticket_"))
      files.push_back(entry.path().string());
  }
  if (files.empty()) {
    throw std::invalid_argument(fmt::format(
        "--tickets {}: no ticket_LEVEL.safetensors there; 'ticketbench run --keep' leaves them",
        folder));
  }
  std::sort(files.begin(), files.end());
  std::vector<ProbeSpec> specs;
  for (const std::string& file : files) {
    json fields = {{"layers", false}, {"ticket", file}, {"min_seconds", 0.002}};
    fields.update(flags);
    specs.push_back(read_probe_spec(fields, ""));
  }
  return specs;
}

std::vector<ProbeSpec> specs_of(const Arguments& a) {
  const json flags = fields_of(a);
  if (!a.tickets.empty()) return specs_of_tickets(a.tickets, flags);
  if (a.suite.empty()) {
    if (a.model.empty() && a.ticket.empty() && a.shape.empty()) {
      throw std::invalid_argument(
          "nothing to time: a probe suite, --model, --ticket, --tickets or --shape expected");
    }
    return {read_probe_spec(flags, "")};
  }
  const fs::path path = find_probe_suite(a.suite);
  json document = parse_json(read_file(path), path.string());
  if (document.is_object() && document.contains("probes") && document["probes"].is_array()) {
    for (json& probe : document["probes"]) {
      if (probe.is_object()) probe.update(flags);
    }
  }
  return read_probe_suite(document, path.string());
}

std::regex filter_of(const std::string& text) {
  try {
    return std::regex(text);
  } catch (const std::regex_error& error) {
    throw std::invalid_argument(
        fmt::format("--filter {}: a regular expression expected ({})", text, error.what()));
  }
}

json provenance(ProbeDevice kind) {
  json machine = describe_machine(open_device(to_string(kind)));
  return {{"ticketbench", kVersion},
          {"git", kRevision},
          {"dirty", kDirty},
          {"compiler", kCompiler},
          {"libtorch", machine.at("libtorch")},
          {"device", machine.at("device")},
          {"host", machine.at("host")},
          {"cpu", machine.at("cpu")},
          {"gpu", machine.at("gpu")},
          {"cores", machine.at("cores")},
          {"started", utc_now()}};
}

void run(const Arguments& arguments, Exit& exit) {
  const std::vector<ProbeSpec> specs = specs_of(arguments);
  if (!arguments.ticket.empty() && !fs::is_regular_file(arguments.ticket))
    throw std::invalid_argument(fmt::format("{}: no such ticket file", arguments.ticket));
  const std::regex filter = filter_of(arguments.filter);
  const bool terminal = isatty(STDERR_FILENO) != 0;
  stop_on_signals();
  const auto on_gpu = [](const ProbeSpec& spec) {
    return spec.measurement.device == ProbeDevice::cuda;
  };
  if (std::any_of(specs.begin(), specs.end(), on_gpu) &&
      !Registry<Probe>::instance().contains("gpu_group")) {
    fmt::print(stderr,
               "ticketbench: built without a CUDA toolkit, so our GPU kernels aren't among what is "
               "timed; 'ci/setup --cuda' fetches one\n");
  }
  Calibrations calibrations;
  std::vector<ProbeFile> of_tickets;  // shown together at the end
  for (const ProbeSpec& spec : specs) {
    const ProbeObserver observer{
        .started =
            [&](const std::string& name, size_t number, size_t count) {
              if (terminal) {
                fmt::print(stderr, "\r\x1b[Kprobe {}/{}: {}", number, count, name);
              } else if (number == 1 && arguments.tickets.empty()) {
                fmt::print(stderr, "probe: {} layers and networks\n", count);
              }
            },
        .interrupted = stop_requested};
    json document;
    try {
      document = run_probe(spec, arguments.command, provenance(spec.measurement.device), filter,
                           calibrations, observer);
    } catch (const std::runtime_error& error) {
      if (!stop_requested()) throw;
      fmt::print(stderr, "\nticketbench: {}\n", error.what());
      exit.code = kAgain;
      return;
    }
    if (terminal) fmt::print(stderr, "\r\x1b[K");
    document["ticketbench"]["provenance"]["finished"] = utc_now();
    const std::string hash = document["ticketbench"]["hash"];
    const fs::path path = fs::path(arguments.results) / fmt::format("probe-{}.json", hash);
    to_file("--results", path.string(), [&] {
      fs::create_directories(arguments.results);
      // What can't be read again is never written.
      (void)parse_probe(document, path.string());
      write_atomically(path, document.dump(1) + "\n");
    });
    if (!arguments.tickets.empty()) {
      of_tickets.push_back(parse_probe(document, path.string()));
      continue;
    }
    if (arguments.format == "json") {
      fmt::print("{}\n", document.dump(1));
    } else {
      fmt::print("{}\n",
                 render(parse_probe(document, path.string()), parse_format(arguments.format)));
    }
    fmt::print(stderr, "written: {}\n", path.string());
  }
  if (of_tickets.empty()) return;
  fmt::print("{}\n", tickets_text(of_tickets));
  fmt::print(stderr, "written: {} files probe-*.json in {}\n", of_tickets.size(),
             arguments.results);
}

}  // namespace

void add_probe(CLI::App& app, Exit& exit) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("probe", "what sparse layers and networks cost on this machine");
  command->add_option("suite", arguments->suite,
                      "a probe suite: a file, or the name of one that comes along");
  command->add_option("--model", arguments->model,
                      "layers of this network, random weights and mask");
  command->add_option("--ticket", arguments->ticket, "layers and mask of this ticket")
      ->type_name("FILE");
  command
      ->add_option("--tickets", arguments->tickets,
                   "the whole network of every ticket below a folder of results")
      ->type_name("DIR");
  command
      ->add_option("--shape", arguments->shape,
                   "one layer: in,height,width,out,kernel,stride,padding")
      ->delimiter(',')
      ->expected(7);
  command->add_option("--density", arguments->density, "kept fraction of random masks; 0.1")
      ->check(CLI::Range(0.0, 1.0));
  command
      ->add_option("--structure", arguments->structure,
                   "of random masks: unstructured, filter, channel, group, block or n_m")
      ->check(CLI::IsMember(names_of<StructureKind>()));
  command->add_option("--batch", arguments->batch, "images; 128")->check(CLI::PositiveNumber);
  command->add_option("--threads", arguments->threads, "numbers of threads, each timed; 1")
      ->delimiter(',')
      ->check(CLI::PositiveNumber);
  command->add_option("--repetitions", arguments->repetitions, "of each contender; 9")
      ->check(CLI::PositiveNumber);
  command->add_flag("--cold", arguments->cold, "overwrite the caches before each call");
  command
      ->add_option("--device", arguments->device,
                   "cpu or cuda, on which only layers are timed; cpu")
      ->check(CLI::IsMember(names_of<ProbeDevice>()));
  command->add_option("--dtype", arguments->dtype, "on a GPU: fp32, tf32 or bf16; fp32")
      ->check(CLI::IsMember(names_of<ComputeType>()));
  command->add_option("--filter", arguments->filter, "only probes whose name it finds")
      ->type_name("REGEX")
      ->capture_default_str();
  command->add_option("--results", arguments->results, "where probe-HASH.json goes")
      ->capture_default_str();
  command->add_option("--format", arguments->format, "text, md or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "md", "json"}));
  command->callback([arguments, command, &exit] {
    arguments->command = "ticketbench probe";
    for (const CLI::Option* option : command->get_options()) {
      if (option->count() == 0 || option->get_name() == "--results") continue;
      if (!option->get_name().starts_with("--")) {
        arguments->command += " " + arguments->suite;
        continue;
      }
      arguments->command += " " + option->get_name();
      if (option->get_items_expected_max() > 0)
        arguments->command += fmt::format(" '{}'", fmt::join(option->results(), ","));
    }
    run(*arguments, exit);
  });
}

}  // namespace ticketbench
